//===- ModelFacts.h - What outputs say about a model ------------*- C++ -*-===//
//
// Numbers and names that follow from the model and the options: the table in
// ingot_model_NAME and the members of report.json.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_TOOLS_INGOT_MODELFACTS_H
#define INGOT_COMPILER_TOOLS_INGOT_MODELFACTS_H

#include "codegen/emit/Emit.h"
#include "codegen/emit/PackImage.h"
#include "compiler/driver/CompileOptions.h"
#include "compiler/import/ArchSpec.h"

#include <nlohmann/json.hpp>

namespace ingot {

/// The table without its levels and what the tokenizer adds. `quant` is the
/// quantisation that was resolved.
ModelTable makeModelTable(const CompileOptions &options, const ModelSpec &spec,
                          const std::string &quant, plan::ModelOp model, const PackedImage &image);

/// Adds the members of report.json that follow from the model.
void describeModel(nlohmann::ordered_json &report, const ArchSpec &arch, plan::ModelOp model,
                   const ModelTable &table);

} // namespace ingot

#endif // INGOT_COMPILER_TOOLS_INGOT_MODELFACTS_H
