//===- AttentionSpec.cpp - Arguments of rope, cache and attention ---------===//

#include "codegen/kernels/AttentionSpec.h"
#include "codegen/formats/Format.h"
#include "codegen/kernels/KvStoreSpec.h"
#include "codegen/kernels/Registry.h"

using namespace ingot;

static constexpr int64_t kDynamic = KernelArg::kDynamic;
static constexpr auto kInput = KernelArg::Kind::Input;
static constexpr auto kOutput = KernelArg::Kind::Output;

static constexpr int64_t kMaxHeads = 1024, kMaxHeadDim = 1024;

namespace {

struct HeadParams {
  int64_t heads, kvHeads, headDim;

  explicit HeadParams(ParamReader &params)
      : heads(params.required("heads", 1, kMaxHeads)),
        kvHeads(params.required("kv_heads", 1, kMaxHeads)),
        headDim(params.required("head_dim", 2, kMaxHeadDim, 2)) {}

  bool grouped(const KernelSpec &spec, std::string &error) const {
    if (heads % kvHeads == 0)
      return true;
    error = "'" + spec.algorithm + "': parameter 'heads' is " + std::to_string(heads) +
            ", expected a multiple of 'kv_heads' (" + std::to_string(kvHeads) + ")";
    return false;
  }

  int64_t width() const {
    return ((heads + 2 * kvHeads) * headDim + kRowBlock - 1) / kRowBlock * kRowBlock;
  }
};

} // namespace

std::optional<KernelSignature> ingot::signatureOfRopeAngles(const KernelSpec &spec,
                                                            std::string &error) {
  ParamReader params(spec, error);
  const int64_t headDim = params.required("head_dim", 2, kMaxHeadDim, 2);
  if (!params.finish())
    return std::nullopt;
  return KernelSignature{{scalarArg("begin"), scalarArg("end"), scalarArg("position"),
                          inputArg("inv_freq", KernelType::F32, {headDim / 2}),
                          outputArg("cs", KernelType::F32, {headDim, kDynamic})}};
}

std::optional<KernelSignature> ingot::signatureOfRopeQBytes(const KernelSpec &spec,
                                                            std::string &error) {
  ParamReader params(spec, error);
  const HeadParams h(params);
  const int64_t wanted = kvUnit(KvKind::Q8, h.headDim);
  params.required("unit", wanted, wanted);
  if (!params.finish() || !h.grouped(spec, error))
    return std::nullopt;
  const KvLayout layout(KvKind::Q8, h.kvHeads, h.headDim);
  const int64_t units = h.heads * layout.groups();
  return KernelSignature{{scalarArg("rows"), scalarArg("begin"), scalarArg("end"),
                          inputArg("qkv", KernelType::F32, {h.width(), kDynamic}),
                          inputArg("cs", KernelType::F32, {h.headDim, kDynamic}),
                          outputArg("q", KernelType::I8, {units * layout.storedUnit(), kDynamic}),
                          outputArg("q_scale", KernelType::F32, {units, kDynamic}),
                          outputArg("q_sum", KernelType::F32, {units, kDynamic})}};
}

std::optional<KernelSignature> ingot::signatureOfRopeQ(const KernelSpec &spec, std::string &error) {
  ParamReader params(spec, error);
  const HeadParams h(params);
  const int64_t unit = params.required("unit", 2, h.headDim, 2);
  if (!params.finish() || !h.grouped(spec, error))
    return std::nullopt;
  if (h.headDim % unit) {
    error = "'" + spec.algorithm + "': parameter 'unit' is " + std::to_string(unit) +
            ", expected a divisor of 'head_dim' (" + std::to_string(h.headDim) + ")";
    return std::nullopt;
  }
  return KernelSignature{{scalarArg("rows"), scalarArg("begin"), scalarArg("end"),
                          inputArg("qkv", KernelType::F32, {h.width(), kDynamic}),
                          inputArg("cs", KernelType::F32, {h.headDim, kDynamic}),
                          outputArg("q", KernelType::F32, {h.heads * h.headDim, kDynamic})}};
}

std::optional<KernelSignature> ingot::signatureOfKvStore(const KernelSpec &spec,
                                                         std::string &error) {
  ParamReader params(spec, error);
  const HeadParams h(params);
  const KvKind kind = kvKindOf(spec.algorithm);
  const int64_t wanted = kvUnit(kind, h.headDim);
  params.required("unit", wanted, wanted);
  if (!params.finish() || !h.grouped(spec, error))
    return std::nullopt;
  const KvLayout layout(kind, h.kvHeads, h.headDim);
  const bool keys = spec.algorithm.starts_with("kv_store_k_");
  KernelSignature signature{{scalarArg("rows"), scalarArg("begin"), scalarArg("end"),
                             scalarArg("position"),
                             inputArg("qkv", KernelType::F32, {h.width(), kDynamic})}};
  if (keys)
    signature.args.push_back(inputArg("cs", KernelType::F32, {h.headDim, kDynamic}));
  signature.args.push_back((keys ? kvKeys(layout) : kvValues(layout)).arg(kOutput));
  if (layout.scaled())
    signature.args.push_back((keys ? kvKeyScales(layout) : kvValueScales(layout)).arg(kOutput));
  return signature;
}

/// Attention over a block, whatever the cache holds.
static std::optional<KernelSignature> signatureOfBlock(const KernelSpec &spec, std::string &error) {
  ParamReader params(spec, error);
  const HeadParams h(params);
  if (!params.finish() || !h.grouped(spec, error))
    return std::nullopt;
  const KvLayout layout(kvKindOf(spec.algorithm), h.kvHeads, h.headDim);
  const int64_t units = h.heads * layout.groups(), dims = units * layout.storedUnit();
  KernelSignature signature{
      {scalarArg("begin"), scalarArg("end"), scalarArg("head"), scalarArg("block"),
       scalarArg("position"),
       inputArg("q", layout.scaled() ? KernelType::I8 : KernelType::F32, {dims, kDynamic})}};
  if (layout.scaled()) {
    signature.args.push_back(inputArg("q_scale", KernelType::F32, {units, kDynamic}));
    signature.args.push_back(inputArg("q_sum", KernelType::F32, {units, kDynamic}));
  }
  signature.args.push_back(kvKeys(layout).arg(kInput));
  if (layout.scaled())
    signature.args.push_back(kvKeyScales(layout).arg(kInput));
  signature.args.push_back(kvValues(layout).arg(kInput));
  if (layout.scaled())
    signature.args.push_back(kvValueScales(layout).arg(kInput));
  signature.args.push_back(outputArg("partial", KernelType::F32,
                                     {partialStride(h.headDim), h.heads / h.kvHeads, kDynamic}));
  return signature;
}

std::optional<KernelSignature> ingot::signatureOfAttentionPartial(const KernelSpec &spec,
                                                                  std::string &error) {
  return signatureOfBlock(spec, error);
}

std::optional<KernelSignature> ingot::signatureOfAttentionBytes(const KernelSpec &spec,
                                                                std::string &error) {
  return signatureOfBlock(spec, error);
}

std::optional<KernelSignature> ingot::signatureOfAttentionCombine(const KernelSpec &spec,
                                                                  std::string &error) {
  ParamReader params(spec, error);
  const int64_t heads = params.required("heads", 1, kMaxHeads);
  const int64_t headDim = params.required("head_dim", 2, kMaxHeadDim, 2);
  const int64_t tile = params.required("tile", 1, 4096);
  const int64_t itemHeads = params.required("item_heads", 1, heads);
  if (!params.finish())
    return std::nullopt;
  if (heads % itemHeads) {
    error = "'" + spec.algorithm + "': parameter 'item_heads' is " + std::to_string(itemHeads) +
            ", expected a divisor of 'heads' (" + std::to_string(heads) + ")";
    return std::nullopt;
  }
  return KernelSignature{
      {scalarArg("begin"), scalarArg("end"), scalarArg("head"), scalarArg("position"),
       inputArg("partial", KernelType::F32, {partialStride(headDim), itemHeads, tile, kDynamic}),
       outputArg("y", KernelType::F32, {heads * headDim, kDynamic})}};
}
