//===- KvStoreSpec.cpp - Views of the cache -------------------------------===//

#include "codegen/kernels/KvStoreSpec.h"

using namespace ingot;

static constexpr int64_t kBlocks = KernelArg::kDynamic;

static KernelType elementType(KvKind kind) {
  return kind == KvKind::F16   ? KernelType::F16
         : kind == KvKind::F32 ? KernelType::F32
                               : KernelType::I8;
}

/// The scales of keys or of values, those of a block together.
static KvView scales(const char *name, const KvLayout &l, int64_t byteOffset) {
  return {name,
          KernelType::F16,
          {kKvBlock, l.groups(), l.kvHeads, kBlocks},
          {1, kKvBlock, l.partBytes() / 2, l.blockBytes() / 2},
          byteOffset};
}

KvView ingot::kvKeys(const KvLayout &l) {
  const int64_t bytes = l.elementBytes(), quad = l.quad();
  return {"kv_keys",
          elementType(l.kind),
          {quad, kKvRun, l.storedUnit() / quad, l.groups(), kKvRuns, l.kvHeads, kBlocks},
          {1, quad, kKvRun * quad, kKvRun * l.storedUnit(), l.runBytes() / bytes,
           l.partBytes() / bytes, l.blockBytes() / bytes},
          l.keysOffset()};
}

KvView ingot::kvKeyScales(const KvLayout &l) { return scales("kv_key_scales", l, 0); }

KvView ingot::kvValues(const KvLayout &l) {
  const int64_t bytes = l.elementBytes(), quad = l.quad();
  return {"kv_values",
          elementType(l.kind),
          {quad, l.unit, l.groups(), kKvBlock / quad, l.kvHeads, kBlocks},
          {1, quad, quad * l.storedUnit(), quad * l.storedDims(), l.partBytes() / bytes,
           l.blockBytes() / bytes},
          l.valuesOffset()};
}

KvView ingot::kvValueScales(const KvLayout &l) {
  return scales("kv_value_scales", l, l.valueScalesOffset());
}

KvKind ingot::kvKindOf(std::string_view algorithm) {
  for (KvKind kind : {KvKind::F32, KvKind::Q8})
    if (algorithm.ends_with(kvKindName(kind)))
      return kind;
  return KvKind::F16;
}
