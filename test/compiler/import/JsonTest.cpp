#include "compiler/import/Json.h"

#include "test/compiler/import/TestFiles.h"

#include <gtest/gtest.h>

using namespace ingot;
using namespace ingot::test;

static std::string scan(llvm::StringRef text) {
  llvm::Expected<JsonDocument> document = JsonDocument::scan("x.json", text);
  return document ? "success" : llvm::toString(document.takeError());
}

TEST(Json, AcceptsTheGrammar) {
  for (const char *text :
       {"{}", "[]", "0", "-0.5e+10", "\"\"", "true", "false", "null", " [1, 2] \n",
        R"({"a":{"b":[1,{"c":null}]},"d":"\u00e9\ud83d\ude00\\\"\/"})"})
    EXPECT_EQ(scan(text), "success") << text;
}

TEST(Json, RefusesEverythingElse) {
  struct Case {
    llvm::StringRef text, error;
  };
  for (const Case &c : {
           Case{"", "x.json:1:1: error: the text ends, expected a value"},
           Case{"{", "x.json:1:2: error: the text ends, expected a key"},
           Case{"[1,]", "x.json:1:4: error: found ']', expected a value"},
           Case{"{\"a\":1,}", "x.json:1:8: error: found '}', expected a key"},
           Case{"{\"a\" 1}", "x.json:1:6: error: found '1', expected ':'"},
           Case{"[1 2]", "x.json:1:4: error: found '2', expected ',' or ']'"},
           Case{"[1}", "x.json:1:3: error: found '}', expected ',' or ']'"},
           Case{"{} x", "x.json:1:4: error: found 'x', expected the end of the text"},
           Case{"01", "x.json:1:1: error: a number begins with 0"},
           Case{"1.", "x.json:1:3: error: the text ends, expected a digit"},
           Case{"1e", "x.json:1:3: error: the text ends, expected a digit"},
           Case{"-", "x.json:1:2: error: the text ends, expected a digit"},
           Case{"+1", "x.json:1:1: error: found '+', expected a value"},
           Case{"nul", "x.json:1:1: error: found 'n', expected a value"},
           Case{"NaN", "x.json:1:1: error: found 'N', expected a value"},
           Case{"// 1", "x.json:1:1: error: found '/', expected a value"},
           Case{"\"a", "x.json:1:1: error: a string without an end"},
           Case{"\"\\", "x.json:1:2: error: an unknown escape in a string"},
           Case{"\"\\x\"", "x.json:1:2: error: an unknown escape in a string"},
           Case{"\"\\u12g4\"",
                "x.json:1:2: error: an escape '\\u' without four hexadecimal digits"},
           Case{"\"\\u12", "x.json:1:2: error: an escape '\\u' without four hexadecimal digits"},
           Case{"\"\\ud800\"", "x.json:1:2: error: half of a surrogate pair"},
           Case{"\"\\ud800\\u0041\"", "x.json:1:2: error: half of a surrogate pair"},
           Case{"\"\\udc00\"", "x.json:1:2: error: half of a surrogate pair"},
           Case{"\"a\nb\"", "x.json:1:3: error: a control character in a string"},
           Case{"\"\xff\"", "x.json:1:2: error: the text is not UTF-8"},
           Case{"\"\xed\xa0\x80\"", "x.json:1:2: error: the text is not UTF-8"},
           Case{"\xef\xbb\xbf{}", "x.json:1:1: error: found '\\xef', expected a value"},
           Case{"{\"a\":1,\n \"a\":2}", "x.json:2:2: error: the key 'a' is there twice\n"
                                        "x.json:1:2: note: first set here"},
           Case{R"({"a":1,"\u0061":2})", "x.json:1:8: error: the key 'a' is there twice\n"
                                         "x.json:1:2: note: first set here"},
       })
    EXPECT_EQ(scan(c.text), c.error) << c.text.str();
}

TEST(Json, DuplicatesOfInnerObjectsOnlyCountInside) {
  EXPECT_EQ(scan(R"({"a":{"a":1,"b":2},"b":{"a":1}})"), "success");
}

TEST(Json, DepthIsBounded) {
  std::string fine = std::string(64, '[') + std::string(64, ']');
  EXPECT_EQ(scan(fine), "success");
  EXPECT_EQ(scan("[" + fine + "]"), "x.json:1:65: error: more than 64 levels of nesting");
  EXPECT_EQ(scan(std::string(1 << 20, '[')), "x.json:1:65: error: more than 64 levels of nesting");
}

TEST(Json, Values) {
  std::string text = R"({"n": 18446744073709551615, "m": -7, "f": 1e-05, "t": true,
    "s": "a\n\u00e9\ud83d\ude00", "list": [1, "x", {}, []], "big": 1e999, "none": null})";
  llvm::Expected<JsonDocument> document = JsonDocument::scan("x.json", text);
  ASSERT_TRUE(bool(document));
  JsonValue root = document->root();
  EXPECT_EQ(root.find("n")->asUnsigned(), UINT64_MAX);
  EXPECT_EQ(root.find("n")->asSigned(), std::nullopt);
  EXPECT_EQ(root.find("m")->asSigned(), -7);
  EXPECT_EQ(root.find("m")->asUnsigned(), std::nullopt);
  EXPECT_EQ(root.find("f")->asDouble(), 1e-5);
  EXPECT_EQ(root.find("f")->asSigned(), std::nullopt);
  EXPECT_EQ(root.find("t")->asBool(), true);
  EXPECT_EQ(root.find("s")->asString(), "a\n\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(root.find("big")->asDouble(), std::nullopt);
  EXPECT_TRUE(root.find("none")->isNull());
  EXPECT_EQ(root.find("absent"), std::nullopt);
  std::vector<std::string> shown;
  llvm::cantFail(root.find("list")->forEachElement([&](JsonValue element) {
    shown.push_back(element.shown());
    return llvm::Error::success();
  }));
  EXPECT_EQ(shown, (std::vector<std::string>{"1", "'x'", "an object", "an array"}));
  EXPECT_EQ(root.find("s")->where().line, 2u);
  EXPECT_EQ(root.find("s")->where().column, 10u);
}

TEST(Json, PlacesInABinaryFileAreBytes) {
  llvm::Expected<JsonDocument> document = JsonDocument::scan("x.bin", "{\"a\":}", /*base=*/8);
  ASSERT_FALSE(bool(document));
  EXPECT_EQ(llvm::toString(document.takeError()),
            "x.bin: error: found '}', expected a value at byte 13");
}
