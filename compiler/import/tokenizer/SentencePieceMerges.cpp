#include "compiler/import/tokenizer/SentencePieceMerges.h"

#include "compiler/import/ImportError.h"

#include "ingot/tables.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ConvertUTF.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <map>

using namespace ingot;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

namespace {

class MergeResolver {
public:
  MergeResolver(const SentencePieceModel &model, TokenizerSpec &spec)
      : model(model), spec(spec), pieces(*spec.sentencePiece) {}

  Error resolve();

private:
  /// A stretch of a piece while it is encoded.
  struct Symbol {
    StringRef text;
    int32_t id; ///< -1: a character that is no symbol
    bool frozen;
  };
  struct Pair {
    int32_t left, right;
  };

  void collectSymbols();
  std::optional<Pair> lastPair(StringRef piece) const;
  void rankByScore();
  Error resolveListed();
  Error takeApart(size_t id);
  void buildJoins();

  int32_t symbolOf(StringRef text) const {
    auto it = symbols.find(text);
    return it == symbols.end() ? -1 : it->second;
  }
  /// The score of the piece that two neighbours would become.
  const double *scoreOf(const Symbol &left, const Symbol &right) const;
  bool isMergeable(const SentencePiece &piece) const {
    return piece.type == PieceType::Normal || piece.type == PieceType::Unused;
  }

  const SentencePieceModel &model;
  TokenizerSpec &spec;
  SentencePieceSpec &pieces;
  llvm::StringMap<int32_t> symbols; ///< pieces that plain text can become, and their characters
  std::vector<std::optional<Pair>> made; ///< of each piece, the pair that it is made of
};

} // namespace

/// Single characters are symbols even where they are no pieces: a piece may have
/// them inside.
void MergeResolver::collectSymbols() {
  for (size_t id = 0; id < model.pieces.size(); ++id)
    if (isMergeable(model.pieces[id]) || model.pieces[id].type == PieceType::UserDefined)
      symbols.try_emplace(model.pieces[id].text, static_cast<int32_t>(id));
  std::vector<std::pair<std::string, int32_t>> characters;
  auto next = static_cast<int32_t>(model.pieces.size());
  llvm::StringMap<bool> seen;
  for (const SentencePiece &piece : model.pieces) {
    if (!isMergeable(piece))
      continue;
    for (StringRef rest = piece.text; !rest.empty();) {
      const StringRef character = rest.take_front(characterBytes(rest));
      rest = rest.drop_front(character.size());
      if (!seen.try_emplace(character, true).second)
        continue;
      auto [it, isNew] = symbols.try_emplace(character, next);
      if (isNew) {
        const auto *at = reinterpret_cast<const llvm::UTF8 *>(character.begin());
        llvm::UTF32 codePoint = 0;
        (void)llvm::convertUTF8Sequence(&at, at + character.size(), &codePoint,
                                        llvm::strictConversion);
        pieces.extraCharacters.push_back(codePoint);
        ++next;
      }
      characters.emplace_back(character.str(), it->second);
    }
  }
  pieces.symbols = buildFlatTrie(std::move(characters));
}

const double *MergeResolver::scoreOf(const Symbol &left, const Symbol &right) const {
  if (left.frozen || right.frozen)
    return nullptr;
  const int32_t id = symbolOf({left.text.data(), left.text.size() + right.text.size()});
  const bool piece = id >= 0 && static_cast<size_t>(id) < model.pieces.size();
  return piece ? &model.pieces[static_cast<size_t>(id)].score : nullptr;
}

/// Encodes a piece as the library would.
std::optional<MergeResolver::Pair> MergeResolver::lastPair(StringRef piece) const {
  std::vector<Symbol> row;
  for (StringRef rest = piece; !rest.empty();) {
    const size_t user = pieces.user.longestMatch(rest);
    const StringRef text = rest.take_front(user > 0 ? user : characterBytes(rest));
    row.push_back({text, symbolOf(text), user > 0});
    rest = rest.drop_front(text.size());
  }
  std::vector<const double *> scores; // of each symbol and its right neighbour
  for (size_t i = 0; i + 1 < row.size(); ++i)
    scores.push_back(scoreOf(row[i], row[i + 1]));
  std::optional<Pair> last;
  while (row.size() > 1) {
    size_t best = scores.size();
    for (size_t i = 0; i < scores.size(); ++i)
      if (scores[i] && (best == scores.size() || *scores[i] > *scores[best]))
        best = i;
    if (best == scores.size())
      return std::nullopt;
    last = Pair{row[best].id, row[best + 1].id};
    row[best].text = {row[best].text.data(), row[best].text.size() + row[best + 1].text.size()};
    row[best].id = symbolOf(row[best].text);
    row.erase(row.begin() + static_cast<ptrdiff_t>(best) + 1);
    scores.erase(scores.begin() + static_cast<ptrdiff_t>(best));
    if (best < scores.size())
      scores[best] = scoreOf(row[best], row[best + 1]);
    if (best > 0)
      scores[best - 1] = scoreOf(row[best - 1], row[best]);
  }
  return last;
}

/// Equal scores share a rank: then the leftmost goes first.
void MergeResolver::rankByScore() {
  std::map<double, uint32_t, std::greater<>> ranks;
  for (size_t id = 0; id < model.pieces.size(); ++id)
    if (made[id])
      ranks.try_emplace(model.pieces[id].score, 0);
  uint32_t rank = 0;
  for (auto &entry : ranks)
    entry.second = rank++;
  for (size_t id = 0; id < model.pieces.size(); ++id)
    if (made[id])
      spec.merges.push_back({made[id]->left, made[id]->right, static_cast<int32_t>(id),
                             ranks[model.pieces[id].score]});
}

Error MergeResolver::resolveListed() {
  const SourceLocation where{model.path};
  llvm::StringMap<bool> pairs;
  for (size_t rank = 0; rank < model.merges->size(); ++rank) {
    const auto &[left, right] = (*model.merges)[rank];
    const int32_t result = symbolOf(left + right);
    if (symbolOf(left) < 0 || symbolOf(right) < 0 || result < 0 ||
        static_cast<size_t>(result) >= model.pieces.size())
      return malformed(where, "merge " + Twine(rank) + " of " + quoted(left) + " and " +
                                  quoted(right) + " needs a token that is not in the vocabulary");
    if (!pairs.try_emplace(left + '\0' + right, true).second)
      return malformed(where, "merge " + Twine(rank) + " of " + quoted(left) + " and " +
                                  quoted(right) + " stands twice");
    spec.merges.push_back({symbolOf(left), symbolOf(right), result, static_cast<uint32_t>(rank)});
  }
  return Error::success();
}

/// An unused piece goes out as the symbols it was made of. The library takes the
/// pair that it looked at last in the whole text, which is this one if there is
/// only one.
Error MergeResolver::takeApart(size_t id) {
  const SentencePiece &piece = model.pieces[id];
  size_t ways = 0;
  for (size_t cut = characterBytes(piece.text); cut < piece.text.size();
       cut += characterBytes(piece.text.drop_front(cut))) {
    auto isSymbol = [&](StringRef part) {
      const int32_t symbol = symbolOf(part);
      return part.size() == characterBytes(part) ||
             (symbol >= 0 && static_cast<size_t>(symbol) < made.size() &&
              made[static_cast<size_t>(symbol)]);
    };
    ways += isSymbol(piece.text.take_front(cut)) && isSymbol(piece.text.drop_front(cut));
  }
  if (ways > 1)
    return unsupported({model.path}, "unused piece " + Twine(id) + " (" + quoted(piece.text) +
                                         ") can be taken apart in more than one way");
  SentencePieceSpec::Expansion expansion{static_cast<int32_t>(id), {}};
  std::vector<int32_t> open = {made[id]->right, made[id]->left};
  while (!open.empty()) {
    const int32_t symbol = open.back();
    open.pop_back();
    const auto index = static_cast<size_t>(symbol);
    if (index < made.size() && made[index] && model.pieces[index].type == PieceType::Unused) {
      open.push_back(made[index]->right);
      open.push_back(made[index]->left);
    } else {
      expansion.symbols.push_back(symbol);
    }
  }
  pieces.expansions.push_back(std::move(expansion));
  return Error::success();
}

void MergeResolver::buildJoins() {
  // Eight bits a merge: one boundary in eight is not seen at most.
  const size_t bits = std::bit_ceil(std::max<size_t>(8 * spec.merges.size(), 64));
  pieces.joins.resize(bits / 8);
  auto textOf = [&](int32_t symbol) -> std::string {
    const auto index = static_cast<size_t>(symbol);
    if (index < model.pieces.size())
      return model.pieces[index].text.str();
    std::string text;
    char buffer[4], *end = buffer;
    llvm::ConvertCodePointToUTF8(pieces.extraCharacters[index - model.pieces.size()], end);
    return {buffer, end};
  };
  for (const TokenizerSpec::Merge &merge : spec.merges) {
    const std::string left = textOf(merge.left), right = textOf(merge.right);
    size_t last = left.size() - 1;
    while ((left[last] & 0xC0) == 0x80)
      --last;
    const int32_t a = symbolOf(StringRef(left).drop_front(last));
    const int32_t b = symbolOf(StringRef(right).take_front(characterBytes(right)));
    if (a < 0 || b < 0)
      continue; // a half that no text becomes
    const size_t slot = ingot_join_slot(a, b) & (bits - 1);
    pieces.joins[slot / 8] |= static_cast<uint8_t>(1 << slot % 8);
  }
}

Error MergeResolver::resolve() {
  collectSymbols();
  made.resize(model.pieces.size());
  if (model.merges) {
    if (Error failed = resolveListed())
      return failed;
  } else {
    for (size_t id = 0; id < model.pieces.size(); ++id)
      if (isMergeable(model.pieces[id]))
        made[id] = lastPair(model.pieces[id].text);
    rankByScore();
    for (size_t id = 0; id < model.pieces.size(); ++id)
      if (made[id] && model.pieces[id].type == PieceType::Unused)
        if (Error failed = takeApart(id))
          return failed;
  }
  buildJoins();
  return Error::success();
}

Error ingot::resolveMerges(const SentencePieceModel &model, TokenizerSpec &spec) {
  return MergeResolver(model, spec).resolve();
}
