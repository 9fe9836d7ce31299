//===- Json.cpp - Reading values of a scanned JSON text -------------------===//

#include "compiler/import/Json.h"

#include "compiler/import/MappedFile.h"
#include "compiler/import/Numbers.h"

#include "llvm/Support/ConvertUTF.h"

using namespace ingot;
using llvm::Error;
using llvm::StringRef;

size_t json_text::skipSpace(StringRef text, size_t offset) {
  size_t end = text.find_first_not_of(" \t\n\r", offset);
  return end == StringRef::npos ? text.size() : end;
}

size_t json_text::endOfString(StringRef text, size_t offset) {
  for (size_t at = offset + 1;; ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
}

size_t json_text::endOfValue(StringRef text, size_t offset) {
  size_t depth = 0;
  size_t at = offset;
  do {
    char c = text[at];
    if (c == '"') {
      at = endOfString(text, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
    } else if (c == '}' || c == ']') {
      --depth;
      ++at;
    } else if (c == ',' || c == ':' || StringRef(" \t\n\r").contains(c)) {
      ++at;
    } else {
      at = std::min(text.find_first_of(",:]} \t\n\r", at), text.size());
    }
  } while (depth != 0);
  return at;
}

std::string json_text::decodeString(StringRef text, size_t offset) {
  StringRef raw = text.slice(offset + 1, endOfString(text, offset) - 1);
  std::string out;
  out.reserve(raw.size());
  auto hex4 = [&](size_t at) {
    unsigned unit = 0;
    (void)raw.substr(at, 4).getAsInteger(16, unit);
    return unit;
  };
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      out += raw[i];
      continue;
    }
    char c = raw[++i];
    constexpr StringRef letters = "bfnrt", meanings = "\b\f\n\r\t";
    if (c != 'u') {
      size_t which = letters.find(c);
      out += which == StringRef::npos ? c : meanings[which];
      continue;
    }
    unsigned code = hex4(i + 1);
    i += 4;
    if (code >= 0xd800 && code < 0xdc00) { // the scanner saw the other half
      code = 0x10000 + ((code - 0xd800) << 10) + (hex4(i + 3) - 0xdc00);
      i += 6;
    }
    char buffer[UNI_MAX_UTF8_BYTES_PER_CODE_POINT];
    char *end = buffer;
    llvm::ConvertCodePointToUTF8(code, end);
    out.append(buffer, end);
  }
  return out;
}

JsonValue JsonDocument::root() const { return {*this, json_text::skipSpace(content, 0)}; }

JsonKind JsonValue::kind() const {
  switch (document->text()[begin]) {
  case 'n':
    return JsonKind::Null;
  case 't':
  case 'f':
    return JsonKind::Bool;
  case '"':
    return JsonKind::String;
  case '[':
    return JsonKind::Array;
  case '{':
    return JsonKind::Object;
  default:
    return JsonKind::Number;
  }
}

StringRef JsonValue::kindName() const {
  static constexpr StringRef names[] = {"null",     "a truth value", "a number",
                                        "a string", "an array",      "an object"};
  return names[size_t(kind())];
}

SourceLocation JsonValue::where() const { return document->locate(begin); }

std::string JsonValue::shown() const {
  switch (kind()) {
  case JsonKind::Array:
  case JsonKind::Object:
    return kindName().str();
  case JsonKind::String:
    return quoted(*asString());
  default:
    return scalarText().take_front(40).str();
  }
}

StringRef JsonValue::scalarText() const {
  StringRef text = document->text();
  return text.slice(begin, json_text::endOfValue(text, begin));
}

std::optional<bool> JsonValue::asBool() const {
  if (kind() != JsonKind::Bool)
    return std::nullopt;
  return document->text()[begin] == 't';
}

std::optional<uint64_t> JsonValue::asUnsigned() const {
  return kind() == JsonKind::Number ? parseInteger<uint64_t>(scalarText()) : std::nullopt;
}

std::optional<int64_t> JsonValue::asSigned() const {
  return kind() == JsonKind::Number ? parseInteger<int64_t>(scalarText()) : std::nullopt;
}

std::optional<double> JsonValue::asDouble() const {
  return kind() == JsonKind::Number ? parseDouble(scalarText()) : std::nullopt;
}

std::optional<std::string> JsonValue::asString() const {
  if (kind() != JsonKind::String)
    return std::nullopt;
  return json_text::decodeString(document->text(), begin);
}

Error JsonValue::forEachMember(MemberVisitor visit) const {
  StringRef text = document->text();
  size_t at = json_text::skipSpace(text, begin + 1);
  while (text[at] != '}') {
    size_t key = at;
    size_t colon = json_text::skipSpace(text, json_text::endOfString(text, key));
    size_t value = json_text::skipSpace(text, colon + 1);
    if (Error failed = visit({*document, key}, {*document, value}))
      return failed;
    at = json_text::skipSpace(text, json_text::endOfValue(text, value));
    if (text[at] == ',')
      at = json_text::skipSpace(text, at + 1);
  }
  return Error::success();
}

Error JsonValue::forEachElement(ElementVisitor visit) const {
  StringRef text = document->text();
  size_t at = json_text::skipSpace(text, begin + 1);
  while (text[at] != ']') {
    if (Error failed = visit({*document, at}))
      return failed;
    at = json_text::skipSpace(text, json_text::endOfValue(text, at));
    if (text[at] == ',')
      at = json_text::skipSpace(text, at + 1);
  }
  return Error::success();
}

std::optional<JsonValue> JsonValue::find(StringRef key) const {
  std::optional<JsonValue> found;
  if (kind() != JsonKind::Object)
    return found;
  llvm::cantFail(forEachMember([&](JsonValue name, JsonValue value) {
    if (!found && name.asString() == key)
      found = value;
    return Error::success();
  }));
  return found;
}

llvm::Expected<std::unique_ptr<JsonFile>> JsonFile::read(StringRef path, uint64_t limit) {
  llvm::Expected<std::string> text = readTextFile(path, limit);
  if (!text)
    return text.takeError();
  auto file = std::make_unique<JsonFile>();
  file->text = std::move(*text);
  llvm::Expected<JsonDocument> document = JsonDocument::scan(path.str(), file->text);
  if (!document)
    return document.takeError();
  file->document = std::move(*document);
  if (file->root().kind() != JsonKind::Object)
    return malformed(file->root().where(),
                     "the file is " + file->root().shown() + ", expected an object");
  return file;
}
