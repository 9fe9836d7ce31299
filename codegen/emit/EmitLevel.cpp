//===- EmitLevel.cpp - The source of one instruction-set level ------------===//

#include "codegen/emit/Emit.h"
#include "codegen/emit/FunctionPrinter.h"
#include "codegen/emit/KernelWrappers.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace ingot {

using namespace plan;

KernelSpec kernelSpecOf(KernelOp kernel) {
  KernelSpec spec;
  spec.algorithm = kernel.getAlgorithm().str();
  for (NamedAttribute param : kernel.getParams())
    spec.params[param.getName().str()] = cast<IntegerAttr>(param.getValue()).getInt();
  return spec;
}

/// Every kernel with its signature; nothing after a diagnostic.
static std::optional<KernelMap> resolveKernels(ModelOp model) {
  KernelMap kernels;
  for (KernelOp kernel : model.getOps<KernelOp>()) {
    ResolvedKernel resolved{kernelSpecOf(kernel), {}};
    std::string error;
    std::optional<KernelSignature> signature = kernelSignature(resolved.spec, error);
    if (!signature) {
      kernel.emitError(error);
      return std::nullopt;
    }
    resolved.signature = std::move(*signature);
    kernels.emplace(kernel.getSymName().str(), std::move(resolved));
  }
  return kernels;
}

static void printTable(llvm::raw_ostream &os, TableOp table) {
  os << "static const float " << table.getSymName() << "[" << table.getValues().size() << "] = {";
  for (auto [index, value] : llvm::enumerate(table.getValues())) {
    SmallString<32> text;
    llvm::APFloat(value).toString(text, /*FormatPrecision=*/9, /*FormatMaxPadding=*/0);
    bool plainInteger = text.find_first_of(".eE") == StringRef::npos;
    os << (index % 8 ? " " : "\n    ") << text << (plainInteger ? ".0f," : "f,");
  }
  os << "\n};\n\n";
}

/// Functions of an entry in the order of their first call, the entry last.
static SmallVector<FuncOp> functionsOf(ModelOp model, FuncOp entry) {
  llvm::SetVector<FuncOp> functions;
  for (CallOp call : entry.getBody().getOps<CallOp>())
    functions.insert(model.lookupSymbol<FuncOp>(call.getCalleeAttr()));
  functions.insert(entry);
  return functions.takeVector();
}

std::optional<std::string> emitLevelSource(ModelOp model, const std::string &name,
                                           const std::string &level, const std::string &banner) {
  std::optional<KernelMap> kernels = resolveKernels(model);
  if (!kernels)
    return std::nullopt;
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "// " << banner << "\n"
     << "// " << model.getSymName() << " for level " << level
     << ": decode and prefill. Written by a compiler; edits are lost.\n\n"
     << "#include \"ingot/abi.h\"\n\n";

  os << "// Kernels: each is machine code of its own, specialised to the shape in its name.\n\n";
  for (auto &[symbol, kernel] : *kernels)
    printKernelWrapper(os, kernel.spec, kernel.signature, kernelSymbol(kernel.spec, level));

  for (TableOp table : model.getOps<TableOp>())
    printTable(os, table);

  if (model.getBody().walk([](PrefetchOp) { return WalkResult::interrupt(); }).wasInterrupted())
    os << "/// Asks for `bytes` bytes, a cache line at a time.\n"
          "static inline void prefetch(const uint8_t *first, int32_t bytes) {\n"
          "#if defined(__GNUC__)\n"
          "  for (int32_t i = 0; i < bytes; i += 64)\n"
          "    __builtin_prefetch(first + i);\n"
          "#else\n"
          "  (void)first, (void)bytes;\n"
          "#endif\n"
          "}\n\n";

  int64_t entries = 0;
  std::string table;
  llvm::raw_string_ostream tableStream(table);
  for (FuncOp entry : model.getOps<FuncOp>()) {
    if (!entry.getEntry())
      continue;
    ++entries;
    os << "static const size_t scratch_bytes_" << entry.getMaxRows() << " = "
       << *entry.getScratchBytes() << "; // of a thread\n\n";
    for (FuncOp func : functionsOf(model, entry))
      if (failed(FunctionPrinter(os, model, *kernels).print(func)))
        return std::nullopt;
    tableStream << "    {" << entry.getSymName() << ", " << entry.getMaxRows() << ", 0, "
                << *entry.getArenaBytes() << ", " << *entry.getScratchBytes() << "},\n";
  }
  os << "extern const ingot_entry ingot_entries_" << name << "_" << level << "[" << entries
     << "];\n"
     << "const ingot_entry ingot_entries_" << name << "_" << level << "[" << entries
     << "] = {\n    // function, rows, 0, arena bytes, scratch bytes of a thread\n"
     << table << "};\n";
  return text;
}

} // namespace ingot
