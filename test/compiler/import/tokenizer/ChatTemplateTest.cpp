//===- ChatTemplateTest.cpp - Templates as their models ship them ---------===//
//
// Expected texts were written by hand after what jinja2 with trim_blocks and
// lstrip_blocks makes of the same templates.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/tokenizer/ChatTemplate.h"

#include <gtest/gtest.h>

using namespace ingot;

namespace {

const std::vector<ChatMessage> kUser = {{"user", "Hi"}};
const std::vector<ChatMessage> kTalk = {{"system", "Be brief."}, {"user", "Hi"},
                                        {"assistant", "Hello"}, {"user", " Why? "}};

std::string render(llvm::StringRef source, llvm::ArrayRef<ChatMessage> messages, bool prompt) {
  llvm::Expected<std::string> text = evaluateChatTemplate(source, messages, prompt, "<s>", "</s>");
  return text ? *text : "error: " + llvm::toString(text.takeError());
}

/// What the segments say of a conversation must be what the template says.
void expectExpressed(llvm::StringRef source) {
  llvm::Expected<ChatSegments> segments = deriveChatSegments(source, "<s>", "</s>");
  ASSERT_TRUE(bool(segments)) << llvm::toString(segments.takeError());
  std::string text = segments->prologue + (segments->hasDefaultSystem ? segments->defaultSystem : "") +
                     segments->prefix[1] + "Hi" + segments->suffix[1] + segments->generationPrompt;
  EXPECT_EQ(text, render(source, kUser, true));
}

constexpr const char *kSmolLm = R"({% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
' }}{% endif %}{{'<|im_start|>' + message['role'] + '
' + message['content'] + '<|im_end|>' + '
'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
' }}{% endif %})";

constexpr const char *kLlama3 =
    "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = "
    "'<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + "
    "'<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ "
    "content }}{% endfor %}{% if add_generation_prompt %}{{ "
    "'<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";

constexpr const char *kZephyr = R"({% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>
'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %})";

constexpr const char *kGemma =
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not "
    "supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != "
    "(loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate') }}{% endif "
    "%}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = "
    "message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + "
    "'<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% "
    "endif %}";

} // namespace

TEST(ChatTemplate, SmolLmPutsItsSystemTurnInFront) {
  EXPECT_EQ(render(kSmolLm, kUser, true),
            "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging "
            "Face<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(render(kSmolLm, kTalk, false),
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
            "<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\n Why? <|im_end|>\n");
  expectExpressed(kSmolLm);
}

TEST(ChatTemplate, Llama3TrimsAndBeginsWithBos) {
  EXPECT_EQ(render(kLlama3, kTalk, true),
            "<s><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n");
  expectExpressed(kLlama3);
  llvm::Expected<ChatSegments> segments = deriveChatSegments(kLlama3, "<s>", "</s>");
  ASSERT_TRUE(bool(segments));
  EXPECT_TRUE(segments->trim);
  EXPECT_EQ(segments->prologue, "<s>");
}

TEST(ChatTemplate, ZephyrNeedsTrimBlocks) {
  EXPECT_EQ(render(kZephyr, kTalk, true),
            "<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\nHello</s>\n"
            "<|user|>\n Why? </s>\n<|assistant|>\n");
  expectExpressed(kZephyr);
}

TEST(ChatTemplate, GemmaRefusesSystemTurns) {
  EXPECT_EQ(render(kGemma, kUser, true),
            "<s><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n");
  EXPECT_EQ(render(kGemma, kTalk, true), "error: the template refuses: System role not supported");
  expectExpressed(kGemma);
}

TEST(ChatTemplate, NamespacesFiltersAndTests) {
  EXPECT_EQ(render("{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}"
                   "{% endfor %}{{ ns.n }}",
                   kTalk, false),
            "4");
  EXPECT_EQ(render("{{ messages[-1].content.strip() | upper }}{{ messages[1:] | length }}", kTalk, false),
            "WHY?3");
  EXPECT_EQ(render("{{ 'a' if x is defined else 'b' }}{{ 'q' in 'Qq' and not false }}", kUser, false),
            "bTrue");
  EXPECT_EQ(render("{#- note -#} {%- if messages[0].role == 'user' -%} yes {%- endif %}", kUser, false),
            "yes");
}

TEST(ChatTemplate, WhatCannotBeExpressedSaysWhy) {
  // Numbers its turns: they depend on their place.
  llvm::Expected<ChatSegments> numbered = deriveChatSegments(
      "{% for m in messages %}{{ loop.index }}: {{ m.content }}\n{% endfor %}", "", "");
  ASSERT_FALSE(bool(numbered));
  EXPECT_EQ(llvm::toString(numbered.takeError()),
            "its turns depend on each other or on their place");
}

TEST(ChatTemplate, HostileTemplatesAreErrors) {
  const std::string deep = std::string(1000, '(') + "1" + std::string(1000, ')');
  const std::pair<std::string, std::string> cases[] = {
      {"{{ " + deep + " }}", "error: an expression is nested deeper than 64"},
      {"{% for a in messages %}", "error: line 1: 'for' without its 'endfor'"},
      {"{% if true %}", "error: line 1: 'if' without its 'endif'"},
      {"{% endif %}", "error: a block ends that did not begin"},
      {"{{ 'x", "error: line 1: '{{' is not closed"},
      {"{% macro f() %}", "error: line 1: statement 'macro' is not supported"},
      {"{{ open('x') }}", "error: function 'open' is not supported"},
      {"{{ 1 % 0 }}", "error: '%' by a number that is not positive"},
      {"{{ 99999999999999999999 }}", "error: '99999999999999999999' is no number"},
  };
  for (const auto &[source, expected] : cases)
    EXPECT_EQ(render(source, kUser, false), expected) << source.substr(0, 40);

  std::string nested = "x";
  for (int i = 0; i < 100; ++i)
    nested = "{% if true %}" + nested + "{% endif %}";
  EXPECT_EQ(render(nested, kUser, false), "error: line 1: blocks are nested deeper than 64");

  std::string endless;
  for (int i = 0; i < 12; ++i)
    endless += "{% for a" + std::to_string(i) + " in [1,2,3,4,5,6,7,8] %}";
  endless += "x";
  for (int i = 0; i < 12; ++i)
    endless += "{% endfor %}";
  EXPECT_EQ(render(endless, kUser, false), "error: the template takes too many steps");
}
