//===- KvStore.cpp - Keys and values into the cache, right everywhere -----===//
//
// A unit of a row at a time: its floats are computed as vectors, then stored.
// Keys are scattered, a dim (or a quad) every 16 elements, and so are the bytes of
// values; the rows of a unit follow each other, so that a line that was fetched
// takes the neighbouring positions too.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/KvStore.h"
#include "targets/generic/schedules/Pairs.h"

#include <numeric>

namespace ingot {

void scheduleKvStoreGeneric(KvStore &k, const Level &level) {
  const int unit = int(k.layout.unit);
  const int lanes = std::gcd(level.vectorBits / 32, unit);
  const int quad = std::gcd(level.vectorBits / 32, 4); // one, where floats are no vectors
  if (k.keys && k.layout.scaled())
    k.store.update()
        .reorder(k.item, k.quad, k.share.x, k.share.y)
        .vectorize(k.item, quad)
        .unroll(k.quad);
  else if (k.keys)
    k.store.update()
        .reorder(k.item, k.quad, k.share.x, k.share.y)
        .unroll(k.item)
        .vectorize(k.quad, lanes);
  else
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
