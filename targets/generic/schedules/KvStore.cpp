//===- KvStore.cpp - Keys and values into the cache, right everywhere -----===//
//
// A unit of a row at a time: its floats are computed as vectors, then stored.
// Keys are scattered, a dim every 16 elements; the rows of a unit follow each
// other, so that a line that was fetched takes the neighbouring positions too.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/KvStore.h"
#include "targets/generic/schedules/Pairs.h"

#include <numeric>

namespace ingot {

void scheduleKvStoreGeneric(KvStore &k, const Level &level) {
  const int unit = int(k.layout.unit);
  const int lanes = std::gcd(level.vectorBits / 32, unit);
  k.store.update().reorder(k.index, k.share.x, k.share.y).vectorize(k.index, lanes);
  if (k.layout.scaled())
    k.largest.compute_at(k.scales, k.share.x);

  for (size_t pass = 0; pass < k.values.size(); ++pass) {
    Halide::Func &consumer = pass + 1 == k.values.size() ? k.store : k.scales;
    Halide::Func &values = k.values[pass].compute_at(consumer, k.share.x);
    if (k.keys)
      vectorizePairs(values, k.index, pairLanes(level.vectorBits, unit));
    else
      values.vectorize(k.index, lanes);
  }
}

} // namespace ingot
