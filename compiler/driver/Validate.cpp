#include "compiler/driver/Validate.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/ProcessPool.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace ingot;

std::vector<std::vector<int32_t>> ingot::validationSequences(int64_t vocabulary, int64_t context,
                                                             int64_t count, int64_t length) {
  uint64_t state = 0x1960;
  std::vector<std::vector<int32_t>> sequences(static_cast<size_t>(count));
  for (auto &sequence : sequences)
    for (int64_t i = 0; i < std::min(length, context); ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      sequence.push_back(static_cast<int32_t>((state >> 33) % static_cast<uint64_t>(vocabulary)));
    }
  return sequences;
}

static double logSumExp(llvm::ArrayRef<float> logits) {
  const double most = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (float logit : logits)
    sum += std::exp(logit - most);
  return most + std::log(sum);
}

LogitsDistance ingot::compareLogits(llvm::ArrayRef<float> reference,
                                    llvm::ArrayRef<float> compiled) {
  LogitsDistance distance = {0, 0, true};
  for (float logit : compiled)
    distance.finite &= std::isfinite(logit);
  if (!distance.finite)
    return distance;
  const double p = logSumExp(reference), q = logSumExp(compiled);
  double error = 0, size = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double logP = reference[i] - p, logQ = compiled[i] - q;
    distance.kl += std::exp(logP) * (logP - logQ);
    error += (double(reference[i]) - compiled[i]) * (double(reference[i]) - compiled[i]);
    size += double(reference[i]) * reference[i];
  }
  distance.nmse = size == 0 ? error : error / size;
  return distance;
}

namespace {

class Validator {
public:
  Validator(const CompiledCode &code, ReferenceLogits &reference,
            llvm::ArrayRef<std::vector<int32_t>> sequences, int64_t promptLength)
      : code(code), reference(reference), sequences(sequences), promptLength(promptLength) {}

  llvm::Expected<std::string> run();

private:
  llvm::Error interpret();
  llvm::Error writeIds() const;
  llvm::Expected<std::vector<float>> compiled(const CompiledCode::Level &level, int64_t chunk,
                                              bool &absent);
  llvm::Error compare(const std::string &level, llvm::ArrayRef<float> logits);
  llvm::Error sameBits(const std::string &level, llvm::ArrayRef<float> chunked,
                       llvm::ArrayRef<float> single) const;
  size_t vocabulary() const { return static_cast<size_t>(reference.vocabulary()); }

  const CompiledCode &code;
  ReferenceLogits &reference;
  llvm::ArrayRef<std::vector<int32_t>> sequences;
  int64_t promptLength;
  std::vector<float> expected; ///< [all ids][vocabulary]
  double worstMean = 0;
};

llvm::Error Validator::interpret() {
  for (const std::vector<int32_t> &ids : sequences) {
    llvm::Expected<std::vector<float>> logits = reference.logits(ids);
    if (!logits)
      return logits.takeError();
    expected.insert(expected.end(), logits->begin(), logits->end());
  }
  return llvm::Error::success();
}

llvm::Error Validator::writeIds() const {
  std::string text;
  for (const std::vector<int32_t> &ids : sequences) {
    for (int32_t id : ids)
      text += std::to_string(id) + " ";
    text += "\n";
  }
  return writeFile(joinPath(code.workFolder, "ids.txt"), text);
}

llvm::Expected<std::vector<float>> Validator::compiled(const CompiledCode::Level &level,
                                                       int64_t chunk, bool &absent) {
  const std::string path = joinPath(code.workFolder, "logits.npy");
  ProcessSpec spec = {level.command, /*folder=*/{}};
  for (std::string word : {"--ingot-verb", "eval", "--tokens"})
    spec.command.push_back(word);
  spec.command.insert(spec.command.end(),
                      {joinPath(code.workFolder, "ids.txt"), "--logits", path, "--chunk",
                       std::to_string(chunk), "--level", level.name});
  spec.command.insert(spec.command.end(), code.arguments.begin(), code.arguments.end());
  const ProcessResult result = runProcess(spec);
  absent = result.exitCode == kExitMissing && !level.mustRun;
  if (absent)
    return std::vector<float>{};
  if (!result.good()) {
    std::string said;
    llvm::raw_string_ostream os(said);
    os << processError("level '" + level.name + "' of the compiled code", spec, result);
    return driverError(kExitInvalid, llvm::StringRef(said).ltrim());
  }
  return readNpy(path, expected.size() / vocabulary(), vocabulary());
}

llvm::Error Validator::compare(const std::string &level, llvm::ArrayRef<float> logits) {
  double total = 0, worst = -1;
  size_t worstRow = 0;
  const size_t rows = expected.size() / vocabulary();
  for (size_t row = 0; row < rows; ++row) {
    const LogitsDistance distance =
        compareLogits(llvm::ArrayRef(expected).slice(row * vocabulary(), vocabulary()),
                      logits.slice(row * vocabulary(), vocabulary()));
    if (!distance.finite)
      return driverError(kExitInvalid, "validation: level '" + level + "': logits of position " +
                                           llvm::Twine(row) + " are not finite");
    total += distance.kl;
    if (distance.kl > worst) {
      worst = distance.kl;
      worstRow = row;
    }
  }
  const double mean = total / static_cast<double>(rows);
  worstMean = std::max(worstMean, mean);
  double bound = reference.klBound();
  if (mean > bound) {
    llvm::Expected<double> wider = reference.klBoundOfRounding();
    if (!wider)
      return wider.takeError();
    bound = *wider;
  }
  if (mean <= bound)
    return llvm::Error::success();

  // The values that differ most where the distributions do.
  const size_t begin = worstRow * vocabulary();
  size_t at = begin;
  for (size_t i = begin; i < begin + vocabulary(); ++i)
    if (std::abs(expected[i] - logits[i]) > std::abs(expected[at] - logits[at]))
      at = i;
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format(
      "validation: level '%s' differs from the reference: mean divergence %.3g, "
      "expected at most %.3g; most at position %zu, token %zu: %g, expected %g",
      level.c_str(), mean, bound, worstRow, at - begin, double(logits[at]),
      double(expected[at]));
  return driverError(kExitInvalid, text);
}

llvm::Error Validator::sameBits(const std::string &level, llvm::ArrayRef<float> chunked,
                                llvm::ArrayRef<float> single) const {
  for (size_t i = 0; i < chunked.size(); ++i)
    if (std::memcmp(&chunked[i], &single[i], sizeof(float)) != 0)
      return driverError(kExitInvalid,
                         "validation: level '" + level + "': position " +
                             llvm::Twine(i / vocabulary()) + ", token " +
                             llvm::Twine(i % vocabulary()) +
                             ": a prompt fed in chunks and token by token gives other bits");
  return llvm::Error::success();
}

llvm::Expected<std::string> Validator::run() {
  if (llvm::Error error = interpret())
    return error;
  if (llvm::Error error = writeIds())
    return error;
  size_t levelsRun = 0;
  for (const CompiledCode::Level &level : code.levels) {
    bool absent = false;
    llvm::Expected<std::vector<float>> chunked = compiled(level, promptLength, absent);
    if (!chunked)
      return chunked.takeError();
    if (absent)
      continue;
    llvm::Expected<std::vector<float>> single = compiled(level, /*chunk=*/1, absent);
    if (!single)
      return single.takeError();
    if (llvm::Error error = compare(level.name, *chunked))
      return error;
    if (llvm::Error error = sameBits(level.name, *chunked, *single))
      return error;
    ++levelsRun;
  }
  std::string remark;
  llvm::raw_string_ostream(remark) << llvm::format(
      "%zu of %zu levels run here, mean divergence %.2g", levelsRun, code.levels.size(), worstMean);
  return remark;
}

} // namespace

llvm::Expected<std::string> ingot::validateCompiled(const CompiledCode &code,
                                                    ReferenceLogits &reference,
                                                    llvm::ArrayRef<std::vector<int32_t>> sequences,
                                                    int64_t promptLength) {
  return Validator(code, reference, sequences, promptLength).run();
}
