/* Decodes 100 tokens greedily between two marks on stdout, and counts every allocation in between.
 * The allocator is replaced for the whole program, so the runtime's and libc's own calls count. */
#include "ingot/ingot.h"
#include "smollm2.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

static int calls;
#define COUNT() __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED)

void *malloc(size_t n) { return COUNT(), __libc_malloc(n); }
void *calloc(size_t n, size_t m) { return COUNT(), __libc_calloc(n, m); }
void *realloc(void *p, size_t n) { return COUNT(), __libc_realloc(p, n); }
void *memalign(size_t a, size_t n) { return COUNT(), __libc_memalign(a, n); }
void *aligned_alloc(size_t a, size_t n) { return COUNT(), __libc_memalign(a, n); }
int posix_memalign(void **p, size_t a, size_t n) {
  COUNT();
  *p = __libc_memalign(a, n);
  return *p ? 0 : 12;
}
void free(void *p) {
  COUNT();
  __libc_free(p);
}

#define CHECK(call)                                                                                \
  do {                                                                                             \
    ingot_status status_ = (call);                                                                 \
    if (status_ != INGOT_OK) {                                                                     \
      fprintf(stderr, "%s: %s\n", #call, ingot_status_string(status_));                            \
      return 1;                                                                                    \
    }                                                                                              \
  } while (0)

static int32_t argmax(const float *logits, size_t count) {
  size_t best = 0;
  for (size_t i = 1; i < count; ++i)
    if (logits[i] > logits[best])
      best = i;
  return (int32_t)best;
}

static void put(const char *text) {
  if (write(1, text, strlen(text)) < 0)
    _exit(3);
}

int main(void) {
  const ingot_model *model = ingot_model_smollm2();
  ingot_session_options options = {.size = sizeof options, .threads = 2};
  ingot_session *session;
  CHECK(ingot_session_create(model, &options, NULL, 0, &session));
  const char prompt[] = "Once upon a time, in a village at the edge of a large forest,";
  int32_t ids[64];
  size_t count = 64;
  CHECK(ingot_tokenize(model, prompt, sizeof prompt - 1, 0, ids, &count));
  CHECK(ingot_session_prefill(session, ids, count));

  int before = 0;
  for (int i = 0; i < 110; ++i) {
    if (i == 10) { /* the first steps may still fault pages in */
      before = __atomic_load_n(&calls, __ATOMIC_RELAXED);
      put("MARK-BEGIN\n");
    }
    const float *logits;
    size_t vocabulary;
    CHECK(ingot_session_logits(session, &logits, &vocabulary));
    CHECK(ingot_session_decode(session, argmax(logits, vocabulary)));
    put(".\n");
  }
  put("MARK-END\n");
  int counted = __atomic_load_n(&calls, __ATOMIC_RELAXED) - before;
  ingot_session_destroy(session);
  printf("allocator calls: %d\n", counted);
  return 0;
}
