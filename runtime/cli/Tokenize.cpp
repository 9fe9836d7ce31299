// `tokenize`: a text as ids or pieces, or ids as a text.

#include "Files.h"
#include "Json.h"
#include "Options.h"
#include "Tokens.h"

#include <stdio.h>
#include <string.h>

namespace ingot::cli {

static int printIds(const Array<int32_t> &ids) {
  Array<char> out;
  for (size_t i = 0; i < ids.size(); ++i) {
    char number[16];
    int length = snprintf(number, sizeof number, i == 0 ? "%d" : " %d", ids[i]);
    if (!out.append(number, static_cast<size_t>(length)))
      return fail(exitFailed, "out of memory");
  }
  if (!out.push('\n'))
    return fail(exitFailed, "out of memory");
  return writeOutput(out.data(), out.size());
}

static int printPieces(const ingot_model *model, const Array<int32_t> &ids) {
  Array<char> out;
  for (int32_t id : ids) {
    const char *text = nullptr;
    size_t bytes = 0;
    if (ingot_status status = ingot_token_text(model, id, &text, &bytes))
      return failStatus(status, "look up a token");
    if (!appendJsonString(text, bytes, out) || !out.push('\n'))
      return fail(exitFailed, "out of memory");
  }
  return writeOutput(out.data(), out.size());
}

static int printDecoded(const ingot_model *model, const char *name, const Array<char> &text) {
  IdLines lines;
  Array<char> decoded;
  if (int code = parseIds(model, name, text, lines))
    return code;
  if (int code = detokenizeIds(model, lines.ids, decoded))
    return code;
  return writeOutput(decoded.data(), decoded.size());
}

int tokenizeVerb(int argc, char **argv) {
  const char *file = nullptr, *text = nullptr;
  bool ids = false, decode = false, noSpecial = false;
  const Option table[] = {
      {Option::Text, 'f', "file", &file, 0, 0, "FILE", "take the bytes of FILE"},
      {Option::Flag, 0, "ids", &ids, 0, 0, nullptr, "print ids on one line"},
      {Option::Flag, 0, "decode", &decode, 0, 0, nullptr, "turn ids into their exact bytes"},
      {Option::Flag, 0, "no-special", &noSpecial, 0, 0, nullptr,
       "read added tokens in the text as plain text"},
  };
  Parsed parsed = parseOptions(
      argc, argv, table, sizeof table / sizeof *table,
      "ingot tokenize DIR [-f FILE | TEXT] [--ids | --decode] [--no-special]", {"TEXT", &text});
  if (parsed.end)
    return parsed.code;
  if (file && text)
    return fail(exitUsage, "option '-f' and a text exclude each other");
  if (decode && (ids || noSpecial))
    return fail(exitUsage, "option '--decode' excludes '%s'", ids ? "--ids" : "--no-special");
  const ingot_model *model = ingot_cli_model();
  if (int code = needTokenizer(model))
    return code;

  Array<char> bytes;
  if (text) {
    if (!bytes.append(text, strlen(text)))
      return fail(exitFailed, "out of memory");
  } else if (int code = readWhole(file, bytes)) {
    return code;
  }
  if (decode)
    return printDecoded(model, file ? file : text ? "TEXT" : "standard input", bytes);
  Array<int32_t> tokens;
  if (int code = tokenizeText(model, bytes.data(), bytes.size(),
                              noSpecial ? INGOT_TOKENIZE_NO_SPECIAL : 0, tokens))
    return code;
  return ids ? printIds(tokens) : printPieces(model, tokens);
}

} // namespace ingot::cli
