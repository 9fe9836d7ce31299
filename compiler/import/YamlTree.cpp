//===- YamlTree.cpp - yaml-cpp's events into a tree with places -----------===//
//
// The one file that meets yaml-cpp. Its exceptions end here.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/YamlTree.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

using namespace ingot;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

namespace {

constexpr size_t maxDepth = 64;
constexpr size_t maxNodes = 16384;

/// Thrown through yaml-cpp's parser, which knows no other way to stop.
struct Refusal {
  unsigned line, column;
  std::string message;
};

class TreeBuilder final : public YAML::EventHandler {
public:
  explicit TreeBuilder(StringRef text) : text(text) {}

  YamlNode take() { return std::move(root); }

  void OnDocumentStart(const YAML::Mark &) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override {
    refuseAnchor(mark, anchor);
    add(mark, YamlNode::Kind::Null);
  }
  void OnAlias(const YAML::Mark &mark, YAML::anchor_t) override {
    refuse(mark, "aliases are not allowed");
  }
  void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                const std::string &value) override;
  void OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::Sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::Map);
  }
  void OnMapEnd() override { close(); }

private:
  /// A collection that is being filled. Its node stays where it is: a parent's
  /// list does not grow while a child is open.
  struct Open {
    YamlNode *node;
    bool keyDue; ///< a map whose next scalar is a key
    YamlNode key;
  };

  [[noreturn]] void refuse(const YAML::Mark &mark, const Twine &message) const {
    throw Refusal{unsigned(mark.line + 1), unsigned(mark.column + 1), message.str()};
  }
  void refuseAnchor(const YAML::Mark &mark, YAML::anchor_t anchor) const {
    if (anchor != 0)
      refuse(mark, "anchors are not allowed");
  }
  void refuseTag(const YAML::Mark &mark, const std::string &tag, bool scalar) const {
    // yaml-cpp reports "?" for no tag and "!" for a quoted scalar.
    bool written = mark.pos >= 0 && size_t(mark.pos) < text.size() && text[mark.pos] == '!';
    if (written || !(tag.empty() || tag == "?" || (scalar && tag == "!")))
      refuse(mark, "tags are not allowed");
  }
  YamlNode &add(const YAML::Mark &mark, YamlNode::Kind kind);
  void takeKey(const YAML::Mark &mark, const std::string &key);
  void open(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
            YamlNode::Kind kind);
  void close() { stack.pop_back(); }

  StringRef text;
  YamlNode root;
  std::vector<Open> stack;
  size_t nodes = 0;
};

} // namespace

YamlNode &TreeBuilder::add(const YAML::Mark &mark, YamlNode::Kind kind) {
  if (++nodes > maxNodes)
    refuse(mark, "more than " + Twine(maxNodes) + " values");
  YamlNode *node = &root;
  if (!stack.empty()) {
    Open &parent = stack.back();
    if (parent.node->kind == YamlNode::Kind::Map && parent.keyDue)
      refuse(mark, "a key must be a word");
    node = &parent.node->items.emplace_back(std::move(parent.key));
    parent.key = YamlNode();
    parent.keyDue = true;
  }
  node->kind = kind;
  node->line = unsigned(mark.line + 1);
  node->column = unsigned(mark.column + 1);
  if (kind == YamlNode::Kind::Null && node->keyLine != 0) { // the mark is at the next value
    node->line = node->keyLine;
    node->column = node->keyColumn;
  }
  return *node;
}

void TreeBuilder::takeKey(const YAML::Mark &mark, const std::string &key) {
  Open &map = stack.back();
  for (const YamlNode &item : map.node->items)
    if (item.key == key)
      refuse(mark, "the key " + quoted(key) + " is there twice");
  map.key.key = key;
  map.key.keyLine = unsigned(mark.line + 1);
  map.key.keyColumn = unsigned(mark.column + 1);
  map.keyDue = false;
}

void TreeBuilder::OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                           const std::string &value) {
  refuseAnchor(mark, anchor);
  refuseTag(mark, tag, /*scalar=*/true);
  if (!stack.empty() && stack.back().node->kind == YamlNode::Kind::Map && stack.back().keyDue) {
    if (value == "<<")
      refuse(mark, "merge keys are not allowed");
    return takeKey(mark, value);
  }
  YamlNode &node = add(mark, YamlNode::Kind::Scalar);
  node.text = value;
  node.plain = tag != "!";
}

void TreeBuilder::open(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                       YamlNode::Kind kind) {
  refuseAnchor(mark, anchor);
  refuseTag(mark, tag, /*scalar=*/false);
  if (stack.size() == maxDepth)
    refuse(mark, "more than " + Twine(maxDepth) + " levels of nesting");
  stack.push_back({&add(mark, kind), /*keyDue=*/true, {}});
}

/// Bytes that YAML has no use for: yaml-cpp would pass some on and take others
/// for another encoding.
static std::optional<size_t> findControl(StringRef text) {
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned char c = text[i];
    if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
      return i;
  }
  return std::nullopt;
}

static SourceLocation locate(StringRef file, StringRef text, size_t offset) {
  StringRef before = text.take_front(offset);
  return {file.str(), unsigned(before.count('\n') + 1),
          unsigned(offset - (before.rfind('\n') + 1) + 1)};
}

uint64_t ingot::countYamlMarks(StringRef text) {
  return uint64_t(llvm::count_if(text, [](char c) { return StringRef("[]{},:-?").contains(c); }));
}

llvm::Expected<YamlNode> ingot::parseYaml(StringRef file, StringRef text) {
  if (std::optional<size_t> control = findControl(text))
    return malformed(locate(file, text, *control), "a control character in the text");
  if (uint64_t marks = countYamlMarks(text); marks > maxYamlMarks)
    return malformed({file.str()}, "the file has " + Twine(marks) +
                                       " of the characters '[]{},:-?', expected at most " +
                                       Twine(maxYamlMarks));
  try {
    std::istringstream stream(text.str());
    YAML::Parser parser(stream);
    TreeBuilder builder(text);
    if (!parser.HandleNextDocument(builder))
      return malformed({file.str(), 1, 1}, "the file is empty, expected a map");
    YamlNode root = builder.take();
    TreeBuilder second(text);
    if (parser.HandleNextDocument(second))
      return malformed({file.str(), 1, 1}, "the file has more than one document");
    return root;
  } catch (const Refusal &refusal) {
    return malformed({file.str(), refusal.line, refusal.column}, refusal.message);
  } catch (const YAML::Exception &error) {
    return malformed({file.str(), unsigned(error.mark.line + 1), unsigned(error.mark.column + 1)},
                     error.msg);
  } catch (const std::exception &error) {
    return malformed({file.str(), 1, 1}, Twine("the YAML parser failed: ") + error.what());
  }
}
