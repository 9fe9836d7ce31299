// A Llama as the papers write it: doubles, no cache, no slots. Independent of
// the dialect, so that it can judge the interpreter.
#ifndef INGOT_TEST_DIALECTS_LLM_TEXTBOOKLLAMA_H
#define INGOT_TEST_DIALECTS_LLM_TEXTBOOKLLAMA_H

#include "compiler/import/ArchSpec.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ingot::test {

/// Tensors by canonical name, row after row.
using Tensors = std::map<std::string, std::vector<float>>;

/// Normal-ish numbers for every tensor of `arch`, from a fixed generator.
Tensors randomTensors(const ArchSpec &arch, uint32_t seed);

/// Logits of every token, row after row. `layers` are the block indices to run.
std::vector<double> textbookLogits(const ArchSpec &arch, const Tensors &tensors,
                                   const std::vector<int64_t> &layers,
                                   const std::vector<int32_t> &tokens);

} // namespace ingot::test

#endif // INGOT_TEST_DIALECTS_LLM_TEXTBOOKLLAMA_H
