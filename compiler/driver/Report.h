//===- Report.h - report.json -----------------------------------*- C++ -*-===//
#ifndef INGOT_COMPILER_DRIVER_REPORT_H
#define INGOT_COMPILER_DRIVER_REPORT_H

#include "llvm/Support/Error.h"

#include <nlohmann/json.hpp>

#include <string>

namespace ingot {

/// Bytes of an object by what they are: {"code": .., "constants": .., "weights": .., "other": ..}.
/// Sections called `.rodata.ingot_image` (ELF) or `__ingot_image` (Mach-O) are weights; where a
/// form of objects has one section for all data, it holds `embedded` bytes of weights, and the rest
/// are constants.
llvm::Expected<nlohmann::ordered_json> sectionBytes(const std::string &object, uint64_t embedded);

/// Two spaces, one member a line, a line end: the form of every JSON file we write.
std::string formatJson(const nlohmann::ordered_json &value);

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_REPORT_H
