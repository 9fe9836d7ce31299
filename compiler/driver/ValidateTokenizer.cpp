#include "compiler/driver/ValidateTokenizer.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/ProcessPool.h"
#include "compiler/import/ImportError.h" // quoted

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace ingot;
using llvm::StringRef;

namespace {

constexpr double kTimeLimit = 120; ///< seconds for one child

class TokenizerValidator {
public:
  TokenizerValidator(const CompiledCode &code, const std::string &tool) : code(code), tool(tool) {}

  llvm::Expected<std::string> run(const std::string &model, unsigned texts);

private:
  llvm::Expected<size_t> askLibrary(const std::string &model, unsigned texts);
  llvm::Expected<std::string> compiled(const std::string &file, StringRef option);
  llvm::Error compare(size_t number);
  llvm::Expected<std::string> said(StringRef kind, size_t number) const {
    return readFile(path(kind, number));
  }
  std::string path(StringRef kind, size_t number) const {
    return joinPath(folder, (kind + "-" + llvm::Twine(number)).str());
  }

  const CompiledCode &code;
  const std::string &tool;
  std::string folder;
  std::string prefix; ///< ids of the empty text: BOS, if the model adds it
};

} // namespace

/// What a child that failed means: 5 where it could not be started, else that
/// the model is not what it was taken for.
static llvm::Error failed(StringRef what, const ProcessSpec &spec, const ProcessResult &result) {
  llvm::Error error = processError(what, spec, result);
  if (!result.started)
    return error;
  return driverError(kExitInvalid, "validation: " + llvm::toString(std::move(error)));
}

llvm::Expected<size_t> TokenizerValidator::askLibrary(const std::string &model, unsigned texts) {
  ProcessSpec spec = {{tool, model, folder, llvm::utostr(texts)}, /*folder=*/{}};
  spec.timeLimit = kTimeLimit;
  const ProcessResult result = runProcess(spec);
  if (!result.good())
    return failed("the sentencepiece library on " + quoted(model), spec, result);
  size_t count = 0;
  if (StringRef(result.output).trim().getAsInteger(10, count) || count == 0)
    return driverError(kExitInvalid, "validation: the sentencepiece library said nothing");
  return count;
}

llvm::Expected<std::string> TokenizerValidator::compiled(const std::string &file,
                                                         StringRef option) {
  // The tables are the same for every level.
  ProcessSpec spec = {code.levels.front().command, /*folder=*/{}};
  for (StringRef word :
       {StringRef("--ingot-verb"), StringRef("tokenize"), StringRef("-f"), StringRef(file), option})
    spec.command.push_back(word.str());
  if (option == "--ids")
    spec.command.push_back("--no-special");
  spec.timeLimit = kTimeLimit;
  ProcessResult result = runProcess(spec);
  if (!result.good())
    return failed("the compiled tokenizer", spec, result);
  return std::move(result.output);
}

llvm::Error TokenizerValidator::compare(size_t number) {
  llvm::Expected<std::string> expected = said("ids", number),
                              found = compiled(path("text", number), "--ids");
  if (!expected || !found)
    return llvm::joinErrors(expected.takeError(), found.takeError());
  llvm::SmallVector<StringRef> wanted, got;
  const std::string whole = prefix + *expected;
  StringRef(whole).trim().split(wanted, ' ', -1, /*KeepEmpty=*/false);
  StringRef(*found).trim().split(got, ' ', -1, /*KeepEmpty=*/false);
  for (size_t i = 0; i < std::max(wanted.size(), got.size()); ++i) {
    const StringRef a = i < wanted.size() ? wanted[i] : "the end";
    const StringRef b = i < got.size() ? got[i] : "the end";
    if (a == b)
      continue;
    llvm::Expected<std::string> text = said("text", number);
    return driverError(kExitInvalid,
                       "validation: the compiled tokenizer differs from the sentencepiece "
                       "library: id " +
                           llvm::Twine(i) + " of text " + llvm::Twine(number) + " (" +
                           (text ? quoted(*text) : llvm::toString(text.takeError())) + ") is " + b +
                           ", expected " + a);
  }
  llvm::Expected<std::string> back = said("back", number),
                              text = compiled(path("ids", number), "--decode");
  if (!back || !text)
    return llvm::joinErrors(back.takeError(), text.takeError());
  if (*back != *text)
    return driverError(kExitInvalid, "validation: the compiled tokenizer decodes text " +
                                         llvm::Twine(number) + " to " + quoted(*text) +
                                         ", expected " + quoted(*back));
  return llvm::Error::success();
}

llvm::Expected<std::string> TokenizerValidator::run(const std::string &model, unsigned texts) {
  folder = joinPath(code.workFolder, "tokenizer");
  if (llvm::Error error = makeFolder(folder))
    return std::move(error);
  llvm::Expected<size_t> count = askLibrary(model, texts);
  if (!count)
    return count.takeError();
  const std::string empty = joinPath(folder, "empty");
  if (llvm::Error error = writeFile(empty, ""))
    return std::move(error);
  llvm::Expected<std::string> bos = compiled(empty, "--ids");
  if (!bos)
    return bos.takeError();
  prefix = StringRef(*bos).trim().str() + " ";
  for (size_t number = 0; number < *count; ++number)
    if (llvm::Error error = compare(number))
      return std::move(error);
  return llvm::utostr(*count) + " texts tokenized as by the sentencepiece library";
}

llvm::Expected<std::string> ingot::validateTokenizer(const CompiledCode &code,
                                                     const std::string &tool,
                                                     const std::string &tokenizerModel,
                                                     unsigned texts) {
  return TokenizerValidator(code, tool).run(tokenizerModel, texts);
}
