#include "compiler/import/ArchCheck.h"

#include "compiler/import/Checked.h"
#include "compiler/import/Numbers.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace ingot;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

using Number = Checked<uint64_t>;

namespace {

constexpr int64_t maxExtent = int64_t(1) << 24;
constexpr int64_t maxLayers = 1024;
constexpr int64_t maxRepeat = 64;
constexpr int64_t maxHeadDim = 256;
constexpr size_t maxNameLength = 128; ///< NAME is a file name and a C symbol
constexpr uint64_t maxParameters = uint64_t(1) << 40;
constexpr uint64_t maxCacheElements = uint64_t(1) << 48;

} // namespace

void FieldOrigins::set(StringRef field, StringRef key, SourceLocation where) {
  origins[field] = {key.str(), std::move(where)};
}

SourceLocation FieldOrigins::where(StringRef field) const {
  auto at = origins.find(field);
  return at == origins.end() ? SourceLocation{file} : at->second.where;
}

std::string FieldOrigins::key(StringRef field) const {
  auto at = origins.find(field);
  return quoted(at == origins.end() ? field : StringRef(at->second.key));
}

static Error expectRange(const FieldOrigins &origins, StringRef field, int64_t value,
                         int64_t limit) {
  if (value >= 1 && value <= limit)
    return Error::success();
  return malformed(origins.where(field),
                   origins.key(field) + " is " + Twine(value) + ", expected 1 to " + Twine(limit));
}

static Error expectPositive(const FieldOrigins &origins, StringRef field, double value) {
  if (std::isfinite(value) && value > 0)
    return Error::success();
  return malformed(origins.where(field), origins.key(field) + " is " + printDouble(value) +
                                             ", expected a number above 0");
}

/// An error at `field` with a note at the `other` field that it depends on.
static Error conflict(const FieldOrigins &origins, StringRef field, StringRef other,
                      const Twine &message) {
  Error error = malformed(origins.where(field), message);
  if (!origins.has(other))
    return error;
  return withNote(std::move(error), origins.where(other), origins.key(other) + " set here");
}

static Error checkName(const ArchSpec &arch, const FieldOrigins &origins) {
  bool letters = llvm::all_of(arch.name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (arch.name.empty() || !letters) // arch_c1
    return malformed(origins.where("name"),
                     "'name' is " + quoted(arch.name) + ", expected letters a-z, digits and '-'");
  if (arch.name.size() > maxNameLength)
    return malformed(origins.where("name"), "'name' is " + Twine(arch.name.size()) +
                                                " characters long, expected at most " +
                                                Twine(maxNameLength));
  return Error::success();
}

/// Products of extents that are each in range.
static Error checkSizes(const ArchSpec &arch, const FieldOrigins &origins) {
  auto number = [](int64_t value) { return Number(uint64_t(value)); };
  Number queryRows = number(arch.numHeads) * number(arch.headDim);
  Number keyRows = number(arch.numKvHeads) * number(arch.headDim);
  if (!queryRows.atMost(maxExtent)) // arch_c7
    return conflict(origins, "head_dim", "num_heads",
                    origins.key("num_heads") + " times " + origins.key("head_dim") + " is above " +
                        Twine(maxExtent));
  Number two = uint64_t(2), three = uint64_t(3);
  Number hidden = number(arch.hiddenSize);
  Number block =
      hidden * (two * queryRows + two * keyRows + three * number(arch.intermediateSize) + two);
  Number tables = arch.tieEmbeddings ? Number(uint64_t(1)) : two;
  Number total = number(arch.numLayers) * block + tables * number(arch.vocabSize) * hidden + hidden;
  if (!total.atMost(maxParameters)) // arch_c8
    return malformed(origins.where("hidden_size"),
                     "the architecture has more than " + Twine(maxParameters) + " parameters");
  Number cache =
      two * number(arch.numLayers) * number(arch.repeat) * keyRows * number(arch.maxContext);
  if (!cache.atMost(maxCacheElements)) // arch_c9
    return malformed(origins.where("max_context"), "the cache of keys and values has more than " +
                                                       Twine(maxCacheElements) + " elements");
  return Error::success();
}

static Error checkSharing(const ArchSpec &arch, const FieldOrigins &origins) {
  if (Error error = expectRange(origins, "repeat", arch.repeat, maxRepeat)) // arch_c10
    return error;
  if (arch.sharing == SharingScheme::None && arch.repeat != 1) // arch_c11
    return conflict(origins, "repeat", "scheme",
                    origins.key("repeat") + " is " + Twine(arch.repeat) +
                        ", expected 1 for the scheme 'none'");
  if (arch.sharing != SharingScheme::None && arch.repeat == 1)
    return conflict(origins, "repeat", "scheme",
                    origins.key("repeat") + " is 1, expected at least 2 for a scheme that shares");
  return Error::success();
}

Error ingot::checkArch(const ArchSpec &arch, const FieldOrigins &origins) {
  if (Error error = checkName(arch, origins))
    return error;
  struct Extent {
    StringRef field;
    int64_t value, limit;
  };
  for (const Extent &extent : {
           // arch_c2, arch_c3
           Extent{"hidden_size", arch.hiddenSize, maxExtent},
           Extent{"intermediate_size", arch.intermediateSize, maxExtent},
           Extent{"num_layers", arch.numLayers, maxLayers},
           Extent{"num_heads", arch.numHeads, maxExtent},
           Extent{"num_kv_heads", arch.numKvHeads, maxExtent},
           Extent{"head_dim", arch.headDim, maxHeadDim},
           Extent{"vocab_size", arch.vocabSize, maxExtent},
           Extent{"max_context", arch.maxContext, maxExtent},
       })
    if (Error error = expectRange(origins, extent.field, extent.value, extent.limit))
      return error;
  if (arch.numHeads % arch.numKvHeads != 0) // arch_c4
    return conflict(origins, "num_kv_heads", "num_heads",
                    origins.key("num_kv_heads") + " is " + Twine(arch.numKvHeads) +
                        ", expected a divisor of " + origins.key("num_heads") + " (" +
                        Twine(arch.numHeads) + ")");
  if (arch.headDim % 2 != 0) // arch_c5: rotations take pairs
    return malformed(origins.where("head_dim"), origins.key("head_dim") + " is " +
                                                    Twine(arch.headDim) +
                                                    ", expected an even number");
  if (Error error = expectPositive(origins, "eps", arch.normEps)) // arch_c6
    return error;
  if (Error error = expectPositive(origins, "theta", arch.ropeTheta))
    return error;
  if (Error error = checkSharing(arch, origins))
    return error;
  return checkSizes(arch, origins);
}

Error ingot::checkModel(const ModelSpec &model, const FieldOrigins &origins) {
  if (Error error = checkArch(model.arch, origins))
    return error;
  if (!model.tokenizer)
    return Error::success();
  auto check = [&](StringRef field, int64_t id) -> Error { // arch_c12
    if (id >= 0 && id < model.arch.vocabSize)
      return Error::success();
    return conflict(origins, field, "vocab_size",
                    origins.key(field) + " is " + Twine(id) + ", expected a token id below " +
                        Twine(model.arch.vocabSize));
  };
  if (model.tokenizer->bos)
    if (Error error = check("bos", *model.tokenizer->bos))
      return error;
  for (int64_t id : model.tokenizer->eos)
    if (Error error = check("eos", id))
      return error;
  return Error::success();
}

std::string ingot::modelNameFrom(StringRef text) {
  std::string name;
  for (char c : text) {
    char lower = llvm::toLower(c);
    if (llvm::isAlnum(lower))
      name += lower;
    else if (!name.empty() && name.back() != '-')
      name += '-';
    if (name.size() == maxNameLength)
      break;
  }
  while (!name.empty() && name.back() == '-')
    name.pop_back();
  return name.empty() ? "model" : name;
}
