#include "test/compiler/import/Hostile.h"

#include "compiler/import/ArchitectureYaml.h"
#include "compiler/import/CheckTensors.h"
#include "compiler/import/ImportError.h"
#include "compiler/import/ResolveModel.h"

#include "test/compiler/import/Allocations.h"
#include "test/compiler/import/TestFiles.h"

#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

/// Everything that a compile does with the input before the dialects see it.
static llvm::Error readAll(const std::string &path) {
  llvm::Expected<ModelSpec> model = resolveModel(path);
  if (!model)
    return model.takeError();
  (void)writeArchitectureYaml(*model, "/out");
  (void)model->arch.runOrder();
  llvm::Expected<std::unique_ptr<WeightSource>> weights = openWeights(*model);
  if (!weights)
    return weights.takeError();
  if (llvm::Error error = checkTensors(model->arch, **weights))
    return error;
  if (llvm::Error error = (*weights)->checkIntegrity())
    return error;
  for (const TensorView &view : (*weights)->tensors())
    if (llvm::Error error = checkNumbers(view, (*weights)->path()))
      return error;
  return llvm::Error::success();
}

/// The form of interface.md: "FILE: error: ..." or "FILE:LINE:COLUMN: error:
/// ...", and no control character that would reach a terminal.
static void checkForm(StringRef text) {
  EXPECT_TRUE(text.contains(": error: ")) << text.str();
  for (unsigned char c : text)
    if ((c < 0x20 && c != '\n') || c >= 0x7f) {
      ADD_FAILURE() << "a control character in: " << text.str();
      break;
    }
}

bool test::readHostile(Kind kind, StringRef bytes) {
  static constexpr const char *names[] = {
      "m.gguf", "model.safetensors", "model.safetensors.index.json",
      "m.yaml", "config.json",       "pytorch_model.bin"};
  TempFolder own;
  std::string path = own.write(names[size_t(kind)], bytes);
  if (kind == Kind::Safetensors || kind == Kind::Index || kind == Kind::Torch) {
    if (kind == Kind::Index)
      own.write("s1.safetensors", tinySafetensors());
    path = own.write("m.yaml", replaced(tinyYaml(), "path: model.safetensors",
                                        std::string("path: ") + names[size_t(kind)]));
  } else if (kind == Kind::Yaml || kind == Kind::Config) {
    own.write("model.safetensors", tinySafetensors());
    if (kind == Kind::Config)
      path = own.path();
  }

  size_t peak = 0;
  std::string text;
  {
    AllocationMeter meter;
    if (llvm::Error error = readAll(path)) {
      llvm::raw_string_ostream os(text);
      reportImportError(std::move(error), os);
    }
    peak = meter.peak();
  }
  EXPECT_LE(peak, 4 * bytes.size() + (size_t(16) << 20));
  if (!text.empty())
    checkForm(text);
  return text.empty();
}
