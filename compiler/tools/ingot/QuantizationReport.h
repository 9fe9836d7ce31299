//===- QuantizationReport.h - What quantising lost --------------*- C++ -*-===//
#ifndef INGOT_COMPILER_TOOLS_INGOT_QUANTIZATIONREPORT_H
#define INGOT_COMPILER_TOOLS_INGOT_QUANTIZATIONREPORT_H

#include "compiler/import/QuantizedWeights.h"

#include <nlohmann/json.hpp>

namespace ingot {

/// Adds "quantization" to report.json: for each tensor its format, its relative
/// error (root of squared error over squared values) and the largest error of a
/// value.
void describeQuantization(nlohmann::ordered_json &report,
                          const std::map<std::string, QuantizationError> &errors);

/// One line a format for people: tensors, mean relative error, the worst tensor.
std::vector<std::string>
quantizationSummary(const std::map<std::string, QuantizationError> &errors);

} // namespace ingot

#endif // INGOT_COMPILER_TOOLS_INGOT_QUANTIZATIONREPORT_H
