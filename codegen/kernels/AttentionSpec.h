//===- AttentionSpec.h - Where a partial result of attention lies ---------===//
//
// Halide-free: the plan sizes its buffers with it.
//
// Calling sequence, the same for decoding and prefill; a *tile* is a run of
// token rows that one thread carries through all blocks, an *item* a KV head of
// a tile:
//
//   decode   partial f32[blocks][kv_heads][group][stride] in the arena, where
//            blocks = position / 64 + 1.
//            items i = block * kv_heads + head, in shares of a thread:
//              attention_partial(begin 0, end 1, head, block, position; q, kv...;
//                                partial + i * group * stride)
//            barrier, then every thread (or one, or a share of the KV heads):
//              attention_combine{tile 1, item_heads = heads}(begin 0, end 1,
//                                head 0, position; partial; y)
//   prefill  partial f32[max blocks][tile][group][stride] in the thread's scratch.
//            For its items (tile of rows [b, e), head):
//              for block in [0, (position + e - 1) / 64]:
//                attention_partial(b, e, head, block, position; q, kv...;
//                                  partial + block * tile * group * stride)
//              attention_combine{tile, item_heads = group}(b, e, head, position;
//                                  partial; y)
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_ATTENTIONSPEC_H
#define INGOT_CODEGEN_KERNELS_ATTENTIONSPEC_H

#include <cstdint>

namespace ingot {

/// Floats of one (row, head): o, m, l, padded to cache lines.
constexpr int64_t partialStride(int64_t headDim) { return (headDim + 2 + 15) / 16 * 16; }
constexpr int64_t partialM(int64_t headDim) { return headDim; }
constexpr int64_t partialL(int64_t headDim) { return headDim + 1; }

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_ATTENTIONSPEC_H
