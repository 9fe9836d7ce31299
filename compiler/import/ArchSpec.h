//===- ArchSpec.h - The checked architecture of a model -------------------===//
//
// What the architecture YAML says (docs/spec/architecture-yaml.md), after every
// check. config.json and GGUF metadata are read into the same struct, so
// nothing behind the importers knows where a model came from.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_ARCHSPEC_H
#define INGOT_COMPILER_IMPORT_ARCHSPEC_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ingot {

enum class RopeStyle : uint8_t {
  Half,        ///< pairs (i, i + head_dim/2): Hugging Face
  Interleaved, ///< pairs (2i, 2i + 1): GGUF of architecture llama
};

enum class SharingScheme : uint8_t { None, Immediate, RepeatAll, Reverse };

/// Everything that decides what the model computes.
struct ArchSpec {
  std::string name; ///< [a-z0-9-]+
  int64_t hiddenSize = 0;
  int64_t intermediateSize = 0;
  int64_t numLayers = 0; ///< distinct blocks
  int64_t numHeads = 0;
  int64_t numKvHeads = 0;
  int64_t headDim = 0;
  int64_t vocabSize = 0;
  int64_t maxContext = 0;
  double normEps = 1e-5;
  double ropeTheta = 10000.0;
  RopeStyle ropeStyle = RopeStyle::Half;
  bool tieEmbeddings = true;
  SharingScheme sharing = SharingScheme::None;
  int64_t repeat = 1; ///< runs of a block; 1 exactly when sharing is None

  int64_t numRuns() const { return numLayers * repeat; }

  /// Block index of every run, in order of execution; the run's KV slot is its
  /// index in this list. Three blocks, repeat 2: immediate 0 0 1 1 2 2,
  /// repeat_all 0 1 2 0 1 2, reverse 0 1 2 2 1 0.
  std::vector<int64_t> runOrder() const;

  /// Distinct parameters, embeddings counted once when tied.
  int64_t parameterCount() const;
};

/// How tensors are named inside the weight file.
enum class TensorNames : uint8_t { HuggingFace, Gguf };

struct TokenizerRef {
  std::string path; ///< absolute; may be the GGUF itself
  bool addBos = false;
  std::optional<int64_t> bos;
  std::vector<int64_t> eos;
  std::optional<std::string> chatTemplate;
};

/// A whole model as the user gave it: what, and where its bytes are.
struct ModelSpec {
  ArchSpec arch;
  std::optional<std::string> weightsPath; ///< absolute
  TensorNames weightNames = TensorNames::HuggingFace;
  std::optional<TokenizerRef> tokenizer;
};

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_ARCHSPEC_H
