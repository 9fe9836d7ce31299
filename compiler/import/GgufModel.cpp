//===- GgufModel.cpp - GGUF metadata into a ModelSpec ---------------------===//
//
// Every key of architecture llama is either read here, known to change nothing,
// or refused by name: a feature that is skipped gives fluent nonsense.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ArchCheck.h"
#include "compiler/import/Gguf.h"
#include "compiler/import/ImportError.h"
#include "compiler/import/ModelFiles.h"
#include "compiler/import/Paths.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

using namespace ingot;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

namespace {

class Reader {
public:
  explicit Reader(const GgufFile &gguf) : gguf(gguf), origins(gguf.path().str()) {}

  Expected<ModelSpec> read();

private:
  SourceLocation where(const GgufValue &value) const {
    return {gguf.path().str(), 0, 0, value.position};
  }
  Error mismatch(StringRef key, const GgufValue &value, const Twine &expected) const {
    return malformed(where(value), quoted(key) + " is of type " + ggufTypeName(value.type) +
                                       ", expected " + expected);
  }
  Error missing(StringRef key) const {
    return malformed({gguf.path().str()}, "the key " + quoted(key) + " is missing");
  }

  Error integer(StringRef key, StringRef field, int64_t &out, bool required = true);
  Error perBlock(StringRef key, StringRef field, int64_t &out, bool required = true);
  Error number(StringRef key, StringRef field, double &out, bool required);
  Error readExtents();
  Error readVocabulary();
  Error checkKeys();
  Error checkNeutral(StringRef key, const GgufValue &value);

  const GgufFile &gguf;
  FieldOrigins origins;
  ModelSpec model;
};

/// Keys of the architecture that this file reads.
constexpr StringRef readKeys[] = {
    "llama.block_count",
    "llama.context_length",
    "llama.embedding_length",
    "llama.feed_forward_length",
    "llama.attention.head_count",
    "llama.attention.head_count_kv",
    "llama.attention.key_length",
    "llama.attention.value_length",
    "llama.attention.layer_norm_rms_epsilon",
    "llama.rope.freq_base",
    "llama.rope.dimension_count",
    "llama.vocab_size",
};

/// Keys that change nothing where the others have the values we accept.
constexpr StringRef idleKeys[] = {
    "llama.tensor_data_layout",
    "llama.rope.scaling.original_context_length",
    "llama.rope.scaling.finetuned",
};

/// Keys that are fine with one value: a number, a truth value or a word.
struct Neutral {
  StringRef key;
  double number;
  StringRef word;
};
constexpr Neutral neutralKeys[] = {
    {"llama.rope.scaling.type", -1, "none"}, {"llama.rope.scaling.factor", 1, ""},
    {"llama.rope.scale_linear", 1, ""},      {"llama.expert_count", 0, ""},
    {"llama.expert_used_count", 0, ""},      {"llama.attention.causal", 1, ""},
    {"llama.use_parallel_residual", 0, ""},
};

} // namespace

Error Reader::integer(StringRef key, StringRef field, int64_t &out, bool required) {
  const GgufValue *value = gguf.find(key);
  if (!value)
    return required ? missing(key) : Error::success();
  origins.set(field, key, where(*value));
  std::optional<int64_t> number = value->asSigned();
  if (!number)
    return mismatch(key, *value, "an integer");
  out = *number;
  return Error::success();
}

/// A number, or an array with one for each block, all equal.
Error Reader::perBlock(StringRef key, StringRef field, int64_t &out, bool required) {
  const GgufValue *value = gguf.find(key);
  if (!value || !value->isArray())
    return integer(key, field, out, required);
  origins.set(field, key, where(*value));
  // Checked before the array is copied: it may be as large as the file.
  constexpr uint64_t maxLayers = 1024;
  if (value->count != uint64_t(model.arch.numLayers) || value->count > maxLayers)
    return malformed(where(*value), quoted(key) + " has " + Twine(value->count) +
                                        " elements, expected one for each of " +
                                        Twine(model.arch.numLayers) + " blocks");
  std::optional<std::vector<int64_t>> numbers = value->asIntegers();
  if (!numbers || numbers->empty())
    return mismatch(key, *value, "integers");
  if (!llvm::all_equal(*numbers))
    return unsupported(where(*value),
                       quoted(key) + " differs between blocks, expected one value for all");
  out = numbers->front();
  return Error::success();
}

Error Reader::number(StringRef key, StringRef field, double &out, bool required) {
  const GgufValue *value = gguf.find(key);
  if (!value)
    return required ? missing(key) : Error::success();
  origins.set(field, key, where(*value));
  std::optional<double> number = value->asDouble();
  if (!number)
    return mismatch(key, *value, "f32");
  out = *number;
  return Error::success();
}

Error Reader::readExtents() {
  ArchSpec &arch = model.arch;
  if (Error error = integer("llama.block_count", "num_layers", arch.numLayers))
    return error;
  if (Error error = integer("llama.context_length", "max_context", arch.maxContext))
    return error;
  if (Error error = integer("llama.embedding_length", "hidden_size", arch.hiddenSize))
    return error;
  if (Error error =
          perBlock("llama.feed_forward_length", "intermediate_size", arch.intermediateSize))
    return error;
  if (Error error = perBlock("llama.attention.head_count", "num_heads", arch.numHeads))
    return error;
  arch.numKvHeads = arch.numHeads;
  if (Error error = perBlock("llama.attention.head_count_kv", "num_kv_heads", arch.numKvHeads,
                             /*required=*/false))
    return error;
  if (Error error = number("llama.attention.layer_norm_rms_epsilon", "eps", arch.normEps,
                           /*required=*/true))
    return error;
  if (Error error = number("llama.rope.freq_base", "theta", arch.ropeTheta, /*required=*/false))
    return error;

  bool divides = arch.numHeads > 0 && arch.hiddenSize % arch.numHeads == 0;
  arch.headDim = divides ? arch.hiddenSize / arch.numHeads : 0;
  if (Error error =
          integer("llama.attention.key_length", "head_dim", arch.headDim, /*required=*/false))
    return error;
  if (arch.headDim == 0 && !origins.has("head_dim"))
    return malformed(origins.where("hidden_size"),
                     "'llama.embedding_length' is " + Twine(arch.hiddenSize) +
                         ", expected a multiple of 'llama.attention.head_count' (" +
                         Twine(arch.numHeads) + ")");
  for (StringRef key : {"llama.attention.value_length", "llama.rope.dimension_count"}) {
    int64_t other = arch.headDim;
    if (Error error = integer(key, key, other, /*required=*/false))
      return error;
    if (other != arch.headDim)
      return unsupported(origins.where(key), quoted(key) + " is " + Twine(other) +
                                                 ", expected the size of a head (" +
                                                 Twine(arch.headDim) + ")");
  }
  return Error::success();
}

/// The rows of the embedding are the truth; the keys must agree with them.
Error Reader::readVocabulary() {
  const GgufTensor *embedding = gguf.findTensor("token_embd.weight");
  const GgufValue *tokens = gguf.find("tokenizer.ggml.tokens");
  int64_t &vocab = model.arch.vocabSize;
  if (embedding && embedding->shape.size() == 2)
    vocab = embedding->shape[0];
  else if (tokens && tokens->isArray())
    vocab = int64_t(std::min<uint64_t>(tokens->count, INT64_MAX));
  int64_t said = vocab;
  if (Error error = integer("llama.vocab_size", "vocab_size", said, /*required=*/vocab == 0))
    return error;
  if (vocab != 0 && said != vocab)
    return malformed(origins.where("vocab_size"), "'llama.vocab_size' is " + Twine(said) +
                                                      ", the file has " + Twine(vocab) + " tokens");
  vocab = said;
  if (tokens && tokens->isArray() && tokens->count > uint64_t(std::max<int64_t>(vocab, 0)))
    return malformed(where(*tokens), "'tokenizer.ggml.tokens' has " + Twine(tokens->count) +
                                         " tokens, more than the " + Twine(vocab) +
                                         " rows of the embedding");
  return Error::success();
}

Error Reader::checkNeutral(StringRef key, const GgufValue &value) {
  const Neutral *neutral =
      llvm::find_if(neutralKeys, [&](const Neutral &n) { return n.key == key; });
  if (neutral == std::end(neutralKeys))
    return unsupported(where(value), "the key " + quoted(key) + " is not supported");
  bool fine = false;
  if (std::optional<StringRef> word = value.asString())
    fine = *word == neutral->word;
  else if (std::optional<bool> truth = value.asBool())
    fine = double(*truth) == neutral->number;
  else if (std::optional<int64_t> integer = value.asSigned())
    fine = double(*integer) == neutral->number;
  else if (std::optional<double> number = value.asDouble())
    fine = *number == neutral->number;
  if (fine)
    return Error::success();
  return unsupported(where(value), "the feature behind " + quoted(key) + " is not supported");
}

Error Reader::checkKeys() {
  for (const GgufFile::Entry &entry : gguf.entries())
    if (entry.key.starts_with("llama.") && !llvm::is_contained(readKeys, entry.key) &&
        !llvm::is_contained(idleKeys, entry.key))
      if (Error error = checkNeutral(entry.key, entry.value))
        return error;
  return Error::success();
}

Expected<ModelSpec> Reader::read() {
  const GgufValue *architecture = gguf.find("general.architecture");
  if (!architecture)
    return missing("general.architecture");
  std::optional<StringRef> name = architecture->asString();
  if (!name)
    return mismatch("general.architecture", *architecture, "string");
  if (*name != "llama")
    return unsupported(where(*architecture),
                       "'general.architecture' is " + quoted(*name) + ", expected 'llama'");
  if (Error error = checkKeys())
    return std::move(error);
  if (Error error = readExtents())
    return std::move(error);
  if (Error error = readVocabulary())
    return std::move(error);
  model.arch.name = modelNameFrom(llvm::sys::path::stem(gguf.path()));
  model.arch.ropeStyle = RopeStyle::Interleaved; // the converter permutes the rows of q and k
  model.arch.tieEmbeddings = !gguf.findTensor("output.weight");
  model.weightsPath = absolutePath(gguf.path());
  model.weightNames = TensorNames::Gguf;
  Expected<std::optional<TokenizerRef>> tokenizer = tokenizerFromGguf(gguf);
  if (!tokenizer)
    return tokenizer.takeError();
  model.tokenizer = std::move(*tokenizer);
  for (auto [field, key] : {std::pair<StringRef, StringRef>{"bos", "tokenizer.ggml.bos_token_id"},
                            {"eos", "tokenizer.ggml.eos_token_id"}})
    if (const GgufValue *value = gguf.find(key))
      origins.set(field, key, where(*value));
  if (Error error = checkModel(model, origins))
    return std::move(error);
  return std::move(model);
}

Expected<ModelSpec> ingot::modelSpecFromGguf(const GgufFile &gguf) { return Reader(gguf).read(); }
