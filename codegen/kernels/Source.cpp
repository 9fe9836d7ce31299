//===- Source.cpp - Kernels as portable C++ -------------------------------===//

#include "codegen/kernels/Source.h"

#include <bit>
#include <fstream>
#include <sstream>

using namespace ingot;
using namespace Halide;

namespace {

/// The lanes of every function that `output` calls, itself included.
void unvectorize(const Func &output) {
  for (auto &[name, function] : Internal::find_transitive_calls(output.function())) {
    std::vector<Internal::Definition> definitions = {function.definition()};
    definitions.insert(definitions.end(), function.updates().begin(), function.updates().end());
    for (Internal::Definition &definition : definitions)
      for (Internal::Dim &dim : definition.schedule().dims())
        if (dim.for_type == Internal::ForType::Vectorized)
          dim.for_type = Internal::ForType::Serial;
  }
}

/// Halide 21 prints doubles through a float, which takes half of pi its last
/// digits: those that are no floats are printed by their bits.
struct PrintableDoubles final : Internal::IRMutator {
  using IRMutator::visit;

  Expr visit(const Internal::FloatImm *op) override {
    if (op->type.bits() != 64 || double(float(op->value)) == op->value)
      return op;
    const Expr bits = Internal::UIntImm::make(UInt(64), std::bit_cast<uint64_t>(op->value));
    return Internal::Call::make(op->type, "double_from_bits", {bits}, Internal::Call::PureExtern);
  }
};

} // namespace

void ingot::prepareSource(Pipeline &pipeline) {
  for (const Func &output : pipeline.outputs())
    unvectorize(output);
  pipeline.add_custom_lowering_pass(new PrintableDoubles);
}

static void replaceAll(std::string &text, const std::string &from, const std::string &to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

void ingot::rewriteSource(const std::string &symbol, const std::string &path) {
  std::stringstream printed;
  printed << std::ifstream(path).rdbuf();
  std::string text = printed.str();
  const size_t begin = text.find("int " + symbol + "("),
               end = text.rfind("\n}\n\n#ifdef __cplusplus");
  _halide_user_assert(begin != std::string::npos && end != std::string::npos)
      << "expected the function '" << symbol << "' in what was printed\n";
  text = text.substr(begin, end + 3 - begin);
  // The parameters of a kernel are its signature's, whether its shape needs them or not.
  replaceAll(text, "struct halide_buffer_t *", "[[maybe_unused]] ingot_buffer *");
  for (const std::string before : {"(", ", "})
    replaceAll(text, before + "int32_t _", before + "[[maybe_unused]] int32_t _");
  // Loops from 0 are printed as if they began elsewhere.
  replaceAll(text, " < 0 + ", " < ");
  std::ofstream(path) << "// Written by a compiler; edits are lost.\n\n#include \"kernel.h\"\n\n"
                      << "extern \"C\" int " << text.substr(4);
}
