//===- BuildModule.cpp - From an architecture to the llm dialect ----------===//

#include "compiler/import/BuildModule.h"

#include "compiler/import/CheckTensors.h"
#include "dialects/llm/Llm.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringMap.h"

#include <cmath>

using namespace ingot;
using namespace mlir;

namespace {

class ModuleBuilder {
public:
  ModuleBuilder(MLIRContext &context, const ArchSpec &arch, const WeightSource &weights);

  OwningOpRef<ModuleOp> build();

private:
  void buildWeights();
  void buildBlock(int64_t block);
  Value buildAttention(const std::string &name, Value x, Value slot);
  Value buildFeedForward(const std::string &name, Value x);
  void buildForward();

  void weight(const llvm::Twine &symbol, const llvm::Twine &tensor);
  Value rmsNorm(Value x, const llvm::Twine &weight);
  Value linear(Value x, const llvm::Twine &weight, int64_t columns);
  Value rope(Value x);

  RankedTensorType rows(int64_t columns) {
    return RankedTensorType::get({ShapedType::kDynamic, columns}, ops.getF32Type());
  }
  FlatSymbolRefAttr symbol(const llvm::Twine &name) {
    return FlatSymbolRefAttr::get(ops.getStringAttr(name));
  }
  static std::string blockName(int64_t block) { return "block_" + std::to_string(block); }

  const ArchSpec &arch;
  llvm::StringMap<const TensorView *> tensors;
  ImplicitLocOpBuilder ops;
};

} // namespace

ModuleBuilder::ModuleBuilder(MLIRContext &context, const ArchSpec &arch,
                             const WeightSource &weights)
    : arch(arch), ops(UnknownLoc::get(&context), &context) {
  for (const TensorView &view : weights.tensors())
    tensors[view.name] = &view;
}

OwningOpRef<ModuleOp> ModuleBuilder::build() {
  OwningOpRef<ModuleOp> module = ModuleOp::create(ops.getLoc());
  ops.setInsertionPointToEnd(module->getBody());
  auto model = llm::ModelOp::create(ops, arch.name, arch.maxContext);
  ops.setInsertionPointToEnd(&model.getBody().emplaceBlock());
  buildWeights();
  for (int64_t block = 0; block < arch.numLayers; ++block)
    buildBlock(block);
  buildForward();
  return module;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

void ModuleBuilder::buildWeights() {
  weight("embedding", "model.embed_tokens.weight");
  for (int64_t block = 0; block < arch.numLayers; ++block) {
    const std::string name = blockName(block);
    const std::string layer = "model.layers." + std::to_string(block);
    weight(name + "_attention_norm", layer + ".input_layernorm.weight");
    weight(name + "_q", layer + ".self_attn.q_proj.weight");
    weight(name + "_k", layer + ".self_attn.k_proj.weight");
    weight(name + "_v", layer + ".self_attn.v_proj.weight");
    weight(name + "_o", layer + ".self_attn.o_proj.weight");
    weight(name + "_mlp_norm", layer + ".post_attention_layernorm.weight");
    weight(name + "_gate", layer + ".mlp.gate_proj.weight");
    weight(name + "_up", layer + ".mlp.up_proj.weight");
    weight(name + "_down", layer + ".mlp.down_proj.weight");
  }
  weight("final_norm", "model.norm.weight");
  if (!arch.tieEmbeddings)
    weight("head", "lm_head.weight");
}

void ModuleBuilder::weight(const llvm::Twine &symbol, const llvm::Twine &tensor) {
  const TensorView &view = *tensors.at(tensor.str());
  const bool isVector = view.shape.size() == 1;
  const llvm::StringRef format =
      isVector || view.type == ingot::TensorType::BF16 ? "f32" : tensorTypeName(view.type);
  auto source = llm::SourceAttr::get(ops.getContext(), view.name, view.shape[0],
                                     isVector ? 1 : view.shape[1], /*ropeInterleave=*/0);
  ops.setLoc(NameLoc::get(ops.getStringAttr(view.name)));
  llm::WeightOp::create(ops, symbol.str(),
                        llm::WeightType::get(ops.getContext(), view.shape, format),
                        ops.getArrayAttr({source}), /*interleave=*/0);
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

void ModuleBuilder::buildBlock(int64_t block) {
  const std::string name = blockName(block);
  ops.setLoc(NameLoc::get(ops.getStringAttr(name)));
  auto op = llm::BlockOp::create(ops, name);
  OpBuilder::InsertionGuard guard(ops);
  Block &body = op.getBody().emplaceBlock();
  ops.setInsertionPointToEnd(&body);
  Value x = body.addArgument(rows(arch.hiddenSize), ops.getLoc());
  Value slot = body.addArgument(llm::KvSlotType::get(ops.getContext()), ops.getLoc());
  x = llm::AddOp::create(ops, x, buildAttention(name, x, slot));
  x = llm::AddOp::create(ops, x, buildFeedForward(name, x));
  llm::ReturnOp::create(ops, x);
}

Value ModuleBuilder::buildAttention(const std::string &name, Value x, Value slot) {
  const int64_t queries = arch.numHeads * arch.headDim, keys = arch.numKvHeads * arch.headDim;
  Value normed = rmsNorm(x, name + "_attention_norm");
  Value q = rope(linear(normed, name + "_q", queries));
  Value k = rope(linear(normed, name + "_k", keys));
  Value v = linear(normed, name + "_v", keys);
  Value y =
      llm::AttentionOp::create(ops, q.getType(), q, k, v, slot, arch.numHeads, arch.numKvHeads,
                               arch.headDim, llvm::APFloat(1 / std::sqrt(double(arch.headDim))));
  return linear(y, name + "_o", arch.hiddenSize);
}

Value ModuleBuilder::buildFeedForward(const std::string &name, Value x) {
  Value normed = rmsNorm(x, name + "_mlp_norm");
  Value gate = linear(normed, name + "_gate", arch.intermediateSize);
  Value up = linear(normed, name + "_up", arch.intermediateSize);
  Value y = llm::SwigluOp::create(ops, gate.getType(), gate, up);
  return linear(y, name + "_down", arch.hiddenSize);
}

Value ModuleBuilder::rmsNorm(Value x, const llvm::Twine &weight) {
  return llm::RmsNormOp::create(ops, x.getType(), x, weight.str(), llvm::APFloat(arch.normEps));
}

Value ModuleBuilder::linear(Value x, const llvm::Twine &weight, int64_t columns) {
  return llm::LinearOp::create(ops, rows(columns), x, symbol(weight), /*residual=*/Value());
}

Value ModuleBuilder::rope(Value x) {
  const auto style =
      arch.ropeStyle == RopeStyle::Half ? llm::RopeStyle::half : llm::RopeStyle::interleaved;
  return llm::RopeOp::create(ops, x.getType(), x, arch.headDim, llvm::APFloat(arch.ropeTheta),
                             style);
}

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

void ModuleBuilder::buildForward() {
  ops.setLoc(NameLoc::get(ops.getStringAttr("forward")));
  auto op = llm::ForwardOp::create(ops, "forward");
  OpBuilder::InsertionGuard guard(ops);
  Block &body = op.getBody().emplaceBlock();
  ops.setInsertionPointToEnd(&body);
  Value tokens = body.addArgument(RankedTensorType::get({ShapedType::kDynamic}, ops.getI32Type()),
                                  ops.getLoc());

  Value x = llm::EmbeddingOp::create(ops, rows(arch.hiddenSize), tokens, symbol("embedding"));
  int64_t slot = 0;
  for (int64_t block : arch.runOrder())
    x = llm::CallOp::create(ops, x.getType(), blockName(block), x, slot++);
  x = rmsNorm(x, "final_norm");
  x = llm::LogitsOp::create(ops, rows(arch.vocabSize), x,
                            symbol(arch.tieEmbeddings ? "embedding" : "head"));
  llm::ReturnOp::create(ops, x);
}

llvm::Expected<OwningOpRef<ModuleOp>> ingot::buildModule(MLIRContext &context, const ArchSpec &arch,
                                                         const WeightSource &weights,
                                                         std::vector<std::string> *warnings) {
  if (llvm::Error error = checkTensors(arch, weights, warnings))
    return std::move(error);
  context.loadDialect<llm::LlmDialect>();
  OwningOpRef<ModuleOp> module = ModuleBuilder(context, arch, weights).build();
  if (failed(verify(*module)))
    return llvm::createStringError("the model that the import built does not verify");
  return std::move(module);
}
