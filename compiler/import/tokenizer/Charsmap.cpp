#include "compiler/import/tokenizer/Charsmap.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h" // isUTF8

#include <algorithm>

using namespace ingot;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

namespace {

/// Unicode's longest decompositions have 18 characters; rules map a few of
/// them. Longer ones would also outgrow the encoder's window.
constexpr size_t kMaxRuleBytes = 256;
constexpr size_t kMaxUnits = 1 << 20; ///< twenty times those of NFKC with case folding

/// A unit of a Darts-clone double array (Yata, 2010): bits 0 .. 7 the label,
/// bit 8 whether a value hangs below, bit 9 whether the offset is shifted, from
/// bit 10 on the offset; or, with bit 31, a value.
struct Unit {
  uint32_t bits;

  bool isValue() const { return bits >> 31; }
  uint32_t value() const { return bits & 0x7fffffff; }
  uint32_t label() const { return bits & (uint32_t(1) << 31 | 0xff); }
  bool hasValue() const { return bits >> 8 & 1; }
  uint32_t offset() const { return bits >> 10 << ((bits & 1 << 9) >> 6); }
};

class CharsmapReader {
public:
  CharsmapReader(StringRef charsmap, const SourceLocation &where)
      : charsmap(charsmap), where(where) {}

  llvm::Expected<NormalizationRules> read();

private:
  Error split();
  Error walk();
  Error checkValue(size_t unit, size_t depth);

  /// The unit below `parent` behind `label`, or nothing.
  std::optional<size_t> child(size_t parent, uint32_t label) const {
    const size_t index = parent ^ Unit{rules.units[parent]}.offset() ^ label;
    const bool found = index < rules.units.size() && Unit{rules.units[index]}.label() == label;
    return found ? std::optional(index) : std::nullopt;
  }
  Error error(size_t offset, const Twine &message) const {
    SourceLocation place = where;
    if (place.byte)
      place.byte = *place.byte + offset;
    return malformed(place, "'precompiled_charsmap': " + message);
  }

  StringRef charsmap;
  const SourceLocation &where;
  NormalizationRules rules;
};

} // namespace

Error CharsmapReader::split() {
  if (charsmap.size() < 4)
    return error(0, "there are " + Twine(charsmap.size()) + " bytes, expected at least 4");
  const uint64_t bytes = llvm::support::endian::read32le(charsmap.data());
  if (bytes % 4 != 0 || bytes < 4 || bytes >= charsmap.size() - 4)
    return error(0, "the array has " + Twine(bytes) + " bytes, expected a multiple of 4 below " +
                        Twine(charsmap.size() - 4));
  if (bytes / 4 > kMaxUnits)
    return unsupported(where, "'precompiled_charsmap' has " + Twine(bytes / 4) +
                                  " units, expected at most " + Twine(kMaxUnits));
  for (uint64_t at = 4; at < 4 + bytes; at += 4)
    rules.units.push_back(llvm::support::endian::read32le(charsmap.data() + at));
  rules.text = charsmap.substr(4 + bytes).str();
  if (rules.text.back() != '\0')
    return error(charsmap.size() - 1, "the last replacement does not end");
  return Error::success();
}

/// The value of a unit that `depth` bytes lead to, no way to it being shorter.
Error CharsmapReader::checkValue(size_t unit, size_t depth) {
  const size_t place = 4 + 4 * unit, texts = 4 + 4 * rules.units.size();
  const size_t index = unit ^ Unit{rules.units[unit]}.offset();
  if (index >= rules.units.size() || !Unit{rules.units[index]}.isValue())
    return error(place, "unit " + Twine(unit) + " of the array has no value");
  const uint32_t value = Unit{rules.units[index]}.value();
  if (value >= rules.text.size())
    return error(place, "a replacement begins at " + Twine(value) + ", expected less than " +
                            Twine(rules.text.size()));
  const StringRef text(rules.text.c_str() + value);
  if (text.size() > kMaxRuleBytes)
    return unsupported(where, "'precompiled_charsmap' has a replacement with " +
                                  Twine(text.size()) + " bytes, expected at most " +
                                  Twine(kMaxRuleBytes));
  if (!llvm::json::isUTF8(text))
    return error(texts + value, "a replacement is " + quoted(text) + ", expected UTF-8");
  const size_t size = text.size() + 2 * static_cast<size_t>(llvm::count(text, ' '));
  rules.growth = std::max(rules.growth, (size + depth - 1) / depth);
  return Error::success();
}

/// Level by level: a unit's first level is the shortest way to it. Then the
/// longest ways, for which every unit waits until all before it are done; a
/// circle never is.
Error CharsmapReader::walk() {
  std::vector<uint32_t> depth(rules.units.size()), open(rules.units.size());
  std::vector<uint32_t> queue = {0};
  for (size_t at = 0; at < queue.size(); ++at)
    for (uint32_t label = 1; label < 256; ++label)
      if (std::optional<size_t> next = child(queue[at], label)) {
        if (*next == 0)
          return error(4, "the array leads in a circle");
        if (open[*next]++ > 0)
          continue;
        depth[*next] = depth[queue[at]] + 1;
        queue.push_back(static_cast<uint32_t>(*next));
      }
  for (size_t at = 1; at < queue.size(); ++at)
    if (Unit{rules.units[queue[at]]}.hasValue())
      if (Error failed = checkValue(queue[at], depth[queue[at]]))
        return failed;
  const size_t reached = queue.size();
  queue = {0};
  for (size_t at = 0; at < queue.size(); ++at)
    for (uint32_t label = 1; label < 256; ++label)
      if (std::optional<size_t> next = child(queue[at], label)) {
        depth[*next] = std::max(depth[*next], depth[queue[at]] + 1);
        if (--open[*next] == 0)
          queue.push_back(static_cast<uint32_t>(*next));
      }
  if (queue.size() != reached)
    return error(4, "the array leads in a circle");
  for (uint32_t unit : queue)
    rules.longest = std::max<size_t>(rules.longest, depth[unit]);
  if (rules.longest > kMaxRuleBytes)
    return unsupported(where, "'precompiled_charsmap' has a rule for " + Twine(rules.longest) +
                                  " bytes, expected at most " + Twine(kMaxRuleBytes));
  return Error::success();
}

llvm::Expected<NormalizationRules> CharsmapReader::read() {
  if (Error failed = split())
    return std::move(failed);
  if (Error failed = walk())
    return std::move(failed);
  return std::move(rules);
}

llvm::Expected<NormalizationRules> ingot::readCharsmap(StringRef charsmap,
                                                       const SourceLocation &where) {
  return CharsmapReader(charsmap, where).read();
}
