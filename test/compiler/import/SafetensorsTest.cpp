//===- SafetensorsTest.cpp - One safetensors file -------------------------===//
//
// The byte strings with a reference name are the cases of the reference
// reader's own tests.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Safetensors.h"

#include "test/compiler/import/TestFiles.h"

#include <gtest/gtest.h>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

static std::string openError(StringRef bytes, int *exit = nullptr) {
  TempFolder folder;
  std::string path = folder.write("m.safetensors", bytes);
  if (exit)
    *exit = exitOf(openSafetensors(path, TensorNames::HuggingFace));
  return textOf(openSafetensors(path, TensorNames::HuggingFace), folder);
}

/// One tensor of type F32, shape [2, 2] and 16 bytes, with one text replaced.
static std::string sample(StringRef from = "", StringRef to = "", size_t data = 16) {
  std::string header = R"({"test":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})";
  return safetensors(from.empty() ? header : replaced(header, from, to), std::string(data, '\0'));
}

TEST(Safetensors, Reads) {
  TempFolder folder;
  std::string header = R"({"__metadata__":{"format":"pt"},
    "b":{"dtype":"F16","shape":[],"data_offsets":[8,10]},
    "\u0061":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},
    "c":{"dtype":"BF16","shape":[0,4],"data_offsets":[8,8]}}   )";
  auto weights = succeed(openSafetensors(
      folder.write("m.safetensors", safetensors(header, "0123456789")), TensorNames::HuggingFace));
  ASSERT_EQ(weights->tensors().size(), 3u);
  EXPECT_EQ(weights->tensors()[0].name, "a"); // in the order of their bytes
  EXPECT_EQ(weights->find("a")->shape, (llvm::SmallVector<int64_t, 2>{1, 2}));
  EXPECT_EQ(weights->find("a")->bytes[7], '7');
  EXPECT_EQ(weights->find("b")->type, TensorType::F16);
  EXPECT_EQ(weights->find("b")->bytes.size(), 2u);
  EXPECT_EQ(weights->find("c")->bytes.size(), 0u);
  EXPECT_EQ(weights->find("d"), nullptr);
}

TEST(Safetensors, GgufNamesAreTranslated) {
  TempFolder folder;
  std::string bytes = sample("test", "blk.7.attn_q.weight");
  auto weights = succeed(openSafetensors(folder.write("m.safetensors", bytes), TensorNames::Gguf));
  EXPECT_NE(weights->find("model.layers.7.self_attn.q_proj.weight"), nullptr);
}

TEST(Safetensors, ReferenceAccepts) {
  EXPECT_EQ(openError(safetensors("{}      ", "")), "success");  // test_empty
  EXPECT_EQ(openError(safetensors("{}\r \t\n", "")), "success"); // whitespace_padded_header
  EXPECT_EQ(openError(safetensors(R"({"__metadata__":{"framework":"pt"}}     )", "")), "success");
  EXPECT_EQ(openError(sample()), "success"); // test_deserialization
  EXPECT_EQ(openError(sample("[2,2],\"data_offsets\":[0,16]", "[2,0],\"data_offsets\":[0, 0]", 0)),
            "success"); // test_zero_sized_tensor
  EXPECT_EQ(openError(sample("[2,2],\"data_offsets\":[0,16]", "[],\"data_offsets\":[0,4]", 4)),
            "success"); // test_empty_shapes_allowed
}

TEST(Safetensors, OtherTypesAreCheckedAndThenUnsupported) {
  int exit = 0;
  EXPECT_EQ(openError(sample("F32", "I32"), &exit),
            "m.safetensors: error: tensor 'test' has the type 'I32', expected F32, F16 or BF16");
  EXPECT_EQ(exit, 3);
  EXPECT_EQ(openError(sample("F32\",\"shape\":[2,2],\"data_offsets\":[0,16]",
                             "F4\",\"shape\":[1,2],\"data_offsets\":[0,1]", 1),
                      &exit), // test_serialization_fp4
            "m.safetensors: error: tensor 'test' has the type 'F4', expected F32, F16 or BF16");
  EXPECT_EQ(exit, 3);
  // Its layout is checked as well, and that error comes first.
  openError(sample("F32", "I64"), &exit);
  EXPECT_EQ(exit, 1);
  // test_serialization_fp4_misaligned: 12 bits are no bytes.
  EXPECT_EQ(openError(sample("F32\",\"shape\":[2,2],\"data_offsets\":[0,16]",
                             "F4\",\"shape\":[1,3],\"data_offsets\":[0,2]", 2)),
            "m.safetensors: error: tensor 'test' has 2 bytes, expected a whole number of bytes "
            "below 2^64 from its shape and type at byte 59");
}

struct Negative {
  const char *name, *from, *to;
  size_t data;
  const char *error;
};

TEST(Safetensors, HeaderRules) {
  for (const Negative &c : {
           // test_invalid_info
           Negative{"invalid_info", "[0,16]", "[0, 4]", 4,
                    "tensor 'test' has 4 bytes, expected 16 from its shape and type at byte 60"},
           // test_metadata_incomplete_buffer: bytes behind, and bytes missing
           Negative{"polyglot", "2", "2", 50,
                    "the tensors end at byte 16 of the data, expected 50"},
           Negative{"missing", "2", "2", 14,
                    "tensor 'test' lies at [0, 16) of 14 bytes of data at byte 60"},
           Negative{"reversed", "[0,16]", "[16,0]", 16,
                    "tensor 'test' lies at [16, 0) of 16 bytes of data at byte 60"},
           Negative{"hole", "[0,16]", "[16,32]", 32,
                    "tensor 'test' begins at byte 16 of the data, expected 0"},
           // test_validation_overflow, twice
           Negative{"overflow_shape", "[2,2]", "[2,18446744073709551614]", 16,
                    "tensor 'test' has more than 2^63 - 1 elements at byte 39"},
           Negative{"overflow_bytes", "[2,2]", "[2,4611686018427387903]", 16,
                    "tensor 'test' has 16 bytes, expected a whole number of bytes below 2^64 from "
                    "its shape and type at byte 78"},
           Negative{"overflow_to_zero", "[2,2]", "[0,9223372036854775808]", 16,
                    "an extent of 'test' is above 2^63 - 1 at byte 39"},
           Negative{"negative", "[2,2]", "[-2,-2]", 16,
                    "an extent of 'test' is -2, expected a whole number at byte 40"},
           Negative{"fraction", "[2,2]", "[2.0,2]", 16,
                    "an extent of 'test' is 2.0, expected a whole number at byte 40"},
           Negative{"above_64_bits", "[2,2]", "[18446744073709551616]", 16,
                    "an extent of 'test' is 18446744073709551616, expected a whole number at byte "
                    "40"},
           Negative{"offset_type", "[0,16]", "[0,16,16]", 16,
                    "'data_offsets' of 'test' is no pair of whole numbers at byte 60"},
           Negative{"offset_negative", "[0,16]", "[-1,15]", 16,
                    "'data_offsets' of 'test' is no pair of whole numbers at byte 60"},
           Negative{"unknown_type", "F32", "F33", 16,
                    "tensor 'test' has the unknown type 'F33' at byte 25"},
           Negative{"no_dtype", "\"dtype\":\"F32\",", "", 16,
                    "tensor 'test' has no 'dtype' at byte 16"},
           Negative{"shape_type", "[2,2]", "4", 16,
                    "the shape of 'test' is 4, expected an array at byte 39"},
           Negative{"duplicate_field", "\"dtype\":\"F32\"", "\"dtype\":\"F32\",\"dtype\":\"F16\"",
                    16, "the key 'dtype' is there twice at byte 31"},
           Negative{"metadata", "\"test\":", "\"__metadata__\":{\"a\":1},\"test\":", 16,
                    "'a' is 1, expected a string at byte 29"},
           Negative{"not_object", "\"test\":", "\"a\":1,\"test\":", 16,
                    "'a' is 1, expected an object at byte 13"},
       }) {
    std::string text = openError(sample(c.from, c.to, c.data));
    StringRef line = StringRef(text).split('\n').first; // without the notes
    EXPECT_EQ(line.str(), "m.safetensors: error: " + std::string(c.error)) << c.name;
  }
}

TEST(Safetensors, LengthRules) {
  EXPECT_EQ(openError(""),
            "m.safetensors: error: the file has 0 bytes, expected a header length of 8");
  EXPECT_EQ(openError("1234567"),
            "m.safetensors: error: the file has 7 bytes, expected a header length of 8");
  // test_header_too_large
  std::string bytes = sample();
  bytes.replace(5, 3, "\xff\xff\xff");
  EXPECT_EQ(openError(bytes),
            "m.safetensors: error: the header is 18446742974197923900 bytes long, "
            "expected at most 100000000 at byte 0");
  // test_invalid_header_length
  EXPECT_EQ(openError(StringRef("<\0\0\0\0\0\0\0", 8)),
            "m.safetensors: error: the header is 60 bytes long, but only 0 follow at byte 0");
  // test_invalid_header_non_utf8, test_invalid_header_not_json
  EXPECT_EQ(openError(StringRef("\x01\0\0\0\0\0\0\0\xff", 9)),
            "m.safetensors: error: the header does not begin with '{' at byte 8");
  EXPECT_EQ(openError(StringRef("\x01\0\0\0\0\0\0\0{", 9)),
            "m.safetensors: error: the text ends, expected a key at byte 9");
  EXPECT_EQ(openError(safetensors("{\"\xff\":1}", "")),
            "m.safetensors: error: the text is not UTF-8 at byte 10");
  // The format says "begins with '{'"; newer readers let spaces stand before it.
  EXPECT_EQ(openError(safetensors("\t\n{}\r ", "")),
            "m.safetensors: error: the header does not begin with '{' at byte 8");
}

/// test_json_attack: many tensors over the same bytes.
TEST(Safetensors, OverlapIsRefused) {
  std::string header = "{";
  for (int i = 0; i < 10; ++i)
    header += (i ? ",\"w" : "\"w") + std::to_string(i) +
              "\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}";
  EXPECT_EQ(openError(safetensors(header + "}", std::string(16, '\0'))),
            "m.safetensors: error: tensor 'w1' begins at byte 0 of the data, expected 16");
}

/// Finding 7 of the audit: two readers, two readings.
TEST(Safetensors, DuplicateNamesAreRefused) {
  std::string entry = R"({"dtype":"F32","shape":[2,2],"data_offsets":[0,16]})";
  EXPECT_EQ(openError(safetensors("{\"w\":" + entry + ",\"\\u0077\":" + entry + "}",
                                  std::string(16, '\0'))),
            "m.safetensors: error: the key 'w' is there twice at byte 65\n"
            "m.safetensors: note: first set here at byte 9");
}

/// The shapes of attacks/safetensors_abuse_attempt_{1,2,3}: too many entries,
/// a header of the largest size, nesting.
TEST(Safetensors, AbuseAttempts) {
  std::string entries = "{";
  for (int i = 0; i <= 32768; ++i)
    entries += (i ? ",\"w" : "\"w") + std::to_string(i) +
               "\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}";
  int exit = 0;
  EXPECT_EQ(openError(safetensors(entries + "}", ""), &exit),
            "m.safetensors: error: the file has 32769 tensors, expected at most 32768");
  EXPECT_EQ(exit, 3);
  std::string longest = "\xff\xe0\xf5\x05"; // 99,999,999: as long as allowed, and not there
  EXPECT_EQ(openError(longest + std::string(4, '\0') + "{}"),
            "m.safetensors: error: the header is 99999999 bytes long, but only 2 follow at byte 0");
  EXPECT_EQ(openError(safetensors("{\"a\":" + std::string(100000, '['), "")),
            "m.safetensors: error: more than 64 levels of nesting at byte 76");
  std::string ranks = "[1";
  for (int i = 0; i < 1000; ++i)
    ranks += ",1";
  EXPECT_EQ(openError(sample("[2,2]", ranks + "]"), &exit),
            "m.safetensors: error: tensor 'test' has more than 8 dimensions at byte 56");
  EXPECT_EQ(exit, 3);
}

TEST(Safetensors, EveryTruncationIsAnError) {
  std::string bytes = sample();
  for (size_t length = 0; length < bytes.size(); ++length)
    EXPECT_NE(openError(StringRef(bytes).take_front(length)), "success") << length;
}
