//===- Emit.h - From a finished plan to C++ -------------------------------===//
//
// The emitted C++ is straight code that a user may read: one function a block,
// one line a kernel call, a comment with the shape behind every pointer. It
// includes ingot/abi.h only. docs/rationale/emission.md says why it is printed
// from the plan and not through EmitC.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_EMIT_EMIT_H
#define INGOT_CODEGEN_EMIT_EMIT_H

#include "codegen/Kernel.h"
#include "codegen/Target.h"
#include "dialects/plan/Plan.h"

#include <optional>
#include <string>
#include <vector>

namespace ingot {

/// The spec of a kernel of the plan.
KernelSpec kernelSpecOf(plan::KernelOp kernel);

/// One source that runs `model` at `level`: every entry with its functions,
/// wrappers around the kernels, and the table `ingot_entries_NAME_LEVEL`.
/// Reports through the ops' diagnostics and returns nothing on failure.
std::optional<std::string> emitLevelSource(plan::ModelOp model, const std::string &name,
                                           const std::string &level, const std::string &banner);

/// What ingot_model_NAME holds besides the plan.
struct ModelTable {
  std::string name;   ///< as in C symbols
  std::string target; ///< the value of --target
  std::string banner; ///< compiler version and resolved options
  struct Level {
    std::string name;
    std::string usableSymbol; ///< empty: always usable
    int64_t entries;
  };
  std::vector<Level> levels; ///< best first
  int64_t blocks = 0;
  int64_t maxContext = 0;
  int64_t kvBytesPerPosition = 0;
  uint64_t weightsBytes = 0;
  uint64_t weightsReadPerToken = 0;
  std::string weightsHash; ///< 32 bytes
  std::string modelHash;   ///< 32 bytes
  bool embedded = true;
  ObjectFormat objectFormat = ObjectFormat::Elf;
  int64_t pageBytes = 4096; ///< alignment of the embedded image
  std::vector<int64_t> eos;
  std::optional<int64_t> bos;
  bool addBos = false;
  bool hasTokenizer = false, hasChat = false;
};

/// The source of the one global symbol, ingot_model_NAME.
std::string emitModelSource(plan::ModelOp model, const ModelTable &table);

/// NAME.h.
std::string emitHeader(const ModelTable &table);

/// The source that carries the packed image, read from `imageFile` when it is
/// assembled, and the end of its file's name: ".s", or ".cpp" where the target
/// is sources.
std::string emitImage(const ModelTable &table, const std::string &imageFile);
std::string imageSuffix(const ModelTable &table);

} // namespace ingot

#endif // INGOT_CODEGEN_EMIT_EMIT_H
