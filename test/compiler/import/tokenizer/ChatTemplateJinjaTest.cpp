//===- ChatTemplateJinjaTest.cpp - The language as jinja2 has it ----------===//
//
// Expected texts are what jinja2 3.1 with trim_blocks and lstrip_blocks makes of
// the same templates.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/tokenizer/ChatTemplate.h"

#include <gtest/gtest.h>

using namespace ingot;

static std::string render(llvm::StringRef source) {
  const ChatMessage messages[] = {{"user", "a"}, {"assistant", "b"}, {"user", "c"}};
  llvm::Expected<std::string> text = evaluateChatTemplate(source, messages, false, "<s>", "</s>");
  return text ? *text : "error: " + llvm::toString(text.takeError());
}

TEST(ChatTemplateJinja, WhiteSpaceAroundTags) {
  EXPECT_EQ(render("{{ 'a' }}\n"), "a");
  EXPECT_EQ(render("a\n\n"), "a\n");
  EXPECT_EQ(render("x\n   {% if true %}  y\n   {% endif %}z"), "x\n  y\nz");
  EXPECT_EQ(render("{% if true %} {% endif %}|"), " |");
  EXPECT_EQ(render("  {%+ if true %}x{% endif %}"), "  x");
  EXPECT_EQ(render("{% if true +%}\nx{% endif %}"), "\nx");
  EXPECT_EQ(render("a\r\n{% if true %}\r\nb{% endif %}"), "a\nb");
  EXPECT_EQ(render("a\n\n{%- if true -%}\n\n b \n\n{%- endif -%}\n\nc"), "abc");
}

TEST(ChatTemplateJinja, TagsEndOutsideStringsAndMaps) {
  EXPECT_EQ(render("{{ '}}' + '%}' }}"), "}}%}");
  EXPECT_EQ(render("{{ {'a': {'b': 1}}['a']['b'] }}"), "1");
}

TEST(ChatTemplateJinja, OperandsThatAreNotChosenAreNotEvaluated) {
  EXPECT_EQ(render("{{ 'a' if true else raise_exception('no') }}"), "a");
  EXPECT_EQ(render("{{ raise_exception('no') if false else 'b' }}"), "b");
  EXPECT_EQ(render("{{ true or raise_exception('no') }}"), "True");
  EXPECT_EQ(render("{{ false and raise_exception('no') }}"), "False");
  EXPECT_EQ(render("{{ false or raise_exception('yes') }}"), "error: the template refuses: yes");
}

TEST(ChatTemplateJinja, ComparesAsPythonDoes) {
  EXPECT_EQ(render("{{ 1 < 2 < 3 }}{{ 3 > 2 > 2 }}{{ [1,2] == [1,2] }}{{ true == 1 }}"),
            "TrueFalseTrueTrue");
  EXPECT_EQ(render("{{ not not 1 }}{{ tools is not none }}{{ nope is none }}"), "TrueFalseFalse");
}

TEST(ChatTemplateJinja, Loops) {
  EXPECT_EQ(render("{% for m in messages if m.role == 'user' %}{{ loop.index }}{{ loop.last }}"
                   "{% endfor %}"),
            "1False2True");
  EXPECT_EQ(render("{% for m in [1,2] %}{{ loop.revindex }}{{ loop.previtem }}-{{ loop.nextitem }};"
                   "{% endfor %}"),
            "2-2;11-;");
  EXPECT_EQ(render("{% for m in nope %}x{% else %}y{% endfor %}"), "y");
}

TEST(ChatTemplateJinja, FiltersAndMethods) {
  EXPECT_EQ(render("{{ 'a\"b\\n'|tojson }}{{ ''|default('d', true) }}{{ ['','a']|join('-') }}"),
            "\"a\\\"b\\n\"d-a");
  EXPECT_EQ(render("{{ ' a  b '.split()|join('|') }}{{ 'hello wORLD'.title() }}"),
            "a|bHello World");
  EXPECT_EQ(render("{{ 'a\\tb\\\\n\\x41\\u0042' }}{{ 'a\\qb' }}"), "a\tb\\nABa\\qb");
}

TEST(ChatTemplateJinja, NothingGrowsWithoutBound) {
  auto repeat = [](std::string first, const char *step, int times) {
    while (times-- > 0)
      first += step;
    return first;
  };
  EXPECT_EQ(render(repeat("{% set x = 'aaaaaaaa' %}", "{% set x = x ~ x %}", 60)),
            "error: a text is longer than 1 MiB");
  EXPECT_EQ(render(repeat("{% set x = [1,2,3,4] %}", "{% set x = x + x %}", 60)),
            "error: the template takes too many steps");
  EXPECT_EQ(render(repeat("{% set x = [] %}", "{% set x = [x] %}", 5000)),
            "error: a value is nested deeper than 64");
  EXPECT_EQ(render("{% set ns = namespace() %}{% set ns.x = ns %}"),
            "error: a namespace inside another value is not supported");
  EXPECT_EQ(render("{{ [1] }}"), "error: a list or map is printed, expected text");
  EXPECT_EQ(render("{{ nope.x }}"), "error: a member of a value that is not defined");
}
