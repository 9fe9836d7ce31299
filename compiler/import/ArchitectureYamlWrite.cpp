//===- ArchitectureYamlWrite.cpp - A ModelSpec into the resolved YAML -----===//

#include "compiler/import/ArchitectureYaml.h"

#include "compiler/import/Numbers.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace ingot;
using llvm::StringRef;

/// A double-quoted scalar. Everything beyond ASCII stays as it is: the file is
/// UTF-8.
static std::string quote(StringRef text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += char(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || c == 0x7f) {
      out += "\\x";
      out += llvm::hexdigit(c >> 4);
      out += llvm::hexdigit(c & 15);
    } else {
      out += char(c);
    }
  }
  return out + "\"";
}

static std::string relativeTo(StringRef path, StringRef folder) {
  StringRef rest = path;
  StringRef base = folder.rtrim('/');
  if (!base.empty() && rest.consume_front(base) && rest.consume_front("/") && !rest.empty())
    return rest.str();
  return path.str();
}

static StringRef truth(bool value) { return value ? "true" : "false"; }

std::string ingot::writeArchitectureYaml(const ModelSpec &model, StringRef outputDir) {
  static constexpr StringRef styles[] = {"half", "interleaved"};
  static constexpr StringRef schemes[] = {"none", "immediate", "repeat_all", "reverse"};
  static constexpr StringRef names[] = {"hf", "gguf"};
  const ArchSpec &arch = model.arch;
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "ingot: 1\n"
     << "name: " << quote(arch.name) << '\n'
     << "architecture:\n"
     << "  hidden_size: " << arch.hiddenSize << '\n'
     << "  intermediate_size: " << arch.intermediateSize << '\n'
     << "  num_layers: " << arch.numLayers << '\n'
     << "  num_heads: " << arch.numHeads << '\n'
     << "  num_kv_heads: " << arch.numKvHeads << '\n'
     << "  head_dim: " << arch.headDim << '\n'
     << "  vocab_size: " << arch.vocabSize << '\n'
     << "  max_context: " << arch.maxContext << '\n'
     << "  activation: silu\n"
     << "  norm: {kind: rms, eps: " << printDouble(arch.normEps) << "}\n"
     << "  rope: {theta: " << printDouble(arch.ropeTheta)
     << ", style: " << styles[size_t(arch.ropeStyle)] << "}\n"
     << "  tie_embeddings: " << truth(arch.tieEmbeddings) << '\n'
     << "  layer_sharing: {scheme: " << schemes[size_t(arch.sharing)] << ", repeat: " << arch.repeat
     << "}\n";
  if (model.weightsPath)
    os << "weights: {path: " << quote(relativeTo(*model.weightsPath, outputDir))
       << ", names: " << names[size_t(model.weightNames)] << "}\n";
  if (const std::optional<TokenizerRef> &tokenizer = model.tokenizer) {
    os << "tokenizer:\n"
       << "  path: " << quote(relativeTo(tokenizer->path, outputDir)) << '\n'
       << "  add_bos: " << truth(tokenizer->addBos) << '\n';
    if (tokenizer->bos)
      os << "  bos: " << *tokenizer->bos << '\n';
    os << "  eos: [";
    llvm::interleaveComma(tokenizer->eos, os);
    os << "]\n";
    if (tokenizer->chatTemplate)
      os << "  chat_template: " << quote(*tokenizer->chatTemplate) << '\n';
  }
  return text;
}
