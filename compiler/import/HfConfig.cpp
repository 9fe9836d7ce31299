//===- HfConfig.cpp - config.json into an ArchSpec ------------------------===//

#include "compiler/import/HfConfig.h"

#include "compiler/import/ModelFiles.h"
#include "compiler/import/Paths.h"
#include "compiler/import/ResolveModel.h"
#include "compiler/import/WeightSource.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

using namespace ingot;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

namespace {

constexpr uint64_t maxConfigBytes = 1 << 20;

class Reader {
public:
  Reader(JsonValue config, FieldOrigins &origins) : config(config), origins(origins) {}

  Error readArch(ArchSpec &arch);

  /// Whether the head is the embedding; nothing if the tensors must say so.
  Expected<std::optional<bool>> readTie();

private:
  /// The value of `key`, if it is there and not null.
  std::optional<JsonValue> find(StringRef key) const {
    std::optional<JsonValue> value = config.find(key);
    return value && !value->isNull() ? value : std::nullopt;
  }
  Error mismatch(StringRef key, JsonValue value, const Twine &expected) const {
    return malformed(value.where(),
                     quoted(key) + " is " + value.shown() + ", expected " + expected);
  }
  Error integer(StringRef key, StringRef field, int64_t &out, bool required = true);
  Error number(JsonValue parent, StringRef key, StringRef field, double &out, bool required);
  Expected<std::optional<bool>> truth(StringRef key);

  Error readClass();
  Error readRope(ArchSpec &arch);
  Error readSharing(ArchSpec &arch);
  Error checkNeutral();

  JsonValue config;
  FieldOrigins &origins;
  bool mobileLlm = false; ///< the class MobileLLMForCausalLM
};

} // namespace

Error Reader::integer(StringRef key, StringRef field, int64_t &out, bool required) {
  std::optional<JsonValue> value = find(key);
  if (!value)
    return required ? malformed(config.where(), "the key " + quoted(key) + " is missing")
                    : Error::success();
  origins.set(field, key, value->where());
  std::optional<int64_t> integer = value->asSigned();
  if (!integer)
    return mismatch(key, *value, "an integer");
  out = *integer;
  return Error::success();
}

Error Reader::number(JsonValue parent, StringRef key, StringRef field, double &out, bool required) {
  std::optional<JsonValue> value = parent.find(key);
  if (!value || value->isNull())
    return required ? malformed(parent.where(), "the key " + quoted(key) + " is missing")
                    : Error::success();
  origins.set(field, key, value->where());
  std::optional<double> number = value->asDouble();
  if (!number)
    return mismatch(key, *value, "a number");
  out = *number;
  return Error::success();
}

Expected<std::optional<bool>> Reader::truth(StringRef key) {
  std::optional<JsonValue> value = find(key);
  if (!value)
    return std::nullopt;
  std::optional<bool> truth = value->asBool();
  if (!truth)
    return mismatch(key, *value, "true or false");
  return truth;
}

Error Reader::readClass() {
  std::optional<JsonValue> type = find("model_type");
  if (!type)
    return malformed(config.where(), "the key 'model_type' is missing");
  std::optional<std::string> name = type->asString();
  if (!name)
    return mismatch("model_type", *type, "a string");
  if (*name != "llama" && *name != "mobilellm")
    return unsupported(type->where(),
                       "'model_type' is " + quoted(*name) + ", expected 'llama' or 'mobilellm'");
  mobileLlm = *name == "mobilellm";
  std::optional<JsonValue> classes = find("architectures");
  if (!classes)
    return Error::success();
  if (classes->kind() != JsonKind::Array)
    return mismatch("architectures", *classes, "an array");
  return classes->forEachElement([&](JsonValue element) -> Error {
    std::optional<std::string> name = element.asString();
    if (!name)
      return mismatch("architectures", element, "names");
    if (*name != "LlamaForCausalLM" && *name != "MobileLLMForCausalLM")
      return unsupported(element.where(), "the class " + quoted(*name) +
                                              " is not supported, expected 'LlamaForCausalLM' or "
                                              "'MobileLLMForCausalLM'");
    mobileLlm |= *name == "MobileLLMForCausalLM";
    return Error::success();
  });
}

/// The angle's base stands at the top, or in `rope_parameters` since
/// transformers 5; any scaling of it is a feature of its own.
Error Reader::readRope(ArchSpec &arch) {
  if (Error error = number(config, "rope_theta", "theta", arch.ropeTheta, /*required=*/false))
    return error;
  for (StringRef key : {"rope_scaling", "rope_parameters"}) {
    std::optional<JsonValue> rope = find(key);
    if (!rope)
      continue;
    if (rope->kind() != JsonKind::Object)
      return mismatch(key, *rope, "an object or null");
    for (StringRef kind : {"rope_type", "type"})
      if (std::optional<JsonValue> type = rope->find(kind);
          type && type->asString() != std::string("default"))
        return unsupported(type->where(),
                           quoted(key) + " has the type " + type->shown() + ", expected 'default'");
    for (StringRef factor : {"factor", "partial_rotary_factor"})
      if (std::optional<JsonValue> value = rope->find(factor); value && value->asDouble() != 1.0)
        return unsupported(value->where(), quoted(factor) + " in " + quoted(key) + " is " +
                                               value->shown() + ", expected 1");
    if (Error error = number(*rope, "rope_theta", "theta", arch.ropeTheta, /*required=*/false))
      return error;
  }
  return Error::success();
}

Error Reader::readSharing(ArchSpec &arch) {
  Expected<std::optional<bool>> sharing = truth("layer_sharing");
  if (!sharing)
    return sharing.takeError();
  if (sharing->value_or(false)) { // the only scheme, and the only count, that was published
    arch.sharing = SharingScheme::Immediate;
    arch.repeat = 2;
  }
  return Error::success();
}

/// Keys that would change the model, and the values with which they do not.
Error Reader::checkNeutral() {
  for (StringRef key : {"attention_bias", "mlp_bias"}) {
    Expected<std::optional<bool>> set = truth(key);
    if (!set)
      return set.takeError();
    if (set->value_or(false))
      return unsupported(find(key)->where(), quoted(key) + " is true, expected false");
  }
  for (StringRef key : {"quantization_config", "sliding_window"})
    if (std::optional<JsonValue> value = find(key))
      return unsupported(value->where(), quoted(key) + " is not supported");
  if (std::optional<JsonValue> factor = find("partial_rotary_factor");
      factor && factor->asDouble() != 1.0)
    return unsupported(factor->where(),
                       "'partial_rotary_factor' is " + factor->shown() + ", expected 1");
  if (std::optional<JsonValue> activation = find("hidden_act");
      activation && activation->asString() != std::string("silu"))
    return unsupported(activation->where(),
                       "'hidden_act' is " + activation->shown() + ", expected 'silu'");
  return Error::success();
}

Error Reader::readArch(ArchSpec &arch) {
  if (Error error = readClass())
    return error;
  struct Key {
    StringRef key, field;
    int64_t &out;
  };
  for (Key key : {Key{"hidden_size", "hidden_size", arch.hiddenSize},
                  Key{"intermediate_size", "intermediate_size", arch.intermediateSize},
                  Key{"num_hidden_layers", "num_layers", arch.numLayers},
                  Key{"num_attention_heads", "num_heads", arch.numHeads},
                  Key{"vocab_size", "vocab_size", arch.vocabSize},
                  Key{"max_position_embeddings", "max_context", arch.maxContext}})
    if (Error error = integer(key.key, key.field, key.out))
      return error;
  arch.numKvHeads = arch.numHeads;
  if (Error error =
          integer("num_key_value_heads", "num_kv_heads", arch.numKvHeads, /*required=*/false))
    return error;
  if (Error error = integer("head_dim", "head_dim", arch.headDim, /*required=*/false))
    return error;
  if (!origins.has("head_dim")) {
    if (arch.numHeads <= 0 || arch.hiddenSize % arch.numHeads != 0)
      return malformed(origins.where("hidden_size"),
                       "'hidden_size' is " + Twine(arch.hiddenSize) +
                           ", expected a multiple of 'num_attention_heads' (" +
                           Twine(arch.numHeads) + ") where 'head_dim' is absent");
    arch.headDim = arch.hiddenSize / arch.numHeads;
  }
  if (Error error = number(config, "rms_norm_eps", "eps", arch.normEps, /*required=*/true))
    return error;
  if (Error error = readRope(arch))
    return error;
  if (Error error = readSharing(arch))
    return error;
  return checkNeutral();
}

Expected<std::optional<bool>> Reader::readTie() {
  Expected<std::optional<bool>> share = truth("share_embedding");
  if (!share)
    return share.takeError();
  Expected<std::optional<bool>> tie = truth("tie_word_embeddings");
  if (!tie)
    return tie.takeError();
  // `tie_word_embeddings` is false in every MobileLLM config, tied or not.
  if (mobileLlm)
    return share->value_or(true);
  if (share->value_or(false) || tie->value_or(false))
    return true;
  return std::nullopt;
}

Expected<ModelSpec> ingot::readHfFolder(StringRef folder) {
  llvm::SmallString<256> configPath(folder);
  llvm::sys::path::append(configPath, "config.json");
  Expected<std::unique_ptr<JsonFile>> file = JsonFile::read(configPath, maxConfigBytes);
  if (!file)
    return file.takeError();
  JsonValue config = (*file)->root();

  ModelSpec model;
  FieldOrigins origins(configPath.str().str());
  Reader reader(config, origins);
  if (Error error = reader.readArch(model.arch))
    return std::move(error);
  std::string absolute = absolutePath(folder);
  model.arch.name = modelNameFrom(llvm::sys::path::filename(absolute));
  model.weightsPath = findWeights(absolute);

  Expected<std::optional<bool>> tie = reader.readTie();
  if (!tie)
    return tie.takeError();
  model.arch.tieEmbeddings = tie->value_or(false);
  if (!*tie && model.weightsPath) {
    Expected<std::unique_ptr<WeightSource>> weights = openWeights(model);
    if (!weights)
      return weights.takeError();
    model.arch.tieEmbeddings = !(*weights)->find("lm_head.weight");
  }

  Expected<std::optional<TokenizerRef>> tokenizer = readHfTokenizer(absolute, config, origins);
  if (!tokenizer)
    return tokenizer.takeError();
  model.tokenizer = std::move(*tokenizer);
  if (Error error = checkModel(model, origins))
    return std::move(error);
  return model;
}
