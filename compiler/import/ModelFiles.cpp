#include "compiler/import/ModelFiles.h"

#include "compiler/import/Gguf.h"
#include "compiler/import/JsonTokenizerKind.h"
#include "compiler/import/SentencePieceModel.h"
#include "compiler/import/YamlTree.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h" // isUTF8
#include "llvm/Support/Path.h"

using namespace ingot;
using llvm::StringRef;
using llvm::Twine;
namespace fs = llvm::sys::fs;

/// The longest template that is kept: escaped, it still fits into a YAML file
/// (maxYamlBytes), with room for the marks of the rest (maxYamlMarks).
static constexpr size_t maxTemplateBytes = 64 * 1024;
static constexpr uint64_t maxTemplateMarks = maxYamlMarks - 4096;

/// The file's first bytes, at most eight.
static llvm::SmallString<8> readHead(StringRef path) {
  llvm::SmallString<8> head;
  llvm::Expected<fs::file_t> file = fs::openNativeFileForRead(path);
  if (!file) {
    llvm::consumeError(file.takeError());
    return head;
  }
  head.resize_for_overwrite(8);
  llvm::Expected<size_t> got = fs::readNativeFile(*file, {head.data(), head.size()});
  head.resize(got ? *got : 0);
  if (!got)
    llvm::consumeError(got.takeError());
  (void)fs::closeFile(*file);
  return head;
}

FileKind ingot::detectFile(StringRef path) {
  fs::file_status status;
  if (fs::status(path, status))
    return FileKind::Missing;
  if (status.type() == fs::file_type::directory_file)
    return FileKind::Folder;
  if (status.type() != fs::file_type::regular_file) // opening a pipe would wait
    return FileKind::Other;
  llvm::SmallString<8> head = readHead(path);
  StringRef start = head.str();
  if (start.starts_with("GGUF"))
    return FileKind::Gguf;
  if (start.starts_with("PK"))
    return FileKind::Zip;
  // A header length below 2^32; a text has no zero bytes.
  if (start.size() == 8 && start.drop_front(4) == StringRef("\0\0\0\0", 4))
    return FileKind::Safetensors;
  return start.ltrim().starts_with("{") ? FileKind::Json : FileKind::Other;
}

std::optional<std::string> ingot::findWeights(StringRef folder) {
  auto inside = [&](StringRef name) {
    llvm::SmallString<256> path(folder);
    llvm::sys::path::append(path, name);
    return path.str().str();
  };
  for (StringRef name : {"model.safetensors.index.json", "model.safetensors"})
    if (std::string path = inside(name); fs::exists(path))
      return path;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; at != end && !failed; at.increment(failed))
    if (StringRef(at->path()).ends_with(".safetensors"))
      return folder.str();
  for (StringRef name : {"pytorch_model.bin", "pytorch_model.bin.index.json"})
    if (std::string path = inside(name); fs::exists(path))
      return path;
  return std::nullopt;
}

llvm::Expected<TokenizerRef> ingot::tokenizerDefaults(StringRef path) {
  TokenizerRef tokenizer;
  switch (detectFile(path)) {
  case FileKind::Gguf: {
    llvm::Expected<std::unique_ptr<GgufFile>> gguf = GgufFile::open(path);
    if (!gguf)
      return gguf.takeError();
    llvm::Expected<std::optional<TokenizerRef>> said = tokenizerFromGguf(**gguf);
    if (!said)
      return said.takeError();
    if (!*said)
      return malformed({path.str()}, "there is no tokenizer in the file");
    tokenizer = std::move(**said);
    break;
  }
  case FileKind::Json: {
    llvm::Expected<std::unique_ptr<JsonFile>> json = JsonFile::read(path, kMaxTokenizerJsonBytes);
    if (!json)
      return json.takeError();
    tokenizer.addBos = isJsonSentencePiece((*json)->root());
    break;
  }
  case FileKind::Other: {
    llvm::Expected<SentencePieceModel> model = readSentencePieceModel(path);
    if (!model)
      return model.takeError();
    tokenizer.addBos = true;
    if (const int64_t bos = model->controlPiece(model->bosPiece); bos >= 0)
      tokenizer.bos = bos;
    if (const int64_t eos = model->controlPiece(model->eosPiece); eos >= 0)
      tokenizer.eos = {eos};
    break;
  }
  default:
    tokenizer.addBos = path.ends_with(".model");
  }
  tokenizer.path = path.str();
  return tokenizer;
}

llvm::Error ingot::checkChatTemplate(StringRef text, SourceLocation where) {
  if (text.size() > maxTemplateBytes)
    return unsupported(std::move(where), "the chat template has " + Twine(text.size()) +
                                             " bytes, expected at most " + Twine(maxTemplateBytes));
  if (uint64_t marks = countYamlMarks(text); marks > maxTemplateMarks)
    return unsupported(std::move(where), "the chat template has " + Twine(marks) +
                                             " of the characters '[]{},:-?', expected at most " +
                                             Twine(maxTemplateMarks));
  if (text.contains('\0') || !llvm::json::isUTF8(text))
    return malformed(std::move(where), "the chat template is not UTF-8 text");
  return llvm::Error::success();
}
