//===- EmitSentencePiece.cpp - SentencePiece as constant tables -----------===//

#include "compiler/import/tokenizer/EmitTables.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

using namespace ingot;

std::string ingot::literal(llvm::StringRef bytes) {
  std::string text = "\"";
  for (unsigned char c : bytes) {
    if (c == '"' || c == '\\' || c == '?')
      (text += '\\') += static_cast<char>(c);
    else if (c >= ' ' && c <= '~')
      text += static_cast<char>(c);
    else { // three octal digits: no digit that follows is taken along
      text += '\\';
      for (int shift : {6, 3, 0})
        text += static_cast<char>('0' + (c >> shift & 7));
    }
  }
  return text + "\"";
}

static void emitTrie(const FlatTrie &trie, const std::string &name, llvm::raw_ostream &os) {
  printTable(os, "uint32_t", name + "_first_child", trie.firstChild);
  printTable(os, "uint8_t", name + "_labels",
             llvm::map_range(trie.labels, [](uint8_t label) { return unsigned(label); }));
  printTable(os, "int32_t", name + "_values", trie.values);
}

/// The initialiser of an ingot_trie.
static std::string trieValue(const FlatTrie &trie, const std::string &name) {
  return "{" + std::to_string(trie.nodes()) + ", " + std::to_string(trie.longest) + ", " + name +
         "_first_child, " + name + "_labels, " + name + "_values}";
}

/// A number that reads back as itself.
static std::string exact(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.17g", value);
  return text;
}

void ingot::emitSentencePieceTables(const SentencePieceSpec &spec, llvm::raw_ostream &os) {
  emitTrie(spec.symbols, "symbols", os);
  emitTrie(spec.user, "user", os);
  printTable(os, "uint32_t", "rule_units", spec.rules.units);
  os << "static const char rule_text[] =";
  for (llvm::StringRef rest = spec.rules.text; !rest.empty();) {
    auto [text, after] = rest.split('\0');
    os << "\n    " << literal(rest.take_front(text.size() + 1));
    rest = after;
  }
  os << (spec.rules.text.empty() ? " \"\";\n\n" : ";\n\n");
  printTable(os, "uint32_t", "extra_characters", spec.extraCharacters);
  printTable(os, "double", "scores", llvm::map_range(spec.scores, exact));
  printTable(os, "uint8_t", "joins",
             llvm::map_range(spec.joins, [](uint8_t bits) { return unsigned(bits); }));
  std::vector<int32_t> parts;
  os << "// {id, begin, count}\nstatic const ingot_expansion expansions[] = {";
  for (const SentencePieceSpec::Expansion &expansion : spec.expansions) {
    os << "\n    {" << expansion.id << ", " << parts.size() << ", " << expansion.symbols.size()
       << "},";
    llvm::append_range(parts, expansion.symbols);
  }
  os << (spec.expansions.empty() ? "{0, 0, 0}};\n\n" : "\n};\n\n");
  printTable(os, "int32_t", "expansion_symbols", parts);

  os << "static const ingot_sentencepiece sentencepiece = {\n    sizeof(ingot_sentencepiece), "
     << spec.flags << ", " << static_cast<uint32_t>(spec.prefix) << ", " << spec.unknown
     << ",\n    " << literal(spec.unknownText) << ", " << spec.unknownText.size() << ", "
     << spec.lookahead << ", " << spec.idsPerByte << ", " << spec.longestSymbol << ",\n    "
     << trieValue(spec.symbols, "symbols") << ",\n    " << trieValue(spec.user, "user") << ",\n    "
     << spec.rules.units.size() << ", rule_units, rule_text, extra_characters, scores, "
     << exact(spec.unknownScore) << ", joins, "
     << (spec.joins.empty() ? 0 : spec.joins.size() * 8 - 1) << ", " << spec.expansions.size()
     << ", expansions, expansion_symbols,\n};\n\n";
}
