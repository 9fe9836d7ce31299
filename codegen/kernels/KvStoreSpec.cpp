//===- KvStoreSpec.cpp - Views of the cache -------------------------------===//

#include "codegen/kernels/KvStoreSpec.h"

using namespace ingot;

static constexpr int64_t kBlocks = KernelArg::kDynamic;

static KernelType elementType(KvKind kind) {
  return kind == KvKind::F16   ? KernelType::F16
         : kind == KvKind::F32 ? KernelType::F32
                               : KernelType::I8;
}

KvView ingot::kvKeys(const KvLayout &l) {
  const int64_t bytes = l.elementBytes();
  return {"kv_keys",
          elementType(l.kind),
          {kKvBlock, l.unit, l.groups(), l.kvHeads, kBlocks},
          {1, kKvBlock, l.keyGroupBytes() / bytes, l.partBytes() / bytes, l.blockBytes() / bytes},
          0};
}

KvView ingot::kvKeyScales(const KvLayout &l) {
  return {"kv_key_scales",
          KernelType::F16,
          {kKvBlock, l.groups(), l.kvHeads, kBlocks},
          {1, l.keyGroupBytes() / 2, l.partBytes() / 2, l.blockBytes() / 2},
          l.keyScalesOffset()};
}

KvView ingot::kvValues(const KvLayout &l) {
  const int64_t bytes = l.elementBytes();
  return {"kv_values",
          elementType(l.kind),
          {l.unit, l.groups(), kKvValueRun, kKvBlock / kKvValueRun, l.kvHeads, kBlocks},
          {1, l.unit, l.headDim, l.valueRunBytes() / bytes, l.partBytes() / bytes,
           l.blockBytes() / bytes},
          l.valuesOffset()};
}

KvView ingot::kvValueScales(const KvLayout &l) {
  return {"kv_value_scales",
          KernelType::F16,
          {kKvValueRun, l.groups(), kKvBlock / kKvValueRun, l.kvHeads, kBlocks},
          {1, kKvValueRun, l.valueRunBytes() / 2, l.partBytes() / 2, l.blockBytes() / 2},
          l.valueScalesOffset()};
}

KvKind ingot::kvKindOf(std::string_view algorithm) {
  for (KvKind kind : {KvKind::F32, KvKind::Q8})
    if (algorithm.ends_with(kvKindName(kind)))
      return kind;
  return KvKind::F16;
}
