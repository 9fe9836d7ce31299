//===- CompileOptions.h - What was asked of `ingot compile` -----*- C++ -*-===//
//
// Parsed once, checked once, passed by const reference.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_DRIVER_COMPILEOPTIONS_H
#define INGOT_COMPILER_DRIVER_COMPILEOPTIONS_H

#include "codegen/Target.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ingot {

enum class Validation : uint8_t { None, Default, Full };

/// What --emit asks for.
struct EmitSet {
  bool exe = false, lib = false, so = false, obj = false, assembly = false, cpp = false,
       mlir = false;
};

struct CompileOptions {
  std::string model;  ///< YAML, folder or GGUF
  std::string output; ///< DIR
  std::string name;   ///< empty: from the model
  const Target *target = nullptr;
  std::vector<const Level *> levels; ///< best first, at least one
  std::string quant; ///< "keep", "f32", "q8", "q4"; empty: the default of the source
  std::string kv = "f16";
  std::optional<int64_t> context; ///< positions; nothing: the model's
  EmitSet emit;
  bool sidecar = false;
  std::optional<uint64_t> randomSeed; ///< weights are generated
  Validation validation = Validation::Default;
  std::string cache; ///< empty: the default folder
  bool force = false;
  bool verbose = false;
};

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_COMPILEOPTIONS_H
