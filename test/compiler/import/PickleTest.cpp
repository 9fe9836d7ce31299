#include "compiler/import/Pickle.h"

#include "test/compiler/import/TorchFiles.h"

#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

#include <map>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

static constexpr uint64_t base = 1000; ///< where the pickles of this test begin

static llvm::Expected<StateDict> read(StringRef pickle) {
  return readStateDict("p", llvm::arrayRefFromStringRef(pickle), base);
}

static std::string errorOf(StringRef pickle, int *exit = nullptr) {
  TempFolder folder;
  if (exit)
    *exit = exitOf(read(pickle));
  return textOf(read(pickle), folder);
}

/// A dict of one tensor [2, 3] in the six halves of storage '0'.
static PickleWriter sample(StringRef type = "HalfStorage", int64_t elements = 6, int64_t offset = 0,
                           std::vector<int64_t> shape = {2, 3},
                           std::vector<int64_t> strides = {3, 1}) {
  PickleWriter writer;
  writer.raw("}").put().raw("(").text("w").tensor(type, "0", elements, offset, shape, strides);
  return std::move(writer.raw("u"));
}

TEST(Pickle, Reads) {
  std::string pickle = sample().finish();
  StateDict dict = succeed(read(pickle));
  ASSERT_EQ(dict.tensors.size(), 1u);
  EXPECT_EQ(dict.tensors[0].name, "w");
  EXPECT_EQ(dict.tensors[0].shape, (llvm::SmallVector<uint64_t, 2>{2, 3}));
  EXPECT_EQ(dict.tensors[0].strides, (llvm::SmallVector<uint64_t, 2>{3, 1}));
  ASSERT_EQ(dict.storages.size(), 1u);
  EXPECT_EQ(dict.storages[0].key, "0");
  EXPECT_EQ(dict.storages[0].type->name, "HalfStorage");
  EXPECT_EQ(dict.storages[0].elements, 6u);
}

/// What state_dict() gives: an OrderedDict with the modules' versions as its
/// state; and a parameter, which is a tensor with a wrapper.
TEST(Pickle, ReadsStateDictsWithMetadata) {
  PickleWriter writer;
  writer.global("collections", "OrderedDict").raw(")R").put().raw("(");
  writer.text("a").tensor("FloatStorage", "0", 4, 0, {4}, {1});
  writer.text("b").global("torch._utils", "_rebuild_parameter").raw("(");
  writer.tensor("BFloat16Storage", "1", 4, 0, {}, {}).raw("\x88");
  writer.global("collections", "OrderedDict").raw(")R").put().raw("t").put().raw("R").put();
  writer.raw("u}").put().text("_metadata").raw("}").put().text("").raw("}").put();
  writer.text("version").raw("K\1ss").raw("sb");
  std::string pickle = writer.finish();
  StateDict dict = succeed(read(pickle));
  ASSERT_EQ(dict.tensors.size(), 2u);
  EXPECT_EQ(dict.tensors[1].name, "b");
  EXPECT_TRUE(dict.tensors[1].shape.empty());
  EXPECT_EQ(dict.storages[dict.tensors[1].storage].type->name, "BFloat16Storage");
}

TEST(Pickle, LargeAndNegativeIntegers) {
  std::string pickle = sample("ByteStorage", 5'000'000'000).finish();
  EXPECT_EQ(succeed(read(pickle)).storages[0].elements, 5'000'000'000u);
  EXPECT_NE(errorOf(sample("HalfStorage", -1).finish()).find("the opcode BINPERSID names a tuple"),
            std::string::npos);
  EXPECT_NE(
      errorOf(sample("HalfStorage", 6, -1).finish())
          .find("a tensor begins at the integer -1, expected an integer that is not negative"),
      std::string::npos);
  EXPECT_NE(errorOf(sample("HalfStorage", 6, 0, {-2, 3}).finish())
                .find("an extent or stride of a tensor is the integer -2"),
            std::string::npos);
  EXPECT_NE(errorOf(sample("HalfStorage", 6, 0, {2, 3}, {INT64_MIN, 1}).finish())
                .find("an extent or stride of a tensor is the integer -9223372036854775808"),
            std::string::npos);
  int exit = 0;
  EXPECT_EQ(errorOf(StringRef("\x80\x02\x8a\x09"
                              "123456789.",
                              14),
                    &exit),
            "p: error: an integer has 9 bytes, expected at most 8 at byte 1002");
  EXPECT_EQ(exit, 3);
}

/// Every byte that is not in the closed list is refused where it stands, and by
/// its name if Python's machine has it.
TEST(Pickle, OpcodesOutsideTheList) {
  const std::string allowed =
      StringRef("(.JKMNQRXbchjqrstu})\x80\x85\x86\x87\x88\x89\x8a", 27).str();
  const std::map<int, const char *> names = {{'0', "POP"},
                                             {'1', "POP_MARK"},
                                             {'2', "DUP"},
                                             {'B', "BINBYTES"},
                                             {'C', "SHORT_BINBYTES"},
                                             {'F', "FLOAT"},
                                             {'G', "BINFLOAT"},
                                             {'I', "INT"},
                                             {'L', "LONG"},
                                             {'P', "PERSID"},
                                             {'S', "STRING"},
                                             {'T', "BINSTRING"},
                                             {'U', "SHORT_BINSTRING"},
                                             {'V', "UNICODE"},
                                             {']', "EMPTY_LIST"},
                                             {'a', "APPEND"},
                                             {'d', "DICT"},
                                             {'e', "APPENDS"},
                                             {'g', "GET"},
                                             {'i', "INST"},
                                             {'l', "LIST"},
                                             {'o', "OBJ"},
                                             {'p', "PUT"},
                                             {0x81, "NEWOBJ"},
                                             {0x82, "EXT1"},
                                             {0x83, "EXT2"},
                                             {0x84, "EXT4"},
                                             {0x8b, "LONG4"},
                                             {0x8c, "SHORT_BINUNICODE"},
                                             {0x8d, "BINUNICODE8"},
                                             {0x8e, "BINBYTES8"},
                                             {0x8f, "EMPTY_SET"},
                                             {0x90, "ADDITEMS"},
                                             {0x91, "FROZENSET"},
                                             {0x92, "NEWOBJ_EX"},
                                             {0x93, "STACK_GLOBAL"},
                                             {0x94, "MEMOIZE"},
                                             {0x95, "FRAME"},
                                             {0x96, "BYTEARRAY8"},
                                             {0x97, "NEXT_BUFFER"},
                                             {0x98, "READONLY_BUFFER"}};
  size_t refused = 0;
  for (int code = 0; code < 256; ++code) {
    if (allowed.find(char(code)) != std::string::npos)
      continue;
    ++refused;
    // Behind a whole dict, so that operands of any kind are on the stack.
    std::string pickle = sample().out + char(code) + std::string(16, 'K') + ".";
    char hex[8];
    snprintf(hex, sizeof(hex), "0x%x", code);
    auto name = names.find(code);
    int exit = 0;
    EXPECT_EQ(errorOf(pickle, &exit),
              "p: error: the pickle has the " +
                  (name != names.end() ? "opcode " + std::string(name->second) + " (" + hex +
                                             "), which no dict of tensors needs"
                                       : "byte " + std::string(hex) + ", which is no opcode") +
                  " at byte " + std::to_string(base + sample().out.size()));
    EXPECT_EQ(exit, name != names.end() ? 3 : 1);
  }
  EXPECT_EQ(refused, 256 - allowed.size());
}

TEST(Pickle, NamesOutsideTheList) {
  struct Case {
    const char *module, *name;
  };
  for (const Case &c :
       {Case{"os", "system"}, Case{"posix", "system"}, Case{"builtins", "eval"},
        Case{"__builtin__", "getattr"}, Case{"subprocess", "Popen"}, Case{"torch", "load"},
        Case{"torch", "_utils._rebuild_tensor_v2"}, Case{"torch._utils", "_rebuild_tensor_v3"},
        Case{"torch", "QInt8Storage"}, Case{"torch.storage", "UntypedStorage"},
        Case{"torch", "HalfStorage\r"}, Case{"collections", "OrderedDict.fromkeys"},
        Case{"collections", ""}, Case{"", "OrderedDict"}}) {
    PickleWriter writer;
    writer.raw("}").global(c.module, c.name).text("touch x").raw("\x85R");
    int exit = 0;
    std::string text = errorOf(writer.finish(), &exit);
    std::string name = std::string(c.module) + "." +
                       (c.name == std::string("HalfStorage\r") ? "HalfStorage\\x0d" : c.name);
    EXPECT_EQ(text, "p: error: the pickle names '" + name +
                        "', which no dict of tensors needs; nothing of it was run at byte 1003");
    EXPECT_EQ(exit, 3);
  }
  EXPECT_NE(errorOf("\x80\x02"
                    "c" +
                    std::string(200, 'a') + "\nb\n.")
                .find("a name is longer than 128 bytes or has no end at byte 1002"),
            std::string::npos);
  EXPECT_NE(errorOf("\x80\x02"
                    "cos")
                .find("has no end"),
            std::string::npos);
}

/// REDUCE on a thing that is no function, or with other arguments.
TEST(Pickle, Calls) {
  auto call = [](auto callee, StringRef arguments) {
    PickleWriter writer;
    callee(writer);
    return errorOf(writer.raw(arguments).raw("R").finish());
  };
  const std::string expected = ", expected one of 'collections.OrderedDict', "
                               "'torch._utils._rebuild_tensor_v2' and "
                               "'torch._utils._rebuild_parameter' at byte ";
  auto storageType = [](PickleWriter &w) { w.global("torch", "FloatStorage"); };
  EXPECT_EQ(call(storageType, ")"),
            "p: error: the opcode REDUCE calls 'torch.FloatStorage'" + expected + "1025");
  EXPECT_EQ(call([](PickleWriter &w) { w.text("os.system"); }, ")"),
            "p: error: the opcode REDUCE calls the string 'os.system'" + expected + "1019");
  EXPECT_EQ(call([](PickleWriter &w) { w.raw("}"); }, ")"),
            "p: error: the opcode REDUCE calls a dict" + expected + "1004");
  auto ordered = [](PickleWriter &w) { w.global("collections", "OrderedDict"); };
  EXPECT_EQ(call(ordered, "N\x85"),
            "p: error: an OrderedDict is made from 1 arguments, expected none at byte 1031");
  EXPECT_EQ(call(ordered, "N"),
            "p: error: the arguments of a call are None, expected a tuple at byte 1030");
  EXPECT_EQ(call(ordered, "("), "p: error: the pickle takes a value from an empty stack at byte "
                                "1030");
  auto rebuild = [](PickleWriter &w) { w.global("torch._utils", "_rebuild_tensor_v2"); };
  EXPECT_EQ(call(rebuild, "(NNNNNNNNt"),
            "p: error: a tensor is made from 8 arguments, expected 6 or 7 at byte 1047");
  EXPECT_EQ(call(rebuild, "(NNNNNNt"),
            "p: error: a tensor is made from None, expected a storage at byte 1045");
  auto parameter = [](PickleWriter &w) { w.global("torch._utils", "_rebuild_parameter"); };
  EXPECT_NE(call(parameter, "NN\x86").find("a parameter is not made from"), std::string::npos);
}

TEST(Pickle, TensorArguments) {
  // The sample's arguments are replaced in its bytes.
  std::string good = sample().finish();
  auto error = [&](StringRef from, StringRef to) { return errorOf(replaced(good, from, to)); };
  std::string hooks = "\x89"
                      "ccollections\nOrderedDict\n";
  EXPECT_NE(error(hooks, "N" + hooks.substr(1)).find("a tensor has None and an OrderedDict"),
            std::string::npos);
  PickleWriter meta = sample();
  std::string end = "t" + meta.out.substr(meta.out.find("Rq", meta.out.find(")R") + 2) - 3);
  std::string withNone = replaced(good, "tq\x0cR", "Ntq\x0cR");
  EXPECT_EQ(errorOf(withNone), "success");
  EXPECT_NE(errorOf(replaced(good, "tq\x0cR", "K\7tq\x0cR"))
                .find("a tensor has the integer 7 as metadata"),
            std::string::npos);
  EXPECT_NE(errorOf(sample("HalfStorage", 6, 0, {2, 3}, {1}).finish())
                .find("a tensor has 2 dimensions and 1 strides"),
            std::string::npos);
  EXPECT_NE(
      errorOf(sample("HalfStorage", 1, 0, std::vector<int64_t>(9, 1), std::vector<int64_t>(9, 1))
                  .finish())
          .find("a tensor has more than 8 dimensions"),
      std::string::npos);
  EXPECT_NE(error("storage", "sto\nage").find("the opcode BINPERSID names a tuple of 5"),
            std::string::npos);
}

TEST(Pickle, OneStorageOneMeaning) {
  auto two = [](const char *type, int64_t elements) {
    PickleWriter writer;
    writer.raw("}").put().raw("(").text("a").tensor("HalfStorage", "0", 6, 0, {6}, {1});
    writer.text("b").tensor(type, "0", elements, 0, {2}, {1}).raw("u");
    return errorOf(writer.finish());
  };
  EXPECT_EQ(two("HalfStorage", 6), "success"); // two tensors may share a storage
  EXPECT_NE(two("HalfStorage", 7)
                .find("the storage '0' has 7 elements of HalfStorage here and 6 "
                      "of HalfStorage before"),
            std::string::npos);
  EXPECT_NE(two("FloatStorage", 6).find("of FloatStorage here"), std::string::npos);
}

TEST(Pickle, TheResultIsADictOfTensors) {
  auto error = [](StringRef opcodes) { return errorOf(PickleWriter().raw(opcodes).finish()); };
  EXPECT_EQ(error("}"), "success");
  EXPECT_EQ(error("N"), "p: error: the pickle leaves None, expected one dict of names and tensors "
                        "at byte 1003");
  EXPECT_EQ(error("NN"), "p: error: the pickle leaves 2 values, expected one dict of names and "
                         "tensors at byte 1004");
  EXPECT_EQ(error(""), "p: error: the pickle leaves 0 values, expected one dict of names and "
                       "tensors at byte 1002");
  EXPECT_EQ(error("}NNs"), "p: error: a key of a dict is None, expected a string at byte 1005");
  EXPECT_EQ(errorOf(PickleWriter().raw("}").text("epoch").raw("K\3s").finish()),
            "p: error: the value of 'epoch' is the integer 3, expected a tensor at byte 1018");
  PickleWriter twice;
  twice.raw("}").put().raw("(");
  for (int i = 0; i < 2; ++i)
    twice.text("w").tensor("HalfStorage", "0", 6, 0, {6}, {1});
  EXPECT_NE(errorOf(twice.raw("u").finish()).find("the key 'w' is there twice"), std::string::npos);
}

TEST(Pickle, TheMachineStaysInItsBounds) {
  auto error = [](StringRef opcodes) { return errorOf(("\x80\x02" + opcodes).str()); };
  for (const char *opcodes :
       {"R",   "s",  "u",     "t",  "Q",  "b",  "\x85", "\x86", "\x87", "q",    "Ns",
        "NNs", "NR", "(\x85", "(s", "(R", "(Q", "(u",   "(b",   "N(u",  "(((t", "N(\x86"})
    EXPECT_NE(
        error(std::string(opcodes) + std::string(opcodes == StringRef("q") ? 1 : 0, '\0') + "."),
        "success")
        << opcodes;
  EXPECT_NE(error("}(Nu.").find("the last key of a dict has no value"), std::string::npos);
  EXPECT_NE(error("h\5.").find("the pickle recalls value 5 of 0 at byte 1002"), std::string::npos);
  EXPECT_NE(error("j\xff\xff\xff\xff.").find("recalls value 4294967295 of 0"), std::string::npos);
  EXPECT_NE(error("Nq\1.").find("remembers a value as number 1, expected 0"), std::string::npos);
  EXPECT_NE(error("(q").find("the pickle ends inside an opcode"), std::string::npos);
  EXPECT_NE(error("X\xff\xff\xff\xff.").find("a string of 4294967295 bytes is past the end"),
            std::string::npos);
  EXPECT_NE(error(StringRef("X\1\0\0\0\xff.", 7)).find("a string is not UTF-8"), std::string::npos);
  EXPECT_NE(error("}").find("the pickle ends without the opcode STOP"), std::string::npos);
  EXPECT_NE(error("}.}").find("the pickle ends 1 bytes before its record"), std::string::npos);
  EXPECT_NE(error("}\x80\x02.").find("PROTO stands inside the pickle"), std::string::npos);
  EXPECT_NE(error("}Nb.").find("the opcode BUILD sets None as the state of a dict"),
            std::string::npos);
  EXPECT_EQ(errorOf(""), "p: error: the pickle ends without the opcode STOP at byte 1000");
  EXPECT_EQ(errorOf("}."), "p: error: the pickle begins with the byte 0x7d, expected the opcode "
                           "PROTO (0x80) at byte 1000");
  int exit = 0;
  EXPECT_EQ(errorOf("\x80\x04}.", &exit),
            "p: error: the pickle has protocol 4, expected 2 at byte 1000");
  EXPECT_EQ(exit, 3);
}

/// Many of the smallest thing that fills each list.
TEST(Pickle, Limits) {
  auto repeat = [](StringRef head, StringRef part, size_t count) {
    std::string text = "\x80\x02" + head.str();
    for (size_t i = 0; i < count; ++i)
      text += part;
    return errorOf(text + ".");
  };
  EXPECT_NE(repeat("", "N", 1 << 17).find("more than 65536 values on its stack"),
            std::string::npos);
  EXPECT_NE(repeat("N", "\x85", 1 << 19).find("more than 262144 values in tuples"),
            std::string::npos);
  EXPECT_NE(repeat("N", "q\0", 1).size(), 0u);
  std::string puts = "N";
  for (uint32_t i = 0; i <= 1 << 18; ++i)
    puts += "r" + std::string(reinterpret_cast<const char *>(&i), 4);
  EXPECT_NE(repeat(puts, "", 0).find("remembers more than 262144 values"), std::string::npos);
  EXPECT_NE(
      repeat("}", StringRef("X\0\0\0\0Ns", 7), 1 << 17).find("more than 65536 values in dicts"),
      std::string::npos);
  EXPECT_NE(repeat("}(", "}", 1 << 17).find("more than 65536"), std::string::npos);
}

TEST(Pickle, EveryTruncationIsAnError) {
  std::string pickle = sample().finish();
  for (size_t length = 0; length < pickle.size(); ++length)
    EXPECT_NE(errorOf(StringRef(pickle).take_front(length)), "success") << length;
}
