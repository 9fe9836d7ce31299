#include "compiler/import/ResolveModel.h"

#include "compiler/import/ArchitectureYaml.h"
#include "compiler/import/Gguf.h"
#include "compiler/import/HfConfig.h"
#include "compiler/import/ImportError.h"
#include "compiler/import/ModelFiles.h"
#include "compiler/import/Safetensors.h"
#include "compiler/import/TorchZip.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h" // isUTF8
#include "llvm/Support/Path.h"

using namespace ingot;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

Expected<ModelSpec> ingot::resolveModel(StringRef path) {
  // The resolved YAML names files, and is UTF-8.
  if (!llvm::json::isUTF8(path))
    return malformed({quoted(path)}, "the path is not UTF-8");
  switch (detectFile(path)) {
  case FileKind::Missing:
    return malformed({path.str()}, "no such file or folder");
  case FileKind::Folder:
    return readHfFolder(path);
  case FileKind::Safetensors:
  case FileKind::Zip:
    return malformed({path.str()}, "the file holds weights alone, expected an architecture YAML, "
                                   "a Hugging Face folder or a GGUF file");
  default:
    break;
  }
  // A name that promises a GGUF gets the GGUF reader's word on what is wrong.
  if (detectFile(path) == FileKind::Gguf || path.ends_with(".gguf")) {
    Expected<std::unique_ptr<GgufFile>> gguf = GgufFile::open(path);
    if (!gguf)
      return gguf.takeError();
    return modelSpecFromGguf(**gguf);
  }
  return readArchitectureYaml(path);
}

/// All `*.safetensors` of a folder without an index.
static Expected<std::unique_ptr<WeightSource>> openShards(StringRef folder, TensorNames names) {
  std::vector<std::string> paths;
  std::error_code failed;
  for (llvm::sys::fs::directory_iterator at(folder, failed), end; at != end && !failed;
       at.increment(failed))
    if (StringRef(at->path()).ends_with(".safetensors"))
      paths.push_back(at->path());
  if (failed)
    return malformed({folder.str()}, "cannot read the folder: " + failed.message());
  llvm::sort(paths);
  return openSafetensorsFiles(folder, paths, names);
}

static Expected<std::unique_ptr<WeightSource>> openGguf(StringRef path, TensorNames names) {
  Expected<std::unique_ptr<GgufFile>> gguf = GgufFile::open(path);
  if (!gguf)
    return gguf.takeError();
  return weightsFromGguf(std::move(*gguf), names);
}

static Expected<std::unique_ptr<WeightSource>> openFile(StringRef path, TensorNames names) {
  switch (detectFile(path)) {
  case FileKind::Missing:
    return malformed({path.str()}, "no such file or folder");
  case FileKind::Folder: {
    std::optional<std::string> file = findWeights(path);
    if (!file)
      return malformed({path.str()},
                       "there are no weights in the folder, expected '*.safetensors' or "
                       "'pytorch_model.bin'");
    return *file == path ? openShards(path, names) : openFile(*file, names);
  }
  case FileKind::Zip:
    return openTorchZip(path, names);
  case FileKind::Safetensors:
    return openSafetensors(path, names);
  case FileKind::Json:
    return path.ends_with(".bin.index.json") ? openTorchIndex(path, names)
                                             : openSafetensorsIndex(path, names);
  case FileKind::Gguf:
    return openGguf(path, names);
  case FileKind::Other:
    break;
  }
  // A name that promises a format gets that reader's word on what is wrong.
  if (path.ends_with(".safetensors"))
    return openSafetensors(path, names);
  if (path.ends_with(".gguf"))
    return openGguf(path, names);
  if (path.ends_with(".bin"))
    return unsupported({path.str()}, "the file is no ZIP archive, expected one as PyTorch 1.6 and "
                                     "later write it");
  return malformed({path.str()}, "the file is neither a safetensors, a PyTorch nor a GGUF file");
}

Expected<std::unique_ptr<WeightSource>> ingot::openWeights(const ModelSpec &model) {
  if (!model.weightsPath)
    return malformed({model.arch.name}, "the model names no weights, expected the key 'weights'");
  return openFile(*model.weightsPath, model.weightNames);
}
