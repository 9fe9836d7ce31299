#include "compiler/import/tokenizer/Charsmap.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h" // isUTF8

using namespace ingot;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

namespace {

/// Unicode's longest decompositions have 18 characters; rules map a few of
/// them. Longer ones would also outgrow the encoder's window.
constexpr size_t kMaxRuleBytes = 256;

/// States of the array on all ways through it. Suffixes are shared, so a small
/// array could hold a number of rules that never ends; NFKC has about 40,000.
constexpr size_t kMaxStates = 1 << 18;

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
  Unit unit(size_t index) const {
    return {llvm::support::endian::read32le(array.data() + 4 * index)};
  }
  Error visit(size_t parent, const std::string &key);
  Error addRule(const std::string &key, uint32_t value);
  Error error(size_t offset, const Twine &message) const {
    SourceLocation place = where;
    if (place.byte)
      place.byte = *place.byte + offset;
    return malformed(place, "'precompiled_charsmap': " + message);
  }

  StringRef charsmap, array, replacements;
  const SourceLocation &where;
  size_t states = 0;
  std::vector<std::pair<size_t, std::string>> open;
  NormalizationRules rules;
};

} // namespace

Error CharsmapReader::addRule(const std::string &key, uint32_t value) {
  if (value >= replacements.size())
    return error(4 + array.size(), "a rule's replacement begins at " + Twine(value) +
                                       ", expected less than " + Twine(replacements.size()));
  const StringRef text = replacements.substr(value).split('\0').first;
  for (StringRef part : {StringRef(key), text})
    if (part.size() > kMaxRuleBytes)
      return unsupported(where, "'precompiled_charsmap' has a rule with " + Twine(part.size()) +
                                    " bytes, expected at most " + Twine(kMaxRuleBytes));
  if (!llvm::json::isUTF8(text))
    return error(4 + array.size() + value, "a replacement is " + quoted(text) + ", expected UTF-8");
  rules.emplace_back(key, text.str());
  return Error::success();
}

/// The children of the unit at `parent`, which `key` leads to.
Error CharsmapReader::visit(size_t parent, const std::string &key) {
  const size_t units = array.size() / 4;
  const uint32_t offset = unit(parent).offset();
  auto reach = [&](uint32_t label, size_t &child) {
    child = parent ^ offset ^ label;
    return child < units;
  };
  size_t child;
  if (parent != 0 && unit(parent).hasValue()) {
    if (!reach(0, child) || !unit(child).isValue())
      return error(4 + 4 * parent, "unit " + Twine(parent) + " of the array has no value");
    if (Error failed = addRule(key, unit(child).value()))
      return failed;
  }
  for (uint32_t label = 1; label < 256; ++label) {
    if (!reach(label, child) || unit(child).label() != label || child == 0)
      continue;
    if (++states > kMaxStates)
      return unsupported(where, "'precompiled_charsmap' has more than " + Twine(kMaxStates) +
                                    " states");
    if (key.size() >= kMaxRuleBytes)
      return error(4 + 4 * child, "a rule has more than " + Twine(kMaxRuleBytes) + " bytes");
    open.emplace_back(child, key + static_cast<char>(label));
  }
  return Error::success();
}

llvm::Expected<NormalizationRules> CharsmapReader::read() {
  if (charsmap.size() < 4)
    return error(0, "there are " + Twine(charsmap.size()) + " bytes, expected at least 4");
  const uint64_t bytes = llvm::support::endian::read32le(charsmap.data());
  if (bytes % 4 != 0 || bytes < 4 || bytes >= charsmap.size() - 4)
    return error(0, "the array has " + Twine(bytes) + " bytes, expected a multiple of 4 below " +
                        Twine(charsmap.size() - 4));
  array = charsmap.substr(4, bytes);
  replacements = charsmap.substr(4 + bytes);
  if (replacements.back() != '\0')
    return error(charsmap.size() - 1, "the last replacement does not end");
  open.emplace_back(0, "");
  while (!open.empty()) {
    auto [parent, key] = std::move(open.back());
    open.pop_back();
    if (Error failed = visit(parent, key))
      return std::move(failed);
  }
  return std::move(rules);
}

llvm::Expected<NormalizationRules> ingot::readCharsmap(StringRef charsmap,
                                                       const SourceLocation &where) {
  return CharsmapReader(charsmap, where).read();
}
