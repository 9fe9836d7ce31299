//===- Allocations.h - How much a reader allocates ------------------------===//
#ifndef INGOT_TEST_COMPILER_IMPORT_ALLOCATIONS_H
#define INGOT_TEST_COMPILER_IMPORT_ALLOCATIONS_H

#include <cstddef>

namespace ingot::test {

/// Counts heap bytes from its construction on; one at a time. Works through
/// the sanitizer's allocator hooks, so libraries are counted as well.
class AllocationMeter {
public:
  AllocationMeter();
  ~AllocationMeter();

  /// The most bytes that were live at once.
  size_t peak() const;
};

} // namespace ingot::test

#endif // INGOT_TEST_COMPILER_IMPORT_ALLOCATIONS_H
