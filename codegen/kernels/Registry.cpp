//===- Registry.cpp - Signatures of all algorithms, without Halide --------===//

#include "codegen/kernels/Registry.h"

#include <algorithm>

using namespace ingot;

namespace {

struct AlgorithmEntry {
  std::string_view name;
  std::optional<KernelSignature> (*signature)(const KernelSpec &, std::string &);
};

constexpr AlgorithmEntry kAlgorithms[] = {
#define INGOT_ALGORITHM(NAME, F) {#NAME, signatureOf##F},
#include "codegen/kernels/Algorithms.def"
};

std::string quote(std::string_view text) { return "'" + std::string(text) + "'"; }

} // namespace

//===----------------------------------------------------------------------===//
// codegen/Kernel.h
//===----------------------------------------------------------------------===//

std::string ingot::kernelSymbol(const KernelSpec &spec, std::string_view level) {
  std::string symbol = "ingot_k_" + spec.algorithm;
  auto rows = spec.params.find("rows"), cols = spec.params.find("cols");
  const bool shaped = rows != spec.params.end() && cols != spec.params.end();
  if (shaped)
    symbol += "_" + std::to_string(rows->second) + "x" + std::to_string(cols->second);
  for (const auto &[name, value] : spec.params) {
    if (shaped && (name == "rows" || name == "cols"))
      continue;
    symbol += "_" + name + std::to_string(value);
  }
  return symbol + "_" + std::string(level);
}

std::optional<KernelSignature> ingot::kernelSignature(const KernelSpec &spec, std::string &error) {
  for (const AlgorithmEntry &entry : kAlgorithms)
    if (entry.name == spec.algorithm)
      return entry.signature(spec, error);
  error = "unknown algorithm " + quote(spec.algorithm);
  return std::nullopt;
}

std::vector<std::string> ingot::kernelAlgorithms() {
  std::vector<std::string> names;
  for (const AlgorithmEntry &entry : kAlgorithms)
    names.emplace_back(entry.name);
  std::sort(names.begin(), names.end());
  return names;
}

//===----------------------------------------------------------------------===//
// ParamReader
//===----------------------------------------------------------------------===//

void ParamReader::complain(std::string text) {
  if (good)
    error = quote(spec.algorithm) + ": " + std::move(text);
  good = false;
}

int64_t ParamReader::required(const std::string &name, int64_t min, int64_t max, int64_t multiple) {
  if (!spec.params.count(name)) {
    complain("parameter " + quote(name) + " is missing");
    seen.insert(name);
    return min;
  }
  return optional(name, min, min, max, multiple);
}

int64_t ParamReader::optional(const std::string &name, int64_t otherwise, int64_t min, int64_t max,
                              int64_t multiple) {
  seen.insert(name);
  auto it = spec.params.find(name);
  if (it == spec.params.end())
    return otherwise;
  const int64_t value = it->second;
  if (value < min || value > max) {
    complain("parameter " + quote(name) + " is " + std::to_string(value) + ", expected " +
             std::to_string(min) + " to " + std::to_string(max));
    return min;
  }
  if (value % multiple != 0) {
    complain("parameter " + quote(name) + " is " + std::to_string(value) +
             ", expected a multiple of " + std::to_string(multiple));
    return min;
  }
  return value;
}

bool ParamReader::finish() {
  for (const auto &[name, value] : spec.params)
    if (!seen.count(name))
      complain("unknown parameter " + quote(name));
  return good;
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

KernelArg ingot::scalarArg(std::string name) {
  return {KernelArg::Kind::Scalar, std::move(name), KernelType::I32, {}, 0};
}

KernelArg ingot::inputArg(std::string name, KernelType type, std::initializer_list<int64_t> extents,
                          int64_t byteOffset) {
  return {KernelArg::Kind::Input, std::move(name), type, extents, byteOffset};
}

KernelArg ingot::outputArg(std::string name, KernelType type,
                           std::initializer_list<int64_t> extents) {
  return {KernelArg::Kind::Output, std::move(name), type, extents, 0};
}
