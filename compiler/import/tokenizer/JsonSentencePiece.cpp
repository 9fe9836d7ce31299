//===- JsonSentencePiece.cpp - A SentencePiece model as tokenizer.json ----===//

#include "compiler/import/ImportError.h"
#include "compiler/import/tokenizer/JsonComponents.h"

#include "llvm/ADT/STLExtras.h"

using namespace ingot;
using llvm::Error;
using llvm::StringRef;

namespace {

class PiecesReader {
public:
  PiecesReader(StringRef path, JsonValue root) : root(root) { model.path = path.str(); }

  llvm::Expected<SentencePieceModel> read();

private:
  Error readBpe(JsonValue json);
  Error readUnigram(JsonValue json);
  Error readAdded();
  Error place(uint64_t id, std::string text, double score, JsonValue where);

  JsonValue root;
  SentencePieceModel model;
};

} // namespace

Error PiecesReader::place(uint64_t id, std::string text, double score, JsonValue where) {
  if (id >= kMaxTokens)
    return malformed(where.where(), "token id " + llvm::Twine(id) + " is too large");
  if (id >= model.pieces.size())
    model.pieces.resize(id + 1);
  SentencePiece &piece = model.pieces[id];
  if (!piece.text.empty() && piece.text != text)
    return malformed(where.where(), "token id " + llvm::Twine(id) + " is given twice");
  if (text.empty())
    return malformed(where.where(), "token " + llvm::Twine(id) + " is empty");
  if (piece.text.empty())
    piece.score = score;
  piece.text = model.contents.emplace_back(std::move(text));
  return Error::success();
}

Error PiecesReader::readBpe(JsonValue json) {
  for (StringRef key : {"ignore_merges"})
    if (flag(json, key, false))
      return unsupported(json.find(key)->where(), quoted(key) + " is not supported");
  for (StringRef key : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"})
    if (std::optional<JsonValue> value = json.find(key);
        value && !value->isNull() && value->asString().value_or("x") != "")
      return unsupported(value->where(), quoted(key) + " is not supported");
  std::optional<JsonValue> vocab = json.find("vocab");
  if (!vocab || vocab->kind() != JsonKind::Object)
    return malformed(json.where(), "'vocab' is missing or no object");
  if (Error failed = vocab->forEachMember([&](JsonValue key, JsonValue value) -> Error {
        std::optional<uint64_t> id = value.asUnsigned();
        if (!id)
          return malformed(value.where(),
                           "a token id is " + value.shown() + ", expected a number from 0");
        return place(*id, *key.asString(), 0, key);
      }))
    return failed;
  model.unigram = false;
  model.fuseUnknown = flag(json, "fuse_unk", false);
  const std::string unknown = textIn(json, "unk_token");
  for (SentencePiece &piece : model.pieces)
    if (!unknown.empty() && piece.text == unknown)
      piece.type = PieceType::Unknown;
  if (unknown.empty() && !model.byteFallback)
    return unsupported(json.where(), "the model has neither 'unk_token' nor 'byte_fallback'");
  return readJsonMerges(json, model.merges.emplace());
}

Error PiecesReader::readUnigram(JsonValue json) {
  std::optional<JsonValue> vocab = json.find("vocab");
  if (!vocab || vocab->kind() != JsonKind::Array)
    return malformed(json.where(), "'vocab' is missing or no array");
  uint64_t next = 0;
  if (Error failed = vocab->forEachElement([&](JsonValue element) -> Error {
        std::vector<JsonValue> parts;
        if (element.kind() == JsonKind::Array)
          if (Error inside = element.forEachElement([&](JsonValue part) {
                parts.push_back(part);
                return Error::success();
              }))
            return inside;
        std::optional<std::string> text = parts.size() == 2 ? parts[0].asString() : std::nullopt;
        std::optional<double> score = parts.size() == 2 ? parts[1].asDouble() : std::nullopt;
        if (!text || !score)
          return malformed(element.where(), "entry " + llvm::Twine(next) + " of 'vocab' is " +
                                                element.shown() + ", expected a text and a number");
        return place(next++, std::move(*text), *score, element);
      }))
    return failed;
  // Scores that are floats come from a SentencePiece model: its ids, down to how sums round.
  model.doubleScores = llvm::any_of(model.pieces, [](const SentencePiece &piece) {
    return static_cast<double>(static_cast<float>(piece.score)) != piece.score;
  });
  // Nor do sums begin anew with every word there, unless some piece would go over two.
  model.splitSpaces &= model.doubleScores || llvm::any_of(model.pieces, [](const auto &piece) {
                         return piece.text.find("\xE2\x96\x81", 1) != StringRef::npos;
                       });
  std::optional<JsonValue> unknown = json.find("unk_id");
  if (unknown && !unknown->isNull()) {
    const uint64_t id = unknown->asUnsigned().value_or(next);
    if (id >= next)
      return malformed(unknown->where(),
                       "'unk_id' is " + unknown->shown() + ", expected the id of a token");
    model.pieces[id].type = PieceType::Unknown;
  }
  return Error::success();
}

Error PiecesReader::readAdded() {
  return readJsonAdded(root,
                       [&](uint64_t id, std::string text, bool special, JsonValue token) -> Error {
                         if (Error failed = place(id, std::move(text), 0, token))
                           return failed;
                         SentencePiece &piece = model.pieces[id];
                         piece.added = true;
                         if (special && piece.type == PieceType::Normal)
                           piece.type = PieceType::Control;
                         return Error::success();
                       });
}

/// "<0x41>": the form is checked with the others.
static bool isByteName(StringRef text) {
  return text.size() == 6 && text.starts_with("<0x") && text.ends_with(">");
}

llvm::Expected<SentencePieceModel> PiecesReader::read() {
  if (Error failed = readJsonNormalizer(root, model))
    return std::move(failed);
  std::optional<JsonValue> json = root.find("model");
  const std::string type = typeOf(json);
  model.byteFallback = flag(*json, "byte_fallback", false);
  if (Error failed = type == "BPE" ? readBpe(*json) : readUnigram(*json))
    return std::move(failed);
  for (SentencePiece &piece : model.pieces)
    if (model.byteFallback && isByteName(piece.text))
      piece.type = PieceType::Byte;
  if (Error failed = readAdded())
    return std::move(failed);
  for (size_t id = 0; id < model.pieces.size(); ++id)
    if (model.pieces[id].text.empty())
      return malformed(root.where(), "no token has the id " + llvm::Twine(id));
  return std::move(model);
}

llvm::Expected<SentencePieceModel> ingot::readJsonSentencePiece(StringRef path, JsonValue root) {
  return PiecesReader(path, root).read();
}
