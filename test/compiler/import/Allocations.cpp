#include "test/compiler/import/Allocations.h"

#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <cstdint>

using namespace ingot::test;

// The hooks are called from inside malloc: plain numbers, no allocation. The
// tests have one thread.
static bool counting = false;
static int64_t live = 0, most = 0;

static void onMalloc(const volatile void *, size_t bytes) {
  if (!counting)
    return;
  live += int64_t(bytes);
  most = std::max(most, live);
}

static void onFree(const volatile void *pointer) {
  if (counting && pointer)
    live -= int64_t(__sanitizer_get_allocated_size(const_cast<const void *>(pointer)));
}

AllocationMeter::AllocationMeter() {
  static int installed = __sanitizer_install_malloc_and_free_hooks(onMalloc, onFree);
  (void)installed;
  live = most = 0;
  counting = true;
}

AllocationMeter::~AllocationMeter() { counting = false; }

size_t AllocationMeter::peak() const { return size_t(most); }
