//===- KernelWrappers.cpp - Typed calls of kernels in emitted code --------===//

#include "codegen/emit/KernelWrappers.h"

#include "llvm/ADT/StringExtras.h"

#include <vector>

namespace ingot {

const char *cTypeOf(KernelType type) {
  switch (type) {
  case KernelType::I8:
    return "int8_t";
  case KernelType::U8:
    return "uint8_t";
  case KernelType::I32:
    return "int32_t";
  case KernelType::F16:
    return "uint16_t";
  case KernelType::F32:
    return "float";
  }
  llvm_unreachable("all kernel types are listed");
}

bool isWeightView(const KernelArg &arg) {
  return arg.kind == KernelArg::Kind::Input && llvm::StringRef(arg.name).starts_with("weights");
}

bool isSlotView(const KernelArg &arg) { return llvm::StringRef(arg.name).starts_with("kv_"); }

std::string wrapperName(const KernelSpec &spec) {
  std::string name = kernelSymbol(spec, "");
  llvm::StringRef trimmed(name);
  trimmed.consume_front("ingot_k_");
  while (trimmed.consume_back("_"))
    ;
  return trimmed.str();
}

/// [960][576]: outermost first, as C writes it; ? where the kernel does not
/// depend on it.
static std::string shapeComment(const KernelArg &arg) {
  std::string text;
  for (int64_t extent : llvm::reverse(arg.extents))
    text += extent == KernelArg::kDynamic ? "[]" : "[" + std::to_string(extent) + "]";
  return text;
}

void printKernelWrapper(llvm::raw_ostream &os, const KernelSpec &spec,
                        const KernelSignature &signature, const std::string &symbol) {
  os << "extern \"C\" int " << symbol << "(";
  llvm::interleave(
      signature.args, os,
      [&](const KernelArg &arg) {
        os << (arg.kind == KernelArg::Kind::Scalar ? "int32_t " + arg.name
                                                   : "ingot_buffer *" + arg.name);
      },
      ", ");
  os << ");\n";

  // One pointer for all views of the weights, and one for all of a KV slot, at
  // the place of the first.
  std::vector<std::string> parameters, buffers, arguments;
  bool weightsSeen = false, slotSeen = false;
  bool hasShare = false;
  for (const KernelArg &arg : signature.args) {
    if (arg.kind == KernelArg::Kind::Scalar) {
      hasShare |= arg.name == "end";
      parameters.push_back("int32_t " + arg.name);
      arguments.push_back(arg.name);
      continue;
    }
    std::string pointer = arg.name;
    if (isWeightView(arg)) {
      if (!weightsSeen)
        parameters.push_back("const uint8_t *weights");
      weightsSeen = true;
      pointer = arg.byteOffset ? "weights + " + std::to_string(arg.byteOffset) : "weights";
    } else if (isSlotView(arg)) {
      if (!slotSeen)
        parameters.push_back("uint8_t *slot");
      slotSeen = true;
      pointer = arg.byteOffset ? "slot + " + std::to_string(arg.byteOffset) : "slot";
    } else {
      bool input = arg.kind == KernelArg::Kind::Input;
      parameters.push_back(std::string(input ? "const " : "") + cTypeOf(arg.type) + " *" +
                           arg.name + " /*" + shapeComment(arg) + "*/");
    }
    std::string buffer = arg.name + "_view";
    buffers.push_back("  ingot_buffer " + buffer + " = ingot_view(" + pointer + ");\n");
    arguments.push_back("&" + buffer);
  }

  os << "static inline void " << wrapperName(spec) << "(";
  llvm::interleave(parameters, os, ",\n    ");
  os << ") {\n";
  if (hasShare)
    os << "  if (begin >= end)\n    return;\n";
  for (const std::string &buffer : buffers)
    os << buffer;
  os << "  " << symbol << "(";
  llvm::interleaveComma(arguments, os);
  os << ");\n}\n\n";
}

} // namespace ingot
