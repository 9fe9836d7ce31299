/* malloc: small blocks in bins of powers of two, large ones as pages of their own. A program makes
 * one session and a few arrays that grow. */

#include "System.h"

struct header {
  uint32_t bin; /* of a small block; LARGE otherwise */
  uint32_t room;
  void *pages; /* a small free block: the next one */
  size_t page_bytes;
};
_Static_assert(sizeof(struct header) == 16, "keeps what follows aligned to 16");

enum { LARGE = 32, SMALLEST = 5, LARGEST = 16, CHUNK = 1 << 20 };

static struct header *free_blocks[LARGEST + 1];
static char *chunk, *chunk_end;

void *memalign(size_t alignment, size_t bytes) {
  if (alignment < 16)
    alignment = 16;
  if (bytes > SIZE_MAX - alignment - sizeof(struct header))
    return 0;
  const size_t page_bytes = bytes + alignment + sizeof(struct header);
  char *pages = mmap(0, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED)
    return 0;
  const uintptr_t at =
      ((uintptr_t)pages + sizeof(struct header) + alignment - 1) & ~(uintptr_t)(alignment - 1);
  struct header *header = (struct header *)at - 1;
  *header = (struct header){LARGE, (uint32_t)bytes, pages, page_bytes};
  return (void *)at;
}

void *malloc(size_t bytes) {
  uint32_t bin = SMALLEST;
  while (bin <= LARGEST && ((size_t)1 << bin) < bytes)
    ++bin;
  if (bin > LARGEST)
    return memalign(16, bytes);
  struct header *header = free_blocks[bin];
  const size_t whole = sizeof *header + ((size_t)1 << bin);
  if (header) {
    free_blocks[bin] = header->pages;
  } else {
    if ((size_t)(chunk_end - chunk) < whole) {
      char *fresh = mmap(0, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (fresh == MAP_FAILED)
        return 0;
      chunk = fresh;
      chunk_end = fresh + CHUNK;
    }
    header = (struct header *)(void *)chunk;
    chunk += whole;
  }
  *header = (struct header){bin, (uint32_t)1 << bin, 0, 0};
  return header + 1;
}

void free(void *at) {
  if (!at)
    return;
  struct header *header = (struct header *)at - 1;
  if (header->bin == LARGE) {
    munmap(header->pages, header->page_bytes);
    return;
  }
  header->pages = free_blocks[header->bin];
  free_blocks[header->bin] = header;
}

void *realloc(void *at, size_t bytes) {
  const size_t had = at ? ((struct header *)at - 1)->room : 0;
  if (at && bytes <= had)
    return at;
  void *grown = malloc(bytes);
  if (!grown)
    return 0;
  memcpy(grown, at, had);
  free(at);
  return grown;
}
