#include "compiler/import/TensorNames.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Twine.h"

using namespace ingot;
using llvm::StringRef;

namespace {

struct NamePair {
  StringRef gguf, canonical;
};

constexpr NamePair modelNames[] = {
    {"token_embd.weight", "model.embed_tokens.weight"},
    {"output_norm.weight", "model.norm.weight"},
    {"output.weight", "lm_head.weight"},
};

/// Behind "blk.N." and "model.layers.N.".
constexpr NamePair blockNames[] = {
    {"attn_norm.weight", "input_layernorm.weight"},
    {"attn_q.weight", "self_attn.q_proj.weight"},
    {"attn_k.weight", "self_attn.k_proj.weight"},
    {"attn_v.weight", "self_attn.v_proj.weight"},
    {"attn_output.weight", "self_attn.o_proj.weight"},
    {"ffn_norm.weight", "post_attention_layernorm.weight"},
    {"ffn_gate.weight", "mlp.gate_proj.weight"},
    {"ffn_up.weight", "mlp.up_proj.weight"},
    {"ffn_down.weight", "mlp.down_proj.weight"},
};

constexpr StringRef ggufBlock = "blk.", canonicalBlock = "model.layers.";

} // namespace

/// Translates `name` from one column of the tables to the other. The block
/// number stays text: nothing is indexed with a number out of a name.
static std::string translate(StringRef name, StringRef NamePair::*from, StringRef NamePair::*to,
                             StringRef fromBlock, StringRef toBlock) {
  for (const NamePair &pair : modelNames)
    if (name == pair.*from)
      return (pair.*to).str();
  StringRef rest = name;
  if (!rest.consume_front(fromBlock))
    return name.str();
  auto [block, field] = rest.split('.');
  if (block.empty() || block.find_first_not_of("0123456789") != StringRef::npos)
    return name.str();
  for (const NamePair &pair : blockNames)
    if (field == pair.*from)
      return (toBlock + block + "." + pair.*to).str();
  return name.str();
}

std::string ingot::canonicalFromGguf(StringRef ggufName) {
  return translate(ggufName, &NamePair::gguf, &NamePair::canonical, ggufBlock, canonicalBlock);
}

std::string ingot::ggufFromCanonical(StringRef canonicalName) {
  return translate(canonicalName, &NamePair::canonical, &NamePair::gguf, canonicalBlock, ggufBlock);
}

std::vector<ExpectedTensor> ingot::expectedTensors(const ArchSpec &arch) {
  const ExpectedExtent vocab{arch.vocabSize, "'vocab_size'"};
  const ExpectedExtent hidden{arch.hiddenSize, "'hidden_size'"};
  const ExpectedExtent inner{arch.intermediateSize, "'intermediate_size'"};
  const ExpectedExtent query{arch.numHeads * arch.headDim, "'num_heads' and 'head_dim'"};
  const ExpectedExtent key{arch.numKvHeads * arch.headDim, "'num_kv_heads' and 'head_dim'"};

  std::vector<ExpectedTensor> tensors;
  tensors.push_back({"model.embed_tokens.weight", {vocab, hidden}});
  for (int64_t block = 0; block < arch.numLayers; ++block) {
    auto add = [&](StringRef field, llvm::SmallVector<ExpectedExtent, 2> extents) {
      tensors.push_back(
          {(canonicalBlock + llvm::Twine(block) + "." + field).str(), std::move(extents)});
    };
    add("input_layernorm.weight", {hidden});
    add("self_attn.q_proj.weight", {query, hidden});
    add("self_attn.k_proj.weight", {key, hidden});
    add("self_attn.v_proj.weight", {key, hidden});
    add("self_attn.o_proj.weight", {hidden, query});
    add("post_attention_layernorm.weight", {hidden});
    add("mlp.gate_proj.weight", {inner, hidden});
    add("mlp.up_proj.weight", {inner, hidden});
    add("mlp.down_proj.weight", {hidden, inner});
  }
  tensors.push_back({"model.norm.weight", {hidden}});
  if (!arch.tieEmbeddings)
    tensors.push_back({"lm_head.weight", {vocab, hidden}});
  return tensors;
}
