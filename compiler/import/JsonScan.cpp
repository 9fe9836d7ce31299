//===- JsonScan.cpp - Everything that can be wrong with a JSON text -------===//
//
// No recursion: the depth of a hostile text is a number, not a stack.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h" // isUTF8

#include <vector>

using namespace ingot;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

namespace {

constexpr size_t maxDepth = 64;
constexpr size_t maxBytes = size_t(1) << 30; ///< offsets of keys are 32 bits
constexpr size_t maxOpenKeys = size_t(1) << 20;

class Scanner {
public:
  Scanner(const JsonDocument &document) : document(document), text(document.text()) {}

  Error scan();

private:
  struct Open {
    char bracket;
    size_t firstKey; ///< index into keys
  };

  Error error(size_t offset, const Twine &message) const {
    return malformed(document.locate(offset), message);
  }
  Error unexpected(const Twine &expected) const {
    if (at == text.size())
      return error(at, "the text ends, expected " + expected);
    return error(at, "found " + quoted(text.substr(at, 1)) + ", expected " + expected);
  }
  char peek() const { return at < text.size() ? text[at] : '\0'; } // NUL is never valid
  void skipSpace() { at = json_text::skipSpace(text, at); }
  size_t skipDigits();

  Error open(char bracket);
  Error close();
  Error scanKey();
  Error scanScalar();
  Error scanString();
  Error scanEscape();
  Error scanNumber();
  Error checkKeys(size_t firstKey);

  const JsonDocument &document;
  StringRef text;
  size_t at = 0;
  std::vector<Open> stack;
  std::vector<uint32_t> keys; ///< where the keys of all open objects begin
};

} // namespace

size_t Scanner::skipDigits() {
  size_t begin = at;
  while (llvm::isDigit(peek()))
    ++at;
  return at - begin;
}

Error Scanner::scanNumber() {
  size_t begin = at;
  if (peek() == '-')
    ++at;
  size_t integer = at;
  if (skipDigits() == 0)
    return unexpected("a digit");
  if (text[integer] == '0' && at - integer > 1)
    return error(begin, "a number begins with 0");
  if (peek() == '.') {
    ++at;
    if (skipDigits() == 0)
      return unexpected("a digit");
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at;
    if (peek() == '+' || peek() == '-')
      ++at;
    if (skipDigits() == 0)
      return unexpected("a digit");
  }
  return Error::success();
}

/// Four hexadecimal digits, or nothing.
static std::optional<unsigned> readHex4(StringRef text, size_t offset) {
  unsigned value = 0;
  if (text.size() - offset < 4 || text.substr(offset, 4).getAsInteger(16, value) ||
      !llvm::all_of(text.substr(offset, 4), llvm::isHexDigit))
    return std::nullopt;
  return value;
}

static bool isLead(unsigned unit) { return unit >= 0xd800 && unit < 0xdc00; }
static bool isTrail(unsigned unit) { return unit >= 0xdc00 && unit < 0xe000; }

Error Scanner::scanEscape() {
  size_t begin = at++; // the backslash
  char c = peek();
  ++at;
  if (c != '\0' && StringRef("\"\\/bfnrt").contains(c))
    return Error::success();
  if (c != 'u')
    return error(begin, "an unknown escape in a string");
  std::optional<unsigned> unit = at <= text.size() ? readHex4(text, at) : std::nullopt;
  if (!unit)
    return error(begin, "an escape '\\u' without four hexadecimal digits");
  at += 4;
  if (isTrail(*unit))
    return error(begin, "half of a surrogate pair");
  if (isLead(*unit)) {
    std::optional<unsigned> trail;
    if (text.substr(at).starts_with("\\u"))
      trail = readHex4(text, at + 2);
    if (!trail || !isTrail(*trail))
      return error(begin, "half of a surrogate pair");
    at += 6;
  }
  return Error::success();
}

Error Scanner::scanString() {
  size_t begin = at++; // the quote
  while (at < text.size()) {
    unsigned char c = text[at];
    if (c == '"') {
      ++at;
      return Error::success();
    }
    if (c < 0x20)
      return error(at, "a control character in a string");
    if (c == '\\') {
      if (Error failed = scanEscape())
        return failed;
      continue;
    }
    ++at;
  }
  return error(begin, "a string without an end");
}

Error Scanner::scanScalar() {
  char c = peek();
  if (c == '"')
    return scanString();
  if (c == '-' || llvm::isDigit(c))
    return scanNumber();
  for (StringRef word : {"true", "false", "null"})
    if (text.substr(at).starts_with(word)) {
      at += word.size();
      return Error::success();
    }
  return unexpected("a value");
}

Error Scanner::scanKey() {
  skipSpace();
  if (peek() != '"')
    return unexpected("a key");
  if (keys.size() == maxOpenKeys)
    return error(at, "more than " + Twine(maxOpenKeys) + " keys");
  keys.push_back(uint32_t(at));
  if (Error failed = scanString())
    return failed;
  skipSpace();
  if (peek() != ':')
    return unexpected("':'");
  ++at;
  return Error::success();
}

Error Scanner::open(char bracket) {
  if (stack.size() == maxDepth)
    return error(at, "more than " + Twine(maxDepth) + " levels of nesting");
  stack.push_back({bracket, keys.size()});
  ++at;
  return Error::success();
}

/// Keys are compared as what they mean: "a" and "\u0061" are the same key.
Error Scanner::checkKeys(size_t firstKey) {
  auto decoded = [&](uint32_t key) { return json_text::decodeString(text, key); };
  auto plain = [&](uint32_t key) {
    StringRef raw = text.slice(key + 1, json_text::endOfString(text, key) - 1);
    return raw.contains('\\') ? std::nullopt : std::optional<StringRef>(raw);
  };
  auto compare = [&](uint32_t a, uint32_t b) {
    std::optional<StringRef> plainA = plain(a), plainB = plain(b);
    if (plainA && plainB)
      return plainA->compare(*plainB);
    return StringRef(decoded(a)).compare(decoded(b));
  };
  auto begin = keys.begin() + firstKey;
  std::sort(begin, keys.end(), [&](uint32_t a, uint32_t b) {
    int order = compare(a, b);
    return order != 0 ? order < 0 : a < b;
  });
  for (auto key = begin; key != keys.end() && key + 1 != keys.end(); ++key)
    if (compare(*key, *(key + 1)) == 0)
      return withNote(error(*(key + 1), "the key " + quoted(decoded(*key)) + " is there twice"),
                      document.locate(*key), "first set here");
  return Error::success();
}

Error Scanner::close() {
  ++at;
  if (stack.back().bracket == '{') {
    if (Error failed = checkKeys(stack.back().firstKey))
      return failed;
    keys.resize(stack.back().firstKey);
  }
  stack.pop_back();
  return Error::success();
}

Error Scanner::scan() {
  if (text.size() > maxBytes)
    return error(0, "the text has more than " + Twine(maxBytes) + " bytes");
  size_t bad = 0;
  if (!llvm::json::isUTF8(text, &bad))
    return error(bad, "the text is not UTF-8");
  bool inValue = true; // a value is due, else a comma or the end of a container
  while (true) {
    skipSpace();
    if (inValue) {
      char c = peek();
      if (c != '{' && c != '[') {
        if (Error failed = scanScalar())
          return failed;
        inValue = false;
      } else {
        if (Error failed = open(c))
          return failed;
        skipSpace();
        inValue = peek() != (c == '{' ? '}' : ']');
        if (inValue && c == '{')
          if (Error failed = scanKey())
            return failed;
        if (!inValue)
          if (Error failed = close())
            return failed;
      }
      continue;
    }
    if (stack.empty())
      return at == text.size() ? Error::success() : unexpected("the end of the text");
    bool object = stack.back().bracket == '{';
    if (peek() == ',') {
      ++at;
      inValue = true;
      if (object)
        if (Error failed = scanKey())
          return failed;
    } else if (peek() == (object ? '}' : ']')) {
      if (Error failed = close())
        return failed;
    } else {
      return unexpected(object ? "',' or '}'" : "',' or ']'");
    }
  }
}

llvm::Expected<JsonDocument> JsonDocument::scan(std::string file, StringRef text,
                                                std::optional<uint64_t> base) {
  JsonDocument document(std::move(file), text, base);
  if (Error failed = Scanner(document).scan())
    return std::move(failed);
  return document;
}

SourceLocation JsonDocument::locate(size_t offset) const {
  if (base)
    return {file, 0, 0, *base + offset};
  StringRef before = content.take_front(offset);
  size_t newline = before.rfind('\n'); // npos + 1 is the beginning
  return {file, unsigned(before.count('\n') + 1), unsigned(offset - (newline + 1) + 1)};
}
