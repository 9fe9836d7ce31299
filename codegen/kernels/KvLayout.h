//===- KvLayout.h - Where keys and values of one slot lie -----------------===//
//
// What it is   The KV cache of one slot (one run of a block): for every block
//              of 64 positions, for every KV head, the keys and then the values
//              of that head at those positions.
//
//                slot     [block][kv head] parts, every part `partBytes` long
//                part     keys, values
//
//              keys     [4]( [head_dim][16 positions] )
//              values   [4]( [16 positions][head_dim] )
//
//              in runs of 16 positions, of f16 or f32; and of i8, in quads, with
//              groups of `unit` dims that share a scale at one position:
//
//              keys     f16 [group][64], [4]( [head_dim / 4][16 positions][4 dims] )
//              values   f16 [group][64], [4]( [4][head_dim][4 positions] )
//
//              A unit that is no multiple of 4 is filled up with bytes that count
//              for nothing.
//
// Why          A query meets 16 keys at a time: lanes are positions, and one
//              dim's keys are one vector. A weight meets one value row: lanes are
//              dims. Bytes are multiplied in fours: four dims of a key meet four
//              of a query, four positions of a dim four weights. All is read
//              front to back, the scales of a block first (between its runs they
//              broke the stream), so an item (block, head) is one stream, and so
//              are the items of a thread: their order in memory is the order of
//              their numbers, item = block * kv_heads + head. Since blocks are
//              outermost, no offset depends on the capacity. A new key is
//              scattered, a dim every 16 elements: with 64 in a row every dim was
//              a cache line of its own, and what one thread stores another reads.
// Bits         16, 32, or 8 + 16 / unit a number.
// Who else     kv_store_k_* and kv_store_v_* write it, attention_partial_* reads
//              it. Positions that were never written hold anything at all. Saved
//              states hold it as it is: who changes it raises their version
//              (runtime/src/State.cpp).
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_KVLAYOUT_H
#define INGOT_CODEGEN_KERNELS_KVLAYOUT_H

#include <cstdint>
#include <string_view>

namespace ingot {

/// Positions of a block of the cache, the step in which attention is combined.
inline constexpr int64_t kKvBlock = 64;
/// Positions of a run: whose keys are vectors, and whose scales lie together.
inline constexpr int64_t kKvRun = 16;
inline constexpr int64_t kKvRuns = kKvBlock / kKvRun;

enum class KvKind : uint8_t { F16, F32, Q8 };

constexpr std::string_view kvKindName(KvKind kind) {
  return kind == KvKind::F16 ? "f16" : kind == KvKind::F32 ? "f32" : "q8";
}

/// Dims that one thread ropes and stores at a time, which the partition of the
/// QKV matrix must not divide: 16 rows, 32 for q8 (its scale's group), or the
/// whole head where head_dim is no multiple of that.
constexpr int64_t kvUnit(KvKind kind, int64_t headDim) {
  const int64_t unit = kind == KvKind::Q8 ? 32 : 16;
  return headDim % unit == 0 ? unit : headDim;
}

/// The layout of a slot. All offsets and strides are bytes.
struct KvLayout {
  KvKind kind;
  int64_t kvHeads, headDim, unit;

  constexpr KvLayout(KvKind kind, int64_t kvHeads, int64_t headDim)
      : kind(kind), kvHeads(kvHeads), headDim(headDim), unit(kvUnit(kind, headDim)) {}

  constexpr bool scaled() const { return kind == KvKind::Q8; }
  constexpr int64_t elementBytes() const {
    return kind == KvKind::Q8 ? 1 : kind == KvKind::F16 ? 2 : 4;
  }
  constexpr int64_t groups() const { return headDim / unit; }
  /// Numbers that are multiplied together, neighbours in memory.
  constexpr int64_t quad() const { return scaled() ? 4 : 1; }
  /// Dims of a unit with what fills it up.
  constexpr int64_t storedUnit() const { return (unit + quad() - 1) / quad() * quad(); }
  constexpr int64_t storedDims() const { return groups() * storedUnit(); }

  /// Keys or values of 16 positions, without scales.
  constexpr int64_t runBytes() const { return kKvRun * storedDims() * elementBytes(); }
  /// Scales of a block, in front of its keys and of its values.
  constexpr int64_t scaleBytes() const { return scaled() ? kKvBlock * 2 * groups() : 0; }
  /// Of the keys' and the values' scales, and of what follows them, in the part.
  constexpr int64_t keysOffset() const { return scaleBytes(); }
  constexpr int64_t valueScalesOffset() const { return keysOffset() + kKvRuns * runBytes(); }
  constexpr int64_t valuesOffset() const { return valueScalesOffset() + scaleBytes(); }
  /// One head's part of one block.
  constexpr int64_t partBytes() const { return valuesOffset() + kKvRuns * runBytes(); }
  constexpr int64_t blockBytes() const { return kvHeads * partBytes(); }
  constexpr int64_t bytesPerPosition() const { return blockBytes() / kKvBlock; }
  /// A slot of `capacity` positions, a multiple of 64.
  constexpr int64_t slotBytes(int64_t capacity) const { return capacity / kKvBlock * blockBytes(); }
  constexpr int64_t partOffset(int64_t head, int64_t block) const {
    return block * blockBytes() + head * partBytes();
  }
};

static_assert(KvLayout(KvKind::F16, 3, 64).bytesPerPosition() == 3 * 64 * 2 * 2);
static_assert(KvLayout(KvKind::Q8, 3, 64).bytesPerPosition() == 3 * (64 + 4) * 2);
static_assert(KvLayout(KvKind::F16, 3, 64).partBytes() % 64 == 0, "parts begin on cache lines");
static_assert(KvLayout(KvKind::Q8, 1, 4).partBytes() % 64 == 0, "parts begin on cache lines");
static_assert(KvLayout(KvKind::Q8, 1, 10).partBytes() % 64 == 0, "parts begin on cache lines");

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_KVLAYOUT_H
