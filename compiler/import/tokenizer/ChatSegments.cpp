//===- ChatSegments.cpp - A template's segments, found by probing ---------===//
//
// The template is evaluated on conversations whose contents are unique markers;
// what stands before, between and after the markers are the segments. Then they
// have to reproduce the template's own output on other conversations: a template
// that does anything else (dates, tools, turns that depend on each other) is
// found out here and cannot be expressed.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/tokenizer/ChatTemplate.h"

#include "llvm/ADT/StringExtras.h"

#include <optional>
#include <vector>

using namespace ingot;

namespace {

constexpr const char *kRoles[] = {"system", "user", "assistant"};
// Plain words: a template may test or change contents, but hardly these.
constexpr const char *kMarkers[] = {"Qxmarkerzero", "Qxmarkerone", "Qxmarkertwo", "Qxmarkerthree"};

llvm::Error inexpressible(const llvm::Twine &why) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), why);
}

class Prober {
public:
  Prober(llvm::StringRef source, llvm::StringRef bos, llvm::StringRef eos)
      : source(source), bos(bos), eos(eos) {}

  llvm::Expected<ChatSegments> derive();

private:
  llvm::Expected<std::string> evaluate(llvm::ArrayRef<int> roles, bool prompt,
                                       const char *around = "");
  std::vector<ChatMessage> conversation(llvm::ArrayRef<int> roles, const char *around) const;
  std::string assemble(llvm::ArrayRef<int> roles, bool prompt, const char *around) const;
  llvm::Error prove();

  llvm::StringRef source, bos, eos;
  ChatSegments segments;
  bool systemAllowed = true;
};

} // namespace

std::vector<ChatMessage> Prober::conversation(llvm::ArrayRef<int> roles, const char *around) const {
  std::vector<ChatMessage> messages;
  for (size_t i = 0; i < roles.size(); ++i)
    messages.push_back({kRoles[roles[i]], std::string(around) + kMarkers[i % 4] + around});
  return messages;
}

llvm::Expected<std::string> Prober::evaluate(llvm::ArrayRef<int> roles, bool prompt,
                                             const char *around) {
  return evaluateChatTemplate(source, conversation(roles, around), prompt, bos, eos);
}

std::string Prober::assemble(llvm::ArrayRef<int> roles, bool prompt, const char *around) const {
  std::string text = segments.prologue;
  if (roles.empty() || roles[0] != 0)
    text += segments.defaultSystem;
  for (const auto &[index, message] : llvm::enumerate(conversation(roles, around)))
    text += segments.prefix[roles[index]] +
            (segments.trim ? llvm::StringRef(message.content).trim().str() : message.content) +
            segments.suffix[roles[index]];
  return text + (prompt ? segments.generationPrompt : "");
}

/// Cuts `text` at its markers; nothing unless each stands there once, in order.
static std::optional<std::vector<std::string>> cut(llvm::StringRef text, size_t markers) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < markers; ++i) {
    if (text.count(kMarkers[i]) != 1)
      return std::nullopt;
    auto [before, after] = text.split(kMarkers[i]);
    parts.push_back(before.str());
    text = after;
  }
  parts.push_back(text.str());
  return parts;
}

llvm::Expected<ChatSegments> Prober::derive() {
  // Turns: user, assistant, user, assistant. Between two markers stand the
  // suffix of the first and the prefix of the second.
  llvm::Expected<std::string> turns = evaluate({1, 2, 1, 2}, false);
  if (!turns)
    return turns.takeError();
  std::optional<std::vector<std::string>> parts = cut(*turns, 4);
  if (!parts || (*parts)[1] != (*parts)[3])
    return inexpressible("its turns depend on each other or on their place");
  const std::string &head = (*parts)[0], &userToAssistant = (*parts)[1],
                    &assistantToUser = (*parts)[2], &tail = (*parts)[4];
  // The end of the last turn is the assistant's suffix; the rest of the seam to
  // the next user turn is the user's prefix.
  if (!llvm::StringRef(assistantToUser).starts_with(tail))
    return inexpressible("the last assistant turn ends otherwise than the others");
  segments.suffix[2] = tail;
  segments.prefix[1] = assistantToUser.substr(tail.size());
  llvm::Expected<std::string> single = evaluate({1}, false);
  if (!single)
    return single.takeError();
  std::optional<std::vector<std::string>> singleParts = cut(*single, 1);
  if (!singleParts || (*singleParts)[0] != head)
    return inexpressible("the first turn depends on those after it");
  segments.suffix[1] = (*singleParts)[1];
  if (!llvm::StringRef(userToAssistant).starts_with(segments.suffix[1]))
    return inexpressible("the last user turn ends otherwise than the others");
  segments.prefix[2] = userToAssistant.substr(segments.suffix[1].size());
  if (!llvm::StringRef(head).ends_with(segments.prefix[1]))
    return inexpressible("the first user turn begins otherwise than the others");
  std::string before = head.substr(0, head.size() - segments.prefix[1].size());

  llvm::Expected<std::string> prompted = evaluate({1}, true);
  if (!prompted)
    return prompted.takeError();
  if (!llvm::StringRef(*prompted).starts_with(*single))
    return inexpressible("the generation prompt changes what stands before it");
  segments.generationPrompt = prompted->substr(single->size());

  // A system turn: what it has in common with the default stands before both.
  llvm::Expected<std::string> system = evaluate({0, 1}, false);
  if (!system) { // templates may refuse the role: then there is no such turn
    llvm::consumeError(system.takeError());
    systemAllowed = false;
    segments.prologue = before;
  } else {
    std::optional<std::vector<std::string>> systemParts = cut(*system, 2);
    if (!systemParts || !llvm::StringRef((*systemParts)[1]).ends_with(segments.prefix[1]))
      return inexpressible("a system turn is not put in front of the others");
    const std::string &start = (*systemParts)[0];
    segments.suffix[0] =
        (*systemParts)[1].substr(0, (*systemParts)[1].size() - segments.prefix[1].size());
    // The beginning-of-text token is the prologue where there is one.
    const bool hasBos = !bos.empty() && llvm::StringRef(start).starts_with(bos) &&
                        llvm::StringRef(before).starts_with(bos);
    const size_t shared = hasBos ? bos.size() : 0;
    segments.prologue = start.substr(0, shared);
    segments.prefix[0] = start.substr(shared);
    segments.defaultSystem = before.substr(shared);
    segments.hasDefaultSystem = !segments.defaultSystem.empty();
  }
  llvm::Expected<std::string> spaced = evaluate({1}, false, " ");
  if (!spaced)
    return spaced.takeError();
  segments.trim = *spaced == *single;
  if (llvm::Error error = prove())
    return std::move(error);
  return segments;
}

llvm::Error Prober::prove() {
  const std::vector<int> conversations[] = {{1},          {1, 2, 1},       {0, 1},
                                            {0, 1, 2, 1}, {1, 2, 1, 2, 1}, {0, 1, 2, 1, 2, 1}};
  for (const std::vector<int> &roles : conversations) {
    if (roles[0] == 0 && !systemAllowed)
      continue;
    for (bool prompt : {false, true})
      for (const char *around : {"", " ", "\n", "'"}) {
        llvm::Expected<std::string> expected = evaluate(roles, prompt, around);
        if (!expected)
          return expected.takeError();
        if (*expected != assemble(roles, prompt, around))
          return inexpressible("a conversation of " + llvm::Twine(roles.size()) +
                               " turns comes out otherwise than from its parts");
      }
  }
  return llvm::Error::success();
}

llvm::Expected<ChatSegments> ingot::deriveChatSegments(llvm::StringRef source, llvm::StringRef bos,
                                                       llvm::StringRef eos) {
  return Prober(source, bos, eos).derive();
}
