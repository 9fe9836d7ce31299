#include "compiler/import/TorchZip.h"
#include "compiler/import/CheckTensors.h"
#include "compiler/import/ResolveModel.h"

#include "test/compiler/import/TorchFiles.h"

#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

#include <filesystem>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

namespace {

struct Torch : testing::Test {
  llvm::Expected<std::unique_ptr<WeightSource>> open(StringRef bytes) {
    return openTorchZip(folder.write("m.bin", bytes), TensorNames::HuggingFace);
  }
  std::string error(StringRef bytes, int *exit = nullptr) {
    if (exit)
      *exit = exitOf(open(bytes));
    return textOf(open(bytes), folder);
  }

  /// An archive of one tensor 'w' in storage 0, whose record has `bytes`.
  static ZipWriter one(StringRef type, int64_t elements, int64_t offset, std::vector<int64_t> shape,
                       std::vector<int64_t> strides, StringRef bytes) {
    PickleWriter pickle;
    pickle.raw("}").put().raw("(").text("w");
    pickle.tensor(type, "0", elements, offset, shape, strides).raw("u");
    ZipWriter zip;
    zip.record("m/data.pkl", pickle.finish()).record("m/data/0", bytes);
    return std::move(zip.record("m/version", "3\n"));
  }
  std::string tensorError(StringRef type, int64_t elements, int64_t offset,
                          std::vector<int64_t> shape, std::vector<int64_t> strides, size_t bytes,
                          int *exit = nullptr) {
    return error(one(type, elements, offset, shape, strides, std::string(bytes, '\0')).finish(),
                 exit);
  }

  TempFolder folder;
};

} // namespace

TEST_F(Torch, Reads) {
  auto weights = succeed(open(tinyTorch().finish()));
  EXPECT_EQ(textOf(checkTensors(tinyArch(), *weights), folder), "success");
  EXPECT_EQ(textOf(weights->checkIntegrity(), folder), "success");
  const TensorView *norm = weights->find("model.norm.weight");
  ASSERT_TRUE(norm);
  EXPECT_EQ(norm->type, TensorType::F16);
  EXPECT_EQ(norm->bytes[1], 0x3c);
  weights->release(*norm);
  EXPECT_EQ(norm->bytes[1], 0x3c);
}

TEST_F(Torch, TypesAreThoseOfTheStorages) {
  for (auto [name, type, size] : {std::tuple{"HalfStorage", TensorType::F16, 2},
                                  {"BFloat16Storage", TensorType::BF16, 2},
                                  {"FloatStorage", TensorType::F32, 4}}) {
    auto weights =
        succeed(open(one(name, 6, 0, {2, 3}, {3, 1}, std::string(6 * size, 'x')).finish()));
    EXPECT_EQ(weights->find("w")->type, type);
    EXPECT_EQ(weights->find("w")->bytes.size(), 6u * size);
  }
  int exit = 0;
  EXPECT_EQ(tensorError("LongStorage", 6, 0, {6}, {1}, 48, &exit),
            "m.bin: error: tensor 'w' has the type 'LongStorage', expected FloatStorage, "
            "HalfStorage or BFloat16Storage");
  EXPECT_EQ(exit, 3);
  // Its layout is checked as well, and that error comes first.
  tensorError("LongStorage", 6, 0, {6}, {1}, 47, &exit);
  EXPECT_EQ(exit, 1);
}

TEST_F(Torch, OffsetsAndStrides) {
  auto weights =
      succeed(open(one("FloatStorage", 4, 1, {1, 2}, {77, 1}, "aaaabbbbccccdddd").finish()));
  EXPECT_EQ(llvm::toStringRef(weights->find("w")->bytes), "bbbbcccc"); // 77 is never stepped
  EXPECT_EQ(tensorError("FloatStorage", 4, 0, {2, 0, 2}, {9, 9, 9}, 16), "success"); // no element
  EXPECT_EQ(tensorError("FloatStorage", 4, 3, {}, {}, 16), "success");
  EXPECT_EQ(tensorError("FloatStorage", 4, 4, {0}, {1}, 16), "success");
  int exit = 0;
  EXPECT_NE(tensorError("FloatStorage", 6, 0, {3, 2}, {1, 3}, 24, &exit)
                .find("tensor 'w' is not contiguous: dimension 1 has the stride 3, expected 1"),
            std::string::npos);
  EXPECT_EQ(exit, 3);
  EXPECT_NE(tensorError("FloatStorage", 6, 0, {2, 2}, {3, 1}, 24)
                .find("dimension 0 has the stride "
                      "3, expected 2"),
            std::string::npos);
  EXPECT_NE(tensorError("FloatStorage", 1, 0, {2, 2}, {0, 0}, 4).find("ends behind"),
            std::string::npos); // expanded
}

/// No sum or product of what a pickle says wraps into the storage.
TEST_F(Torch, ExtentsPastTheStorage) {
  const int64_t max = INT64_MAX;
  struct Case {
    int64_t offset;
    std::vector<int64_t> shape;
  };
  for (const Case &c :
       {Case{1, {6}}, Case{0, {7}}, Case{7, {0}}, Case{max, {1}}, Case{max, {max}}, Case{0, {max}},
        Case{0, {max, max}}, Case{0, {int64_t(1) << 32, 1 << 30, 4}}, Case{0, {max, 4, 0}}})
    EXPECT_NE(tensorError("FloatStorage", 6, c.offset, c.shape,
                          std::vector<int64_t>(c.shape.size(), 1), 24)
                  .find("ends behind the 6 elements"),
              std::string::npos);
  EXPECT_NE(tensorError("FloatStorage", 6, 3, {2, 2}, {2, 1}, 24)
                .find("tensor 'w' begins at element 3 and ends behind the 6 elements of its "
                      "storage '0'"),
            std::string::npos);
  for (int64_t elements : {int64_t(5), int64_t(7), int64_t(1) << 62, max})
    EXPECT_NE(tensorError("FloatStorage", elements, 0, {1}, {1}, 24)
                  .find("the record 'm/data/0' has 24 bytes, expected " + std::to_string(elements) +
                        " elements of 4 bytes"),
              std::string::npos);
}

TEST_F(Torch, SharedStorages) {
  PickleWriter pickle;
  pickle.raw("}").put().raw("(").text("a").tensor("HalfStorage", "0", 6, 0, {2, 3}, {3, 1});
  pickle.text("b").tensor("HalfStorage", "0", 6, 3, {3}, {1}).raw("u");
  ZipWriter zip;
  zip.record("m/data.pkl", pickle.finish()).record("m/data/0", "aabbccddeeff");
  auto weights = succeed(open(zip.record("m/version", "3\n").finish()));
  EXPECT_EQ(llvm::toStringRef(weights->find("a")->bytes), "aabbccddeeff");
  EXPECT_EQ(llvm::toStringRef(weights->find("b")->bytes), "ddeeff");
}

TEST_F(Torch, Records) {
  std::string empty = PickleWriter().raw("}").finish();
  auto archive = [&](std::vector<std::pair<const char *, std::string>> records) {
    ZipWriter zip;
    for (auto &[name, bytes] : records)
      zip.record(name, bytes);
    return error(zip.finish());
  };
  std::pair<const char *, std::string> pickle{"m/data.pkl", empty}, version{"m/version", "3\n"};
  EXPECT_EQ(archive({pickle, version}), "success");
  EXPECT_EQ(archive({pickle,
                     version,
                     {"m/byteorder", "little"},
                     {"m/.format_version", "1"},
                     {"m/.data/serialization_id", "7"}}),
            "success");
  EXPECT_EQ(archive({}), "m.bin: error: there is no record 'data.pkl'");
  EXPECT_EQ(archive({version}), "m.bin: error: there is no record 'data.pkl'");
  EXPECT_EQ(archive({pickle}), "m.bin: error: there is no record 'version'");
  EXPECT_EQ(archive({pickle, {"m/version", "x"}}),
            "m.bin: error: the record 'version' is 'x', expected a number");
  EXPECT_EQ(archive({pickle, {"m/version", "11"}}),
            "m.bin: error: the archive has version 11, expected at most 10");
  EXPECT_EQ(archive({pickle, version, {"m/byteorder", "big"}}),
            "m.bin: error: the byte order is 'big', expected 'little'");
  EXPECT_EQ(archive({pickle, version, {"n/data/0", "x"}}),
            "m.bin: error: the record 'n/data/0' is not in the folder 'm' of the first one");
  EXPECT_EQ(archive({{"data.pkl", empty}}),
            "m.bin: error: the record 'data.pkl' is not in the folder 'data.pkl' of the first one");
  EXPECT_EQ(archive({pickle, version, {"m/code/x.py", "import os"}}),
            "m.bin: error: the record 'm/code/x.py' is not part of a checkpoint, expected "
            "'data.pkl', 'data/N', 'version' and 'byteorder'");
  EXPECT_EQ(archive({pickle, version, {"m/data/0", "x"}}),
            "m.bin: error: the record 'm/data/0' belongs to no tensor");
  ZipWriter missing = one("HalfStorage", 1, 0, {1}, {1}, "xx");
  std::string bytes = missing.finish();
  for (const char *field : {"1 local name", "1 central name"})
    bytes.replace(missing.field(field).offset, 8, "m/data/1");
  EXPECT_NE(error(bytes).find("there is no record 'data/N' for the storage '0'"),
            std::string::npos);
}

TEST_F(Torch, Checksums) {
  ZipWriter zip = tinyTorch();
  std::string good = zip.finish();
  std::string pickle = good;
  pickle[zip.field("0 bytes").offset + 30] ^= 1;
  EXPECT_NE(error(pickle).find("the record 'm/data.pkl' does not have the CRC-32 "),
            std::string::npos);
  std::string data = good;
  data[zip.field("2 bytes").offset] ^= 1;
  EXPECT_NE(textOf(succeed(open(data))->checkIntegrity(), folder)
                .find("m.bin: error: the record 'm/data/1' has the CRC-32 0x"),
            std::string::npos);
}

TEST_F(Torch, IndexAndShards) {
  folder.write("pytorch_model-00001-of-00002.bin",
               one("HalfStorage", 1, 0, {1}, {1}, "ab").finish());
  std::string index = R"({"metadata":{},"weight_map":{"w":"pytorch_model-00001-of-00002.bin"}})";
  std::string path = folder.write("pytorch_model.bin.index.json", index);
  auto weights = succeed(openTorchIndex(path, TensorNames::HuggingFace));
  EXPECT_EQ(weights->find("w")->bytes.size(), 2u);
  for (const char *name : {"../m.bin", "/etc/passwd", "sub/m.bin", ".."}) {
    std::string bad = "{\"weight_map\":{\"w\":\"" + std::string(name) + "\"}}";
    EXPECT_NE(textOf(openTorchIndex(folder.write("pytorch_model.bin.index.json", bad),
                                    TensorNames::HuggingFace),
                     folder)
                  .find("expected the name of a file in the same folder"),
              std::string::npos);
  }
  folder.write("pytorch_model.bin.index.json", replaced(index, "\"w\"", "\"v\""));
  EXPECT_EQ(textOf(openTorchIndex(path, TensorNames::HuggingFace), folder),
            "pytorch_model-00001-of-00002.bin: error: tensor 'w' is not in the index "
            "'pytorch_model.bin.index.json'");
}

TEST_F(Torch, FolderOfHuggingFace) {
  folder.write("config.json", tinyConfig());
  folder.write("pytorch_model.bin", tinyTorch(/*tied=*/true).finish());
  ModelSpec model = succeed(resolveModel(folder.path()));
  EXPECT_EQ(model.weightsPath, folder.file("pytorch_model.bin"));
  EXPECT_TRUE(model.arch.tieEmbeddings); // a Llama without lm_head.weight
  folder.write("pytorch_model.bin", tinyTorch(/*tied=*/false).finish());
  EXPECT_FALSE(succeed(resolveModel(folder.path())).arch.tieEmbeddings);
  folder.write("model.safetensors", tinySafetensors());
  EXPECT_EQ(succeed(resolveModel(folder.path())).weightsPath, folder.file("model.safetensors"));
}

TEST_F(Torch, OlderPicklesAreUnsupported) {
  folder.write("config.json", tinyConfig());
  folder.write("pytorch_model.bin", "\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.");
  EXPECT_EQ(textOf(resolveModel(folder.path()), folder),
            "pytorch_model.bin: error: the file is no ZIP archive, expected one as PyTorch 1.6 and "
            "later write it");
  EXPECT_EQ(exitOf(resolveModel(folder.path())), 3);
}
