//===- SentencePiece.cpp - Checking a SentencePiece model -----------------===//

#include "compiler/import/ImportError.h"
#include "compiler/import/tokenizer/SentencePieceMerges.h"
#include "compiler/import/tokenizer/TokenizerSpec.h"

#include "ingot/tables.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h" // isUTF8

#include <cfloat>

using namespace ingot;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

namespace {

constexpr StringRef kSpaceSymbol = "\xE2\x96\x81";
constexpr size_t kMaxPieceBytes = 1024; ///< keeps the encoding of every piece by itself cheap
// The windows of the encoder (runtime/src/SentencePiece.h).
constexpr size_t kMaxLookahead = 512;
constexpr size_t kMaxUnigramCharacters = 256;

class Resolver {
public:
  explicit Resolver(const SentencePieceModel &model)
      : model(model), pieces(spec.sentencePiece.emplace()) {}

  llvm::Expected<TokenizerSpec> resolve();

private:
  Error checkPiece(size_t id);
  Error addToken(size_t id);
  Error addByte(size_t id);
  Error addRules();
  Error addUnigram();
  void setFlags();

  SourceLocation where(size_t id) const {
    if (!model.positions)
      return {model.path};
    return {model.path, 0, 0, model.pieces[id].position};
  }
  std::string named(size_t id) const {
    return "piece " + std::to_string(id) + " (" + quoted(model.pieces[id].text) + ")";
  }

  const SentencePieceModel &model;
  TokenizerSpec spec;
  SentencePieceSpec &pieces;
  llvm::StringMap<bool> texts;
  std::vector<std::pair<std::string, int32_t>> user;
  bool byteFound[256] = {};
};

} // namespace

static size_t charactersOf(StringRef text) {
  return static_cast<size_t>(
      llvm::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

/// The same text with every `from` replaced.
static std::string replaceAll(StringRef text, StringRef from, StringRef to) {
  std::string out;
  while (true) {
    const auto [before, after] = text.split(from);
    out += before;
    if (before.size() == text.size())
      return out;
    out += to;
    text = after;
  }
}

Error Resolver::checkPiece(size_t id) {
  const SentencePiece &piece = model.pieces[id];
  const StringRef text = piece.text;
  if (text.empty())
    return malformed(where(id), named(id) + " is empty");
  if (!llvm::json::isUTF8(text))
    return malformed(where(id), named(id) + " is no UTF-8");
  if (!texts.try_emplace(text, true).second)
    return malformed(where(id), named(id) + " stands twice");
  auto refuse = [&](const Twine &what) { return unsupported(where(id), named(id) + " " + what); };
  if (text.contains('\0'))
    return refuse("has a zero byte in it");
  size_t limit = kMaxPieceBytes, size = text.size();
  if (piece.type == PieceType::UserDefined)
    limit = kMaxLookahead;
  if (size > limit)
    return refuse("has " + Twine(size) + " bytes, expected at most " + Twine(limit));
  if (model.unigram && charactersOf(text) > kMaxUnigramCharacters)
    return refuse("has " + Twine(charactersOf(text)) + " characters, expected at most " +
                  Twine(kMaxUnigramCharacters));
  if (!model.unigram && piece.type == PieceType::Control && size == characterBytes(text))
    return refuse("is a control piece of one character");
  return Error::success();
}

Error Resolver::addByte(size_t id) {
  StringRef digits = model.pieces[id].text;
  unsigned value = 0;
  const bool form = digits.consume_front("<0x") && digits.consume_back(">") && digits.size() == 2 &&
                    digits == digits.upper() && !digits.getAsInteger(16, value);
  if (!form)
    return malformed(where(id), named(id) + " is a byte, expected the form '<0xNN>'");
  if (!model.byteFallback)
    return malformed(where(id), named(id) + " is a byte, but 'byte_fallback' is not set");
  byteFound[value] = true;
  spec.tokens.back().bytes = std::string(1, static_cast<char>(value));
  spec.tokens.back().isByte = true;
  return Error::success();
}

Error Resolver::addToken(size_t id) {
  const SentencePiece &piece = model.pieces[id];
  TokenizerSpec::Token &token = spec.tokens.emplace_back();
  token.bytes = piece.text.str();
  token.added = piece.added;
  token.special = piece.type == PieceType::Control || piece.type == PieceType::Unknown;
  switch (piece.type) {
  case PieceType::Byte:
    return addByte(id);
  case PieceType::Control:
    return Error::success();
  case PieceType::Unknown:
    if (pieces.unknown >= 0)
      return malformed(where(id), named(id) + " is a second unknown piece, the first is piece " +
                                      Twine(pieces.unknown));
    pieces.unknown = static_cast<int32_t>(id);
    return Error::success();
  case PieceType::UserDefined:
    user.emplace_back(piece.text.str(), static_cast<int32_t>(id));
    break;
  case PieceType::Normal:
  case PieceType::Unused:
    break;
  }
  if (token.added) // found in texts as it is
    return Error::success();
  token.space = piece.text.starts_with(kSpaceSymbol);
  token.bytes = replaceAll(piece.text, kSpaceSymbol, " ");
  return Error::success();
}

Error Resolver::addRules() {
  if (model.charsmap.empty())
    return Error::success();
  SourceLocation place{model.path};
  if (model.positions)
    place.byte = model.charsmapPosition;
  llvm::Expected<NormalizationRules> rules = readCharsmap(model.charsmap, place);
  if (!rules)
    return rules.takeError();
  // A byte becomes one id at most.
  pieces.idsPerByte = std::max(pieces.idsPerByte, static_cast<uint32_t>(rules->growth));
  pieces.rules = std::move(*rules);
  return Error::success();
}

/// Scores in the library's precision (unigram_model.cc): a user-defined piece's
/// is near the best of all, an unknown character's far below the worst.
Error Resolver::addUnigram() {
  std::vector<std::pair<std::string, int32_t>> strings;
  float least = FLT_MAX, most = FLT_MIN;
  double leastDouble = DBL_MAX;
  for (const SentencePiece &piece : model.pieces) {
    leastDouble = std::min(leastDouble, piece.score);
    if (piece.type != PieceType::Normal)
      continue;
    least = std::min(least, static_cast<float>(piece.score));
    most = std::max(most, static_cast<float>(piece.score));
  }
  for (size_t id = 0; id < model.pieces.size(); ++id) {
    const SentencePiece &piece = model.pieces[id];
    pieces.scores.push_back(piece.type == PieceType::UserDefined
                                ? static_cast<double>(float(piece.text.size()) * most) - 0.1
                                : piece.score);
    if (piece.type != PieceType::Normal && piece.type != PieceType::UserDefined)
      continue;
    strings.emplace_back(piece.text.str(), static_cast<int32_t>(id));
    pieces.longestSymbol =
        std::max(pieces.longestSymbol, static_cast<uint32_t>(charactersOf(piece.text)));
  }
  if (strings.empty())
    return malformed({model.path}, "no piece of the model can stand for text");
  pieces.unknownScore = model.doubleScores ? leastDouble - 10.0 : double(least - 10.0f);
  pieces.symbols = buildFlatTrie(std::move(strings));
  return Error::success();
}

void Resolver::setFlags() {
  auto set = [&](bool truth, uint32_t flag) { pieces.flags |= truth ? flag : 0; };
  set(model.unigram, INGOT_PIECES_UNIGRAM);
  set(model.byteFallback, INGOT_PIECES_BYTE_FALLBACK);
  set(model.fuseUnknown, INGOT_PIECES_FUSE_UNKNOWN);
  set(model.removeSpaces, INGOT_PIECES_REMOVE_SPACES);
  set(model.escapeSpaces, INGOT_PIECES_ESCAPE_SPACES);
  set(model.spaceSuffix, INGOT_PIECES_SPACE_SUFFIX);
  set(model.splitSpaces, INGOT_PIECES_SPLIT_SPACES);
  set(model.doubleScores, INGOT_PIECES_DOUBLE_SCORES);
  set(model.stripSpace, INGOT_PIECES_STRIP_SPACE);
  set(model.prefixFirst, INGOT_PIECES_PREFIX_FIRST);
  pieces.prefix = model.prefix;
  pieces.unknownText = model.unknownText;
}

llvm::Expected<TokenizerSpec> Resolver::resolve() {
  const SourceLocation file{model.path};
  for (size_t id = 0; id < model.pieces.size(); ++id) {
    if (Error failed = checkPiece(id))
      return std::move(failed);
    if (Error failed = addToken(id))
      return std::move(failed);
  }
  if (pieces.unknown < 0 && (model.positions || !model.byteFallback))
    return malformed(file, "there is no unknown piece");
  const auto bytes = llvm::count(byteFound, true);
  if (model.byteFallback && bytes != 256)
    return malformed(file, "there are " + Twine(bytes) +
                               " byte pieces, expected 256 with 'byte_fallback'");
  setFlags();
  pieces.user = buildFlatTrie(std::move(user));
  if (Error failed = addRules())
    return std::move(failed);
  pieces.lookahead =
      static_cast<uint32_t>(std::max({size_t(4), pieces.user.longest, pieces.rules.longest}));
  if (Error failed = model.unigram ? addUnigram() : resolveMerges(model, spec))
    return std::move(failed);
  return std::move(spec);
}

llvm::Expected<TokenizerSpec> ingot::resolveSentencePiece(const SentencePieceModel &model) {
  return Resolver(model).resolve();
}
