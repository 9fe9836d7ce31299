//===- TemplatePieces.cpp - A chat template, cut at its tags --------------===//

#include "compiler/import/tokenizer/TemplatePieces.h"

namespace ingot::jinja {

/// Where a tag's content ends: its closing mark outside strings and brackets,
/// as
/// "}}" may stand in a string or close two maps.
static size_t findClose(llvm::StringRef rest, llvm::StringRef close) {
  if (close == "#}")
    return rest.find(close, 2);
  int open = 0;
  for (size_t at = 2; at < rest.size(); ++at) {
    const char c = rest[at];
    if (open == 0 && rest.substr(at).starts_with(close))
      return at;
    if (c == '\'' || c == '"') {
      for (++at; at < rest.size() && rest[at] != c; ++at)
        at += rest[at] == '\\';
    } else if (c == '{' || c == '[' || c == '(') {
      ++open;
    } else if ((c == '}' || c == ']' || c == ')') && open > 0) {
      --open;
    }
  }
  return llvm::StringRef::npos;
}

/// Jinja reads every line end as '\n' and drops the last one of the file.
static std::string unifyLines(llvm::StringRef source) {
  std::string text;
  for (size_t i = 0; i < source.size(); ++i) {
    const bool pair = source[i] == '\r' && i + 1 < source.size() && source[i + 1] == '\n';
    text += source[i] == '\r' ? '\n' : source[i];
    i += pair;
  }
  if (llvm::StringRef(text).ends_with("\n"))
    text.pop_back();
  return text;
}

std::vector<Piece> cutPieces(llvm::StringRef source, Environment &environment) {
  const std::string unified = unifyLines(source);
  std::vector<Piece> pieces;
  llvm::StringRef rest = unified;
  size_t line = 1;
  bool trimLeft = false, dropNewline = false;
  bool lineStarts = true; // the text before this one ended a line
  while (!rest.empty() && environment.spend()) {
    size_t open = llvm::StringRef::npos;
    for (llvm::StringRef mark : {"{{", "{%", "{#"})
      open = std::min(open, rest.find(mark));
    llvm::StringRef text = rest.substr(0, open);
    rest = rest.substr(text.size());
    const size_t textLine = line;
    line += text.count('\n');
    if (trimLeft) {
      llvm::StringRef stripped = text.ltrim();
      lineStarts = text.drop_back(stripped.size()).ends_with("\n");
      text = stripped;
    } else if (dropNewline) {
      lineStarts = text.consume_front("\n");
    }
    if (rest.empty()) {
      pieces.push_back({Piece::Kind::Text, text.str(), textLine});
      break;
    }
    const char kind = rest[1];
    const size_t end = findClose(rest, kind == '{' ? "}}" : kind == '%' ? "%}" : "#}");
    if (end == llvm::StringRef::npos) {
      environment.fail("line " + llvm::Twine(line) + ": '" + rest.substr(0, 2) + "' is not closed");
      return pieces;
    }
    llvm::StringRef body = rest.slice(2, end);
    const size_t lines = body.count('\n');
    rest = rest.substr(end + 2);
    if (body.consume_front("-")) {
      text = text.rtrim();
    } else if (!body.consume_front("+") && kind != '{') {
      // lstrip_blocks: only white space before the tag on its line
      llvm::StringRef stripped = text.rtrim(" \t");
      if (stripped.empty() ? lineStarts : stripped.ends_with("\n"))
        text = stripped;
    }
    if (!text.empty())
      pieces.push_back({Piece::Kind::Text, text.str(), textLine});
    trimLeft = body.consume_back("-");
    dropNewline = !trimLeft && !body.consume_back("+") && kind != '{'; // trim_blocks
    lineStarts = false;
    if (kind != '#')
      pieces.push_back(
          {kind == '{' ? Piece::Kind::Print : Piece::Kind::Statement, body.trim().str(), line});
    line += lines;
  }
  return pieces;
}

} // namespace ingot::jinja
