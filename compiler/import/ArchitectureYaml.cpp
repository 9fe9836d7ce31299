//===- ArchitectureYaml.cpp - The architecture YAML into a ModelSpec ------===//

#include "compiler/import/ArchitectureYaml.h"

#include "compiler/import/ArchCheck.h"
#include "compiler/import/Gguf.h"
#include "compiler/import/ModelFiles.h"
#include "compiler/import/Paths.h"
#include "compiler/import/YamlTree.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Path.h"

using namespace ingot;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

namespace {

/// One reading of one file: the model so far, and where its fields came from.
class Reader {
public:
  explicit Reader(StringRef path) : path(path), origins(path.str()) {}

  Expected<ModelSpec> read();

private:
  Error readArchitecture(const YamlNode &node);
  Error readNorm(const YamlNode &node);
  Error readRope(const YamlNode &node);
  Error readSharing(const YamlNode &node);
  Error readBlocks(const YamlNode &node);
  Error readWeights(const YamlNode &node);
  Error readTokenizer(const YamlNode &node);
  Error readEos(const YamlMap &map, const YamlNode &node);

  Expected<YamlMap> map(const YamlNode &node, StringRef name, llvm::ArrayRef<StringRef> keys) {
    return YamlMap::from(path, node, name, keys);
  }
  void note(const YamlMap &map, const YamlNode &value) {
    origins.set(value.key, value.key, map.locate(value));
  }
  Error integer(const YamlMap &map, StringRef key, int64_t &field, bool required = true);
  Error number(const YamlMap &map, StringRef key, double &field);
  Error truth(const YamlMap &map, StringRef key, bool &field);
  Error feature(const YamlMap &map, StringRef key, llvm::ArrayRef<StringRef> known, size_t &choice);
  Expected<std::string> file(const YamlMap &map);

  std::string path;
  FieldOrigins origins;
  ModelSpec model;
  bool styleGiven = false;
};

} // namespace

Error Reader::integer(const YamlMap &map, StringRef key, int64_t &field, bool required) {
  const YamlNode *value = map.find(key);
  if (!value)
    return required ? map.require(key).takeError() : Error::success();
  note(map, *value);
  Expected<int64_t> integer = map.integer(*value);
  if (!integer)
    return integer.takeError();
  field = *integer;
  return Error::success();
}

Error Reader::number(const YamlMap &map, StringRef key, double &field) {
  const YamlNode *value = map.find(key);
  if (!value)
    return Error::success();
  note(map, *value);
  Expected<double> number = map.number(*value);
  if (!number)
    return number.takeError();
  field = *number;
  return Error::success();
}

Error Reader::truth(const YamlMap &map, StringRef key, bool &field) {
  const YamlNode *value = map.find(key);
  if (!value)
    return Error::success();
  Expected<bool> truth = map.truth(*value);
  if (!truth)
    return truth.takeError();
  field = *truth;
  return Error::success();
}

/// A word that chooses among features: one that is not known is a feature that
/// Ingot has not, not a mistake in the file.
Error Reader::feature(const YamlMap &map, StringRef key, llvm::ArrayRef<StringRef> known,
                      size_t &choice) {
  const YamlNode *value = map.find(key);
  if (!value)
    return Error::success();
  note(map, *value);
  Expected<StringRef> word = map.string(*value);
  if (!word)
    return word.takeError();
  const StringRef *at = llvm::find(known, *word);
  if (at == known.end()) {
    std::string list;
    for (size_t i = 0; i < known.size(); ++i)
      list += (i == 0 ? "" : i + 1 == known.size() ? " or " : ", ") + quoted(known[i]);
    return unsupported(map.locate(*value), quoted(key) + " is " + value->shown() + ", expected " +
                                               list + suggestion(*word, known));
  }
  choice = size_t(at - known.begin());
  return Error::success();
}

Error Reader::readNorm(const YamlNode &node) {
  Expected<YamlMap> norm = map(node, "norm", {"kind", "eps"});
  if (!norm)
    return norm.takeError();
  size_t kind = 0;
  if (Error error = feature(*norm, "kind", {"rms"}, kind))
    return error;
  return number(*norm, "eps", model.arch.normEps);
}

Error Reader::readRope(const YamlNode &node) {
  Expected<YamlMap> rope = map(node, "rope", {"theta", "style"});
  if (!rope)
    return rope.takeError();
  if (Error error = number(*rope, "theta", model.arch.ropeTheta))
    return error;
  size_t style = 0;
  if (Error error = feature(*rope, "style", {"half", "interleaved"}, style))
    return error;
  styleGiven = rope->find("style") != nullptr;
  model.arch.ropeStyle = RopeStyle(style);
  return Error::success();
}

Error Reader::readSharing(const YamlNode &node) {
  Expected<YamlMap> sharing = map(node, "layer_sharing", {"scheme", "repeat"});
  if (!sharing)
    return sharing.takeError();
  if (Expected<const YamlNode *> scheme = sharing->require("scheme"); !scheme)
    return scheme.takeError();
  size_t scheme = 0;
  if (Error error =
          feature(*sharing, "scheme", {"none", "immediate", "repeat_all", "reverse"}, scheme))
    return error;
  model.arch.sharing = SharingScheme(scheme);
  model.arch.repeat = model.arch.sharing == SharingScheme::None ? 1 : 2;
  return integer(*sharing, "repeat", model.arch.repeat, /*required=*/false);
}

/// Overrides by block: the place is kept for the successors, and every feature
/// in it is one that this version has not.
Error Reader::readBlocks(const YamlNode &node) {
  if (node.kind != YamlNode::Kind::Sequence)
    return malformed({path, node.line, node.column},
                     "'blocks' is " + node.shown() + ", expected a list");
  for (const YamlNode &entry : node.items) {
    if (entry.kind != YamlNode::Kind::Map)
      return malformed({path, entry.line, entry.column},
                       "an entry of 'blocks' is " + entry.shown() + ", expected a map");
    for (const YamlNode &item : entry.items)
      if (item.key != "range")
        return unsupported({path, item.keyLine, item.keyColumn},
                           "the block feature " + quoted(item.key) + " is not supported");
    return malformed({path, entry.line, entry.column}, "an entry of 'blocks' overrides nothing");
  }
  return Error::success();
}

Error Reader::readArchitecture(const YamlNode &node) {
  Expected<YamlMap> keys =
      map(node, "architecture",
          {"hidden_size", "intermediate_size", "num_layers", "num_heads", "num_kv_heads",
           "head_dim", "vocab_size", "max_context", "activation", "norm", "rope", "tie_embeddings",
           "layer_sharing", "blocks"});
  if (!keys)
    return keys.takeError();
  ArchSpec &arch = model.arch;
  for (auto [key, field] : {std::pair<StringRef, int64_t *>{"hidden_size", &arch.hiddenSize},
                            {"intermediate_size", &arch.intermediateSize},
                            {"num_layers", &arch.numLayers},
                            {"num_heads", &arch.numHeads},
                            {"vocab_size", &arch.vocabSize},
                            {"max_context", &arch.maxContext}})
    if (Error error = integer(*keys, key, *field))
      return error;
  arch.numKvHeads = arch.numHeads;
  if (Error error = integer(*keys, "num_kv_heads", arch.numKvHeads, /*required=*/false))
    return error;
  if (!keys->find("head_dim") && (arch.numHeads <= 0 || arch.hiddenSize % arch.numHeads != 0))
    return malformed(origins.where("hidden_size"), "'hidden_size' is " + Twine(arch.hiddenSize) +
                                                       ", expected a multiple of 'num_heads' (" +
                                                       Twine(arch.numHeads) +
                                                       ") where 'head_dim' is absent");
  arch.headDim = keys->find("head_dim") ? 0 : arch.hiddenSize / arch.numHeads;
  if (Error error = integer(*keys, "head_dim", arch.headDim, /*required=*/false))
    return error;
  size_t activation = 0;
  if (Error error = feature(*keys, "activation", {"silu"}, activation))
    return error;
  if (Error error = truth(*keys, "tie_embeddings", arch.tieEmbeddings))
    return error;
  struct Part {
    StringRef key;
    Error (Reader::*read)(const YamlNode &);
  };
  for (Part part :
       {Part{"norm", &Reader::readNorm}, Part{"rope", &Reader::readRope},
        Part{"layer_sharing", &Reader::readSharing}, Part{"blocks", &Reader::readBlocks}})
    if (const YamlNode *value = keys->find(part.key))
      if (Error error = (this->*part.read)(*value))
        return error;
  return Error::success();
}

/// The `path` of a map, made absolute.
Expected<std::string> Reader::file(const YamlMap &map) {
  Expected<const YamlNode *> value = map.require("path");
  if (!value)
    return value.takeError();
  Expected<StringRef> text = map.string(**value);
  if (!text)
    return text.takeError();
  return absolutePath(*text, llvm::sys::path::parent_path(absolutePath(path)));
}

Error Reader::readWeights(const YamlNode &node) {
  Expected<YamlMap> weights = map(node, "weights", {"path", "names"});
  if (!weights)
    return weights.takeError();
  Expected<std::string> file = this->file(*weights);
  if (!file)
    return file.takeError();
  size_t names = StringRef(*file).ends_with(".gguf") ? 1 : 0;
  if (Error error = feature(*weights, "names", {"hf", "gguf"}, names))
    return error;
  model.weightsPath = std::move(*file);
  model.weightNames = TensorNames(names);
  // Rows of a GGUF are ordered for interleaved pairs.
  if (!styleGiven && model.weightNames == TensorNames::Gguf)
    model.arch.ropeStyle = RopeStyle::Interleaved;
  return Error::success();
}

/// One id or a list of them.
Error Reader::readEos(const YamlMap &map, const YamlNode &node) {
  note(map, node);
  model.tokenizer->eos.clear();
  bool list = node.kind == YamlNode::Kind::Sequence;
  for (const YamlNode &item : list ? llvm::ArrayRef(node.items) : llvm::ArrayRef(node)) {
    Expected<int64_t> id = map.integer(item);
    if (!id) {
      llvm::consumeError(id.takeError());
      return malformed(map.locate(item),
                       "'eos' is " + item.shown() + ", expected a token id or a list of them");
    }
    model.tokenizer->eos.push_back(*id);
  }
  return Error::success();
}

Error Reader::readTokenizer(const YamlNode &node) {
  Expected<YamlMap> keys =
      map(node, "tokenizer", {"path", "add_bos", "bos", "eos", "chat_template"});
  if (!keys)
    return keys.takeError();
  Expected<std::string> file = this->file(*keys);
  if (!file)
    return file.takeError();
  Expected<TokenizerRef> defaults = tokenizerDefaults(*file);
  if (!defaults)
    return defaults.takeError();
  model.tokenizer = std::move(*defaults);
  if (Error error = truth(*keys, "add_bos", model.tokenizer->addBos))
    return error;
  if (keys->find("bos")) {
    int64_t bos = 0;
    if (Error error = integer(*keys, "bos", bos))
      return error;
    model.tokenizer->bos = bos;
  }
  if (const YamlNode *eos = keys->find("eos"))
    if (Error error = readEos(*keys, *eos))
      return error;
  if (const YamlNode *chat = keys->find("chat_template")) {
    Expected<StringRef> text = keys->string(*chat);
    if (!text)
      return text.takeError();
    if (Error error = checkChatTemplate(*text, keys->locate(*chat)))
      return error;
    model.tokenizer->chatTemplate = text->str();
  }
  return Error::success();
}

Expected<ModelSpec> Reader::read() {
  Expected<std::string> text = readTextFile(path, maxYamlBytes);
  if (!text)
    return text.takeError();
  Expected<YamlNode> root = parseYaml(path, *text);
  if (!root)
    return root.takeError();
  Expected<YamlMap> keys =
      map(*root, "", {"ingot", "name", "architecture", "weights", "tokenizer"});
  if (!keys)
    return keys.takeError();

  int64_t version = 0;
  if (Error error = integer(*keys, "ingot", version))
    return std::move(error);
  if (version < 1)
    return malformed(origins.where("ingot"), "'ingot' is " + Twine(version) + ", expected 1");
  if (version != 1)
    return unsupported(origins.where("ingot"),
                       "'ingot' is " + Twine(version) + ", this version reads 1");

  model.arch.name = modelNameFrom(llvm::sys::path::stem(path));
  if (const YamlNode *name = keys->find("name")) {
    note(*keys, *name);
    Expected<StringRef> word = keys->string(*name);
    if (!word)
      return word.takeError();
    model.arch.name = word->str();
  }

  Expected<const YamlNode *> architecture = keys->require("architecture");
  if (!architecture)
    return architecture.takeError();
  if (Error error = readArchitecture(**architecture))
    return std::move(error);
  if (const YamlNode *weights = keys->find("weights"))
    if (Error error = readWeights(*weights))
      return std::move(error);
  if (const YamlNode *tokenizer = keys->find("tokenizer"))
    if (Error error = readTokenizer(*tokenizer))
      return std::move(error);
  if (Error error = checkModel(model, origins))
    return std::move(error);
  return std::move(model);
}

Expected<ModelSpec> ingot::readArchitectureYaml(StringRef path) { return Reader(path).read(); }
