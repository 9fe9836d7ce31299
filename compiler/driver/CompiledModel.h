//===- CompiledModel.h - A folder that `ingot compile` wrote ----*- C++ -*-===//
#ifndef INGOT_COMPILER_DRIVER_COMPILEDMODEL_H
#define INGOT_COMPILER_DRIVER_COMPILEDMODEL_H

#include "llvm/Support/Error.h"

#include <nlohmann/json.hpp>

#include <string>

namespace ingot {

struct CompiledModel {
  std::string folder;
  std::string name;
  std::string target;
  std::string executable; ///< empty: compiled without one
  nlohmann::ordered_json report;

  /// Reads and checks `folder`/report.json.
  static llvm::Expected<CompiledModel> open(llvm::StringRef folder);
};

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_COMPILEDMODEL_H
