//===- ModelFacts.cpp - What outputs say about a model --------------------===//

#include "compiler/tools/ingot/ModelFacts.h"

#include "codegen/formats/Format.h"
#include "codegen/kernels/KvLayout.h"
#include "compiler/driver/Installation.h"
#include "compiler/driver/Sha256.h"
#include "compiler/import/ArchitectureYaml.h"
#include "dialects/llm/Llm.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>

using namespace ingot;

/// Compiler version and every option that decides the output, in one line.
static std::string makeBanner(const CompileOptions &options, const ArchSpec &arch,
                              const std::string &quant) {
  std::string levels;
  for (const Level *level : options.levels)
    levels += (levels.empty() ? "" : ",") + std::string(level->name);
  return "ingot " + std::string(kVersion) + ": " + arch.name + " --target " +
         std::string(options.target->name) + " --cpu " + levels + " --quant " + quant + " --kv " +
         options.kv + " --ctx " + std::to_string(options.context.value_or(arch.maxContext)) +
         " --weights " + (options.sidecar ? "sidecar" : "embed") +
         (options.randomSeed ? " --weights-from random:" + std::to_string(*options.randomSeed)
                             : "");
}

/// Distinct bytes of the image that one decode step reads: every weight that
/// its functions name, and of the embedding a row. A shared block counts once:
/// its second run comes from cache.
static uint64_t bytesPerToken(plan::ModelOp model) {
  llvm::SetVector<plan::WeightOp> read;
  uint64_t rows = 0;
  for (plan::FuncOp entry : model.getOps<plan::FuncOp>()) {
    if (!entry.getEntry() || entry.getMaxRows() != 1)
      continue;
    for (plan::AddressOp address : entry.getBody().getOps<plan::AddressOp>())
      if (auto weight = model.lookupSymbol<plan::WeightOp>(address.getSymbolAttr())) {
        auto type = llvm::cast<llm::WeightType>(weight.getType());
        rows += findFormat(std::string_view(type.getFormat()))->packedBlockBytes(type.getCols()) /
                kRowBlock;
      }
    for (plan::CallOp call : entry.getBody().getOps<plan::CallOp>())
      model.lookupSymbol<plan::FuncOp>(call.getCalleeAttr())
          .getBody()
          .walk([&](plan::AddressOp address) {
            if (auto weight = model.lookupSymbol<plan::WeightOp>(address.getSymbolAttr()))
              read.insert(weight);
          });
  }
  uint64_t total = rows;
  for (plan::WeightOp weight : read)
    total += *weight.getBytes();
  return total;
}

ModelTable ingot::makeModelTable(const CompileOptions &options, const ModelSpec &spec,
                                 const std::string &quant, plan::ModelOp model,
                                 const PackedImage &image) {
  const ArchSpec &arch = spec.arch;
  const KvKind kind = options.kv == "q8"    ? KvKind::Q8
                      : options.kv == "f32" ? KvKind::F32
                                            : KvKind::F16;
  ModelTable table;
  table.name = arch.name;
  std::replace(table.name.begin(), table.name.end(), '-', '_');
  table.target = options.target->name;
  table.banner = makeBanner(options, arch, quant);
  table.blocks = arch.numLayers;
  table.maxContext = static_cast<int64_t>(model.getPositions());
  table.kvBytesPerPosition =
      arch.numRuns() * KvLayout(kind, arch.numKvHeads, arch.headDim).bytesPerPosition();
  table.weightsBytes = image.bytes;
  table.weightsReadPerToken = bytesPerToken(model);
  table.weightsHash.assign(image.hash.begin(), image.hash.end());
  table.embedded = !options.sidecar;
  table.objectFormat = options.target->objectFormat;
  table.pageBytes = options.target->pageBytes;

  // Saved state fits code of the same architecture, options and weights; where
  // the files lie does not matter.
  ModelSpec identity = spec;
  identity.weightsPath.reset();
  identity.tokenizer.reset();
  table.modelHash = llvm::fromHex(sha256Hex(table.banner + "\n" + table.weightsHash + "\n" +
                                            writeArchitectureYaml(identity, "/")));
  return table;
}

/// Multiply-adds of the matrices: of all runs of the blocks for one token, and
/// of the head for one row of logits. `ingot bench` divides by them.
static nlohmann::ordered_json macsOf(const ArchSpec &arch) {
  const int64_t queries = arch.numHeads * arch.headDim;
  const int64_t keys = arch.numKvHeads * arch.headDim;
  const int64_t run =
      arch.hiddenSize * (2 * queries + 2 * keys) + 3 * arch.hiddenSize * arch.intermediateSize;
  nlohmann::ordered_json macs;
  macs["blocks"] = static_cast<uint64_t>(arch.numRuns() * run);
  macs["head"] = static_cast<uint64_t>(arch.hiddenSize * arch.vocabSize);
  return macs;
}

void ingot::describeModel(nlohmann::ordered_json &report, const ArchSpec &arch, plan::ModelOp model,
                          const ModelTable &table) {
  report["options"] = table.banner;
  report["parameters"] = arch.parameterCount();
  report["bytes_per_token"] = table.weightsReadPerToken;
  report["kv_bytes_per_token"] = table.kvBytesPerPosition;
  report["context"] = table.maxContext;
  report["vocab_size"] = arch.vocabSize;
  report["macs"] = macsOf(arch);
  report["arena_bytes"] = nlohmann::ordered_json::object();
  report["scratch_bytes"] = nlohmann::ordered_json::object();
  for (plan::FuncOp func : model.getOps<plan::FuncOp>())
    if (func.getEntry()) {
      report["arena_bytes"][func.getSymName().str()] = *func.getArenaBytes();
      report["scratch_bytes"][func.getSymName().str()] = *func.getScratchBytes();
    }
  report["hashes"]["weights"] = llvm::toHex(table.weightsHash, /*LowerCase=*/true);
}
