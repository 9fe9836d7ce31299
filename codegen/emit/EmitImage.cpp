//===- EmitImage.cpp - The packed weights as a part of the program --------===//

#include "codegen/emit/Emit.h"

#include "llvm/Support/raw_ostream.h"

namespace ingot {

std::string imageSuffix(const ModelTable &table) {
  return table.objectFormat == ObjectFormat::Source ? ".cpp" : ".s";
}

namespace {

struct ImagePrinter {
  const ModelTable &table;
  const std::string &file;
  const std::string symbol = "ingot_image_" + table.name;
  llvm::raw_ostream &os;

  void section(llvm::StringRef section, llvm::StringRef prefix = "") {
    os << "  .section " << section << "\n"
       << "  .balign " << table.pageBytes << "\n"
       << "  .globl " << prefix << symbol << "\n";
  }
  void bytes(llvm::StringRef prefix = "") {
    os << prefix << symbol << ":\n"
       << "  .incbin \"" << file << "\"\n";
  }

  void elf() {
    os << "# The packed weights: mapped with the program, page aligned, never copied.\n";
    section(".rodata.ingot_image,\"a\",%progbits");
    os << "  .type " << symbol << ", %object\n";
    bytes();
    os << "  .size " << symbol << ", . - " << symbol << "\n"
       << "  .section .note.GNU-stack,\"\",%progbits\n";
  }
  void machO() {
    os << "# The packed weights: mapped with the program, page aligned, never copied.\n";
    section("__TEXT,__ingot_image", "_");
    bytes("_");
  }
  void module() {
    os << "# The packed weights: the engine puts them into the memory, page aligned.\n";
    section(".rodata.ingot_image,\"\",@");
    os << "  .type " << symbol << ",@object\n";
    bytes();
    os << "  .size " << symbol << ", " << table.weightsBytes << "\n";
  }
  void source();
};

// C++ has no word for it, so this asks the assembler, in the words that all of
// them on ELF systems know.
void ImagePrinter::source() {
  os << "// " << table.banner << "\n"
     << "// The packed weights: mapped with the program, page aligned, never copied. They lie in\n"
     << "// " << file << ", which is looked for in the folder that the compiler is run in.\n\n"
     << "#if !defined(__GNUC__) || !defined(__ELF__)\n"
     << "#error \"this compiler cannot include the weights: compile the model with "
        "'--weights sidecar'\"\n"
     << "#else\n"
     << "asm(\".pushsection .rodata.ingot_image,\\\"a\\\",%progbits\\n\"\n"
     << "    \".balign " << table.pageBytes << "\\n\"\n"
     << "    \".globl " << symbol << "\\n\"\n"
     << "    \"" << symbol << ":\\n\"\n"
     << "    \".incbin \\\"" << file << "\\\"\\n\"\n"
     << "    \".popsection\\n\");\n"
     << "#endif\n";
}

} // namespace

std::string emitImage(const ModelTable &table, const std::string &imageFile) {
  std::string text;
  llvm::raw_string_ostream os(text);
  ImagePrinter printer = {.table = table, .file = imageFile, .os = os};
  switch (table.objectFormat) {
  case ObjectFormat::Elf:
    printer.elf();
    break;
  case ObjectFormat::MachO:
    printer.machO();
    break;
  case ObjectFormat::Module:
    printer.module();
    break;
  case ObjectFormat::Source:
    printer.source();
    break;
  }
  return text;
}

} // namespace ingot
