//===- EmitModel.cpp - The model's one symbol, its header, its image ------===//

#include "codegen/emit/Emit.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"

namespace ingot {

/// A text as a C string literal.
static std::string quoted(llvm::StringRef text) {
  std::string result;
  llvm::raw_string_ostream os(result);
  os << '"';
  llvm::printEscapedString(text, os);
  os << '"';
  return result;
}

/// {0x..., ...}: a SHA-256 as four words, the first byte lowest.
static std::string hashWords(const std::string &hash) {
  std::string text = "{";
  for (size_t word = 0; word < 4; ++word) {
    uint64_t value =
        hash.size() == 32 ? llvm::support::endian::read64le(hash.data() + 8 * word) : 0;
    text += (word ? ", " : "") + ("UINT64_C(0x" + llvm::utohexstr(value, /*LowerCase=*/true) + ")");
  }
  return text + "}";
}

std::string emitModelSource(plan::ModelOp model, const ModelTable &table) {
  std::string text;
  llvm::raw_string_ostream os(text);
  const std::string &name = table.name;
  os << "// " << table.banner << "\n// The one global symbol of the compiled model.\n\n"
     << "#include \"ingot/abi.h\"\n\n"
     << "#if defined(__GNUC__)\n#define EXPORTED __attribute__((visibility(\"default\")))\n"
     << "#else\n#define EXPORTED\n#endif\n\nextern \"C\" {\n";
  for (const ModelTable::Level &level : table.levels)
    if (!level.usableSymbol.empty())
      os << "int " << level.usableSymbol << "(void);\n";
  if (table.embedded)
    os << "extern const uint8_t ingot_image_" << name << "[];\n";
  if (table.hasTokenizer)
    os << "extern const ingot_tokenizer ingot_tokenizer_" << name << ";\n";
  if (table.hasChat)
    os << "extern const ingot_chat ingot_chat_" << name << ";\n";
  os << "extern const ingot_model ingot_model_" << name << "_table;\n"
     << "EXPORTED const ingot_model *ingot_model_" << name << "(void);\n}\n\n";
  for (const ModelTable::Level &level : table.levels)
    os << "extern const ingot_entry ingot_entries_" << name << "_" << level.name << "["
       << level.entries << "];\n";
  os << "\nstatic int always_usable(void) { return 1; }\n\n"
     << "static const ingot_level levels[] = {\n";
  bool anyAlways = false;
  for (const ModelTable::Level &level : table.levels) {
    anyAlways |= level.usableSymbol.empty();
    os << "    {" << quoted(level.name) << ", "
       << (level.usableSymbol.empty() ? "always_usable" : level.usableSymbol) << ", ingot_entries_"
       << name << "_" << level.name << ", " << level.entries << ", 0},\n";
  }
  os << "};\n\n";
  if (!table.eos.empty()) {
    os << "static const int32_t eos[] = {";
    llvm::interleaveComma(table.eos, os);
    os << "};\n\n";
  }
  auto field = [&](const llvm::Twine &value, const char *comment) {
    os << "    " << value << ", // " << comment << "\n";
  };
  os << "const ingot_model ingot_model_" << name << "_table = {\n";
  field("INGOT_ABI_VERSION", "abi_version");
  field("sizeof(ingot_model)", "struct_bytes");
  field(quoted(model.getSymName()), "name");
  field(quoted(table.target), "target");
  field(quoted(table.banner), "banner");
  field(llvm::Twine(model.getVocabSize()), "vocab_size");
  field(llvm::Twine(model.getHiddenSize()), "hidden_size");
  field(llvm::Twine(table.blocks), "block_count");
  field(llvm::Twine(model.getSlots()), "run_count");
  field(llvm::Twine(table.maxContext), "max_context");
  field(llvm::Twine(table.kvBytesPerPosition), "kv_bytes_per_position");
  field(llvm::Twine(table.weightsBytes), "weights_bytes");
  field(llvm::Twine(table.weightsReadPerToken), "weights_read_per_token");
  field(hashWords(table.weightsHash), "weights_hash");
  field(table.embedded ? "ingot_image_" + name : "0", "weights");
  field(hashWords(table.modelHash), "model_hash");
  field("levels", "best first");
  field(llvm::Twine(table.levels.size()), "level_count");
  field(llvm::Twine(table.eos.size()), "eos_count");
  field(table.eos.empty() ? "0" : "eos", "end tokens");
  field(llvm::Twine(table.bos ? *table.bos : -1), "bos");
  field(table.addBos ? "1" : "0", "add_bos");
  field(table.hasTokenizer ? "&ingot_tokenizer_" + name : "0", "tokenizer");
  field(table.hasChat ? "&ingot_chat_" + name : "0", "chat");
  field(llvm::Twine(model.getSlots()), "kv_streams");
  field("0", "reserved");
  os << "};\n\nconst ingot_model *ingot_model_" << name << "(void) { return &ingot_model_" << name
     << "_table; }\n";
  if (!anyAlways) {
    size_t at = text.find("static int always_usable");
    text.erase(at, text.find("static const ingot_level") - at);
  }
  return text;
}

std::string emitHeader(const ModelTable &table) {
  std::string guard = "INGOT_MODEL_" + llvm::StringRef(table.name).upper() + "_H";
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "/* " << table.banner << " */\n"
     << "#ifndef " << guard << "\n#define " << guard << "\n\n#include \"ingot/ingot.h\"\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
     << "/* The model. Constant, never freed; the argument of ingot_session_create. */\n"
     << "const ingot_model *ingot_model_" << table.name << "(void);\n\n"
     << "#ifdef __cplusplus\n} /* extern \"C\" */\n#endif\n#endif\n";
  return text;
}

} // namespace ingot
