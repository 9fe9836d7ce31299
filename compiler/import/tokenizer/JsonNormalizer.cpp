//===- JsonNormalizer.cpp - Spaces and rules in a tokenizer.json ----------===//
//
// A converted SentencePiece model says in several components what its
// `normalizer_spec` said in five fields. Combinations that mean the same are
// read back; every other component is named in an error.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ImportError.h"
#include "compiler/import/tokenizer/JsonComponents.h"

#include "llvm/Support/Base64.h"

using namespace ingot;
using llvm::Error;
using llvm::StringRef;

static constexpr StringRef kSpaceSymbol = "\xE2\x96\x81";

namespace {

class NormalizerReader {
public:
  explicit NormalizerReader(SentencePieceModel &model) : model(model) {}

  Error read(JsonValue root);

private:
  Error readNormalizer(JsonValue step);
  Error readCharsmap(JsonValue step);
  Error readPretokenizer(JsonValue step);
  Error readMetaspace(JsonValue step);
  Error readDecoder(JsonValue step);

  static Error refuse(StringRef what, JsonValue step) {
    return unsupported(step.where(),
                       what + " " + quoted(typeOf(step)) + " has no exact counterpart here");
  }

  SentencePieceModel &model;
  bool prepends = false; ///< a Prepend adds the space
};

} // namespace

/// Replace `from`, a string or a regular expression, by `to`.
static bool isReplace(JsonValue step, StringRef kind, StringRef from, StringRef to) {
  std::optional<JsonValue> pattern = step.find("pattern");
  return typeOf(step) == "Replace" && pattern && textIn(*pattern, kind) == from &&
         textIn(step, "content") == to;
}

Error NormalizerReader::readCharsmap(JsonValue step) {
  std::optional<JsonValue> value = step.find("precompiled_charsmap");
  std::optional<std::string> text = value ? value->asString() : std::nullopt;
  if (!text)
    return malformed(step.where(), "'precompiled_charsmap' is missing or no string");
  std::vector<char> bytes;
  if (Error failed = llvm::decodeBase64(*text, bytes)) {
    llvm::consumeError(std::move(failed));
    return malformed(value->where(), "'precompiled_charsmap' is no base64");
  }
  model.charsmap = model.contents.emplace_back(bytes.begin(), bytes.end());
  return Error::success();
}

Error NormalizerReader::readNormalizer(JsonValue step) {
  const std::string type = typeOf(step);
  if (type == "Prepend" && textIn(step, "prepend") == kSpaceSymbol) {
    prepends = true;
    return Error::success();
  }
  if (isReplace(step, "String", " ", kSpaceSymbol)) {
    model.escapeSpaces = true;
    return Error::success();
  }
  if (type == "Precompiled" && model.charsmap.empty())
    return readCharsmap(step);
  // Behind rules that turn all white space into spaces, these two leave the ones out that
  // SentencePiece leaves out.
  const bool strips = type == "Strip" && !flag(step, "strip_left", false);
  const bool joins =
      isReplace(step, "Regex", " {2,}", " ") || isReplace(step, "Regex", " {2,}", kSpaceSymbol);
  if (!model.charsmap.empty() && (strips || joins)) {
    model.removeSpaces = true;
    return Error::success();
  }
  return refuse("normalizer", step);
}

Error NormalizerReader::readMetaspace(JsonValue step) {
  if (textIn(step, "replacement") != kSpaceSymbol)
    return unsupported(step.where(), "'replacement' is " + quoted(textIn(step, "replacement")) +
                                         ", only U+2581 is supported");
  std::string scheme = textIn(step, "prepend_scheme");
  if (scheme.empty())
    scheme = flag(step, "add_prefix_space", true) ? "always" : "never";
  if (scheme != "always" && scheme != "first" && scheme != "never")
    return malformed(step.where(), "'prepend_scheme' is " + quoted(scheme) +
                                       ", expected 'always', 'first' or 'never'");
  model.escapeSpaces = true;
  model.splitSpaces = flag(step, "split", true);
  model.prefixFirst = scheme == "first";
  model.prefix = scheme == "never" ? SpacePrefix::None : SpacePrefix::UnlessSpace;
  return Error::success();
}

Error NormalizerReader::readPretokenizer(JsonValue step) {
  const std::string type = typeOf(step);
  if (type == "Metaspace")
    return readMetaspace(step);
  if (type == "WhitespaceSplit" && !model.charsmap.empty()) {
    model.removeSpaces = true;
    return Error::success();
  }
  // Where all spaces are escaped there are none to split at.
  std::optional<JsonValue> pattern = step.find("pattern");
  if (type == "Split" && model.escapeSpaces && pattern && textIn(*pattern, "String") == " ")
    return Error::success();
  return refuse("pre_tokenizer", step);
}

/// Text comes out as SentencePiece decodes; what is asked is whether the space
/// in front goes.
Error NormalizerReader::readDecoder(JsonValue step) {
  const std::string type = typeOf(step);
  if (type == "Metaspace") {
    const std::string scheme = textIn(step, "prepend_scheme");
    model.stripSpace |= scheme.empty() ? flag(step, "add_prefix_space", true) : scheme != "never";
    return Error::success();
  }
  if (type == "Strip" && textIn(step, "content") == " ") {
    std::optional<JsonValue> start = step.find("start");
    model.stripSpace |= start && start->asUnsigned().value_or(0) > 0;
    return Error::success();
  }
  const bool known =
      type == "ByteFallback" || type == "Fuse" || isReplace(step, "String", kSpaceSymbol, " ");
  return known ? Error::success() : refuse("decoder", step);
}

Error NormalizerReader::read(JsonValue root) {
  model.prefix = SpacePrefix::None;
  model.removeSpaces = model.escapeSpaces = model.stripSpace = false;
  auto each = [&](StringRef key, StringRef list, auto member) -> Error {
    llvm::Expected<std::vector<JsonValue>> steps = stepsOf(root.find(key), list);
    if (!steps)
      return steps.takeError();
    for (JsonValue step : *steps)
      if (Error failed = (this->*member)(step))
        return failed;
    return Error::success();
  };
  if (Error failed = each("normalizer", "normalizers", &NormalizerReader::readNormalizer))
    return failed;
  if (Error failed = each("pre_tokenizer", "pretokenizers", &NormalizerReader::readPretokenizer))
    return failed;
  if (Error failed = each("decoder", "decoders", &NormalizerReader::readDecoder))
    return failed;
  if (prepends && !model.escapeSpaces)
    return unsupported(root.find("normalizer")->where(),
                       "normalizer 'Prepend' is supported only where spaces are replaced as well");
  // Where spaces in front are left out, the one that is added never meets another.
  if (prepends || (model.removeSpaces && model.prefix != SpacePrefix::None))
    model.prefix = SpacePrefix::Always;
  return Error::success();
}

Error ingot::readJsonNormalizer(JsonValue root, SentencePieceModel &model) {
  return NormalizerReader(model).read(root);
}
