#include "compiler/driver/CompiledModel.h"
#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/Report.h"
#include "compiler/import/ArchitectureYaml.h"
#include "compiler/import/CheckTensors.h"
#include "compiler/import/ResolveModel.h"
#include "compiler/import/TensorNames.h"
#include "compiler/tools/ingot/CommandLine.h"
#include "compiler/tools/ingot/Verbs.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <filesystem>

using namespace ingot;
using Json = nlohmann::ordered_json;

static llvm::StringRef nameOf(SharingScheme scheme) {
  switch (scheme) {
  case SharingScheme::None:
    return "none";
  case SharingScheme::Immediate:
    return "immediate";
  case SharingScheme::RepeatAll:
    return "repeat_all";
  case SharingScheme::Reverse:
    return "reverse";
  }
  llvm_unreachable("every scheme has a name");
}

static Json describe(const ArchSpec &arch) {
  Json row;
  row["hidden_size"] = arch.hiddenSize;
  row["intermediate_size"] = arch.intermediateSize;
  row["num_layers"] = arch.numLayers;
  row["num_runs"] = arch.numRuns();
  row["num_heads"] = arch.numHeads;
  row["num_kv_heads"] = arch.numKvHeads;
  row["head_dim"] = arch.headDim;
  row["vocab_size"] = arch.vocabSize;
  row["max_context"] = arch.maxContext;
  row["tie_embeddings"] = arch.tieEmbeddings;
  row["layer_sharing"] = nameOf(arch.sharing);
  return row;
}

/// Bytes of the tensors that one decode step reads, as they lie in the file: all but an embedding
/// that is no head, of which a step reads one row.
static uint64_t bytesPerToken(const ArchSpec &arch, const WeightSource &weights) {
  constexpr llvm::StringLiteral kEmbedding = "model.embed_tokens.weight";
  uint64_t bytes = 0;
  for (const ExpectedTensor &expected : expectedTensors(arch)) {
    const TensorView *tensor = weights.find(expected.name);
    if (!tensor)
      continue;
    const uint64_t all = tensor->bytes.size();
    bytes += expected.name == kEmbedding && !arch.tieEmbeddings
                 ? all / static_cast<uint64_t>(arch.vocabSize)
                 : all;
  }
  return bytes;
}

/// Formats of the weights by the number of their tensors: {"q4_1": 210, "f32": 61}.
static Json formatsOf(const WeightSource &weights) {
  std::map<std::string, uint64_t> counts;
  for (const TensorView &tensor : weights.tensors())
    ++counts[tensorTypeName(tensor.type).str()];
  return Json(counts);
}

static llvm::Expected<Json> inspectModel(llvm::StringRef path) {
  llvm::Expected<ModelSpec> model = resolveModel(path);
  if (!model)
    return model.takeError();
  const ArchSpec &arch = model->arch;
  Json report;
  report["name"] = arch.name;
  report["parameters"] = arch.parameterCount();
  report["architecture"] = describe(arch);
  constexpr int64_t kHalfBytes = 2; // the default encoding of the KV cache
  report["kv_bytes_per_token"] = 2 * arch.numRuns() * arch.numKvHeads * arch.headDim * kHalfBytes;
  // An architecture alone, whose weights are generated, is a model too.
  if (model->weightsPath && std::filesystem::exists(*model->weightsPath)) {
    llvm::Expected<std::unique_ptr<WeightSource>> weights = openWeights(*model);
    if (!weights)
      return weights.takeError();
    if (llvm::Error error = checkTensors(arch, **weights))
      return std::move(error);
    report["bytes_per_token"] = bytesPerToken(arch, **weights);
    report["tensors"] = formatsOf(**weights);
  }
  report["tokenizer"] = model->tokenizer.has_value();
  return report;
}

static std::string scalarText(const Json &value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// One line a value; members of objects behind their name and a dot, lists of objects one line
/// each.
static void printText(const Json &value, const std::string &prefix) {
  for (const auto &[key, member] : value.items()) {
    const std::string name = prefix.empty() ? key : prefix + "." + key;
    if (member.is_object()) {
      printText(member, name);
    } else if (member.is_array() && !member.empty() && member.front().is_object()) {
      llvm::outs() << name << ": " << member.size() << '\n';
      for (const Json &row : member) {
        llvm::outs() << " ";
        for (const auto &[field, text] : row.items())
          llvm::outs() << ' ' << field << '=' << scalarText(text);
        llvm::outs() << '\n';
      }
    } else {
      llvm::outs() << name << ": " << scalarText(member) << '\n';
    }
  }
}

int ingot::inspectVerb(int argc, char **argv) {
  VerbParser parser("inspect", "What a model or a compiled folder holds.");
  std::string path, output = "text";
  parser.app()
      .add_option("DIR|MODEL", path, "compiled folder, or a model as for 'compile'")
      ->required();
  parser.app()
      .add_option("-o,--output", output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  if (std::optional<int> end = parser.parse(argc, argv))
    return *end;

  Json report;
  std::error_code status;
  if (std::filesystem::exists(joinPath(path, "report.json"), status)) {
    llvm::Expected<CompiledModel> model = CompiledModel::open(path);
    if (!model)
      return reportError(model.takeError());
    report = std::move(model->report);
  } else {
    llvm::Expected<Json> model = inspectModel(path);
    if (!model)
      return reportError(model.takeError());
    report = std::move(*model);
  }
  if (output == "json")
    llvm::outs() << formatJson(report);
  else
    printText(report, /*prefix=*/{});
  return kExitDone;
}
