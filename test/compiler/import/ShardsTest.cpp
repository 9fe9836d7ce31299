//===- ShardsTest.cpp - Indices, shards and folders without an index ------===//

#include "compiler/import/Safetensors.h"

#include "test/compiler/import/TestFiles.h"

#include <gtest/gtest.h>

#include <filesystem>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

static std::string one(StringRef name) {
  return safetensors("{\"" + name.str() + R"(":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                     "abcd");
}

namespace {

/// Two shards with one tensor each.
struct Shards : testing::Test {
  Shards() {
    folder.write("s1.safetensors", one("a"));
    folder.write("s2.safetensors", one("b"));
  }

  llvm::Expected<std::unique_ptr<WeightSource>> open(StringRef index) {
    return openSafetensorsIndex(folder.write("model.safetensors.index.json", index),
                                TensorNames::HuggingFace);
  }
  std::string error(StringRef index) { return textOf(open(index), folder); }
  std::string shardError(StringRef name) {
    return error("{\"weight_map\":{\"a\":\"" + name.str() + "\"}}");
  }

  TempFolder folder;
};

} // namespace

TEST_F(Shards, Reads) {
  auto weights = succeed(open(
      R"({"metadata":{"total_size":8},"weight_map":{"b":"s2.safetensors","a":"s1.safetensors"}})"));
  EXPECT_EQ(weights->tensors().size(), 2u);
  EXPECT_EQ(weights->find("b")->bytes.size(), 4u);
  weights->release(*weights->find("b"));
  EXPECT_EQ(weights->find("b")->bytes[0], 'a');
}

TEST_F(Shards, NamesThatLeaveTheFolder) {
  folder.write("outside.safetensors", one("a"));
  std::filesystem::create_directory(folder.file("sub"));
  std::filesystem::create_symlink(folder.file("s1.safetensors"), folder.file("link.safetensors"));
  for (const char *name : {"../outside.safetensors", "/etc/passwd", "sub/x.safetensors", "..", ".",
                           "", "sub\\\\x.safetensors", "a\\u0000b"})
    EXPECT_NE(shardError(name).find("expected the name of a file in the same folder"),
              std::string::npos)
        << name << ": " << shardError(name);
  EXPECT_EQ(shardError("link.safetensors"),
            "model.safetensors.index.json:1:20: error: the shard 'link.safetensors' is a link or "
            "no file, expected a regular file");
  EXPECT_EQ(shardError("sub"), "model.safetensors.index.json:1:20: error: the shard 'sub' is a "
                               "link or no file, expected a regular file");
  EXPECT_EQ(shardError("no.safetensors"), "model.safetensors.index.json:1:20: error: the shard "
                                          "'no.safetensors' is not there");
}

TEST_F(Shards, IndexAndShardsMustAgree) {
  EXPECT_EQ(error(R"({"weight_map":{"a":"s1.safetensors","c":"s2.safetensors"}})"),
            "s2.safetensors: error: tensor 'b' is not in the index 'model.safetensors.index.json'");
  EXPECT_EQ(error(R"({"weight_map":{"a":"s1.safetensors","b":"s1.safetensors"}})"),
            "model.safetensors.index.json: error: tensor 'b' is not in its shard 's1.safetensors'");
  EXPECT_EQ(error(R"({"weight_map":{"a":"s2.safetensors","b":"s1.safetensors"}})"),
            "s2.safetensors: error: tensor 'b' is in this shard, the index says 's1.safetensors'");
}

TEST_F(Shards, MalformedIndex) {
  EXPECT_EQ(error("{}"),
            "model.safetensors.index.json:1:1: error: there is no object 'weight_map'");
  EXPECT_EQ(error(R"({"weight_map":[]})"),
            "model.safetensors.index.json:1:15: error: there is no object 'weight_map'");
  EXPECT_EQ(error(R"({"weight_map":{}})"),
            "model.safetensors.index.json:1:15: error: 'weight_map' is empty");
  EXPECT_EQ(error(R"({"weight_map":{"a":1}})"),
            "model.safetensors.index.json:1:20: error: 'a' is 1, expected the name of a shard");
  EXPECT_EQ(error(R"({"weight_map":{"a":"s1.safetensors","a":"s2.safetensors"}})"),
            "model.safetensors.index.json:1:37: error: the key 'a' is there twice\n"
            "model.safetensors.index.json:1:16: note: first set here");
}

TEST_F(Shards, WithoutAnIndex) {
  std::vector<std::string> paths{folder.file("s1.safetensors"), folder.file("s2.safetensors")};
  auto weights = succeed(openSafetensorsFiles(folder.path(), paths, TensorNames::HuggingFace));
  EXPECT_EQ(weights->tensors().size(), 2u);
  paths.push_back(folder.write("s3.safetensors", one("a")));
  EXPECT_EQ(textOf(openSafetensorsFiles(folder.path(), paths, TensorNames::HuggingFace), folder),
            "s3.safetensors: error: tensor 'a' is also in 's1.safetensors'");
}
