#include "compiler/import/Safetensors.h"

#include "compiler/import/SafetensorsFile.h"
#include "compiler/import/Shards.h"

using namespace ingot;
using llvm::Expected;
using llvm::StringRef;

Expected<std::unique_ptr<WeightSource>> ingot::openSafetensors(StringRef path, TensorNames names) {
  return openTensorFile(readSafetensorsFile, path, names);
}

Expected<std::unique_ptr<WeightSource>> ingot::openSafetensorsIndex(StringRef indexPath,
                                                                    TensorNames names) {
  return openShardIndex(readSafetensorsFile, indexPath, names);
}

Expected<std::unique_ptr<WeightSource>>
ingot::openSafetensorsFiles(StringRef folder, llvm::ArrayRef<std::string> paths,
                            TensorNames names) {
  return openShards(readSafetensorsFile, folder, paths, names);
}
