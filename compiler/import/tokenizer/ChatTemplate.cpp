//===- ChatTemplate.cpp - Statements of a chat template -------------------===//
//
// Blocks are run by walking the list of pieces that the template was cut into.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/tokenizer/ChatTemplate.h"

#include "compiler/import/tokenizer/TemplatePieces.h"

#include "llvm/ADT/StringExtras.h"

using namespace ingot;
using namespace ingot::jinja;

namespace {

constexpr size_t kMaxOutput = 1 << 20;
constexpr int kMaxNesting = 64;

class TemplateRun {
public:
  TemplateRun(llvm::StringRef source, Environment &environment)
      : environment(environment), pieces(cutPieces(source, environment)) {}

  std::string run();

private:
  /// Runs pieces from `at` to the statement that ends the block, whose index it
  /// returns; runs nothing of it when `live` is false.
  size_t runBlock(size_t at, bool live, int nesting);
  size_t runFor(size_t at, bool live, int nesting);
  size_t runIf(size_t at, bool live, int nesting);
  Value loopList(llvm::StringRef name, llvm::StringRef range);
  void runSet(llvm::StringRef statement);
  void put(llvm::StringRef text);
  Value evaluate(llvm::StringRef text) { return Expression(text, environment).evaluateAll(); }
  void failAt(size_t at, const llvm::Twine &why) {
    environment.fail("line " + llvm::Twine(at < pieces.size() ? pieces[at].line : 0) + ": " + why);
  }

  Environment &environment;
  std::vector<Piece> pieces;
  std::string output;
};

} // namespace

/// The first word of a statement.
static llvm::StringRef wordOf(llvm::StringRef statement) {
  return statement.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
}

static bool endsBlock(llvm::StringRef word) {
  return word == "endfor" || word == "endif" || word == "else" || word == "elif";
}

void TemplateRun::put(llvm::StringRef text) {
  if (output.size() + text.size() > kMaxOutput)
    environment.fail("the output is longer than 1 MiB");
  else
    output += text;
}

/// set name = value, or set namespace.name = value.
void TemplateRun::runSet(llvm::StringRef statement) {
  auto [target, value] = statement.split('=');
  target = target.trim();
  if (value.empty())
    return environment.fail("'set " + statement + "' has no value");
  auto [name, attribute] = target.split('.');
  if (wordOf(target) != name || name.empty() || wordOf(attribute) != attribute)
    return environment.fail("'set' of '" + target + "' is not supported");
  Value result = evaluate(value);
  if (attribute.empty()) {
    environment.scopes.back()[name.str()] = std::move(result);
    return;
  }
  Value space = environment.lookup(name.str());
  if (!space.isNamespace)
    return environment.fail("'" + name + "' is no namespace");
  if (environment.canHold(result)) // none that would make a ring
    (*space.map)[attribute.str()] = std::move(result);
}

/// The elements of a loop's range, "values" or "values if condition".
Value TemplateRun::loopList(llvm::StringRef name, llvm::StringRef range) {
  Expression expression(range, environment);
  Value values = expression.evaluateOperand();
  if (values.kind == Value::Kind::Undefined)
    values = Value::of(Value::List()); // as Jinja has it
  llvm::StringRef condition = expression.remainder();
  if (values.kind != Value::Kind::List || condition.empty())
    return values;
  if (wordOf(condition) != "if" || !condition.consume_front("if"))
    environment.fail("unexpected '" + condition + "' in 'for'");
  Value::List chosen;
  for (const Value &value : *values.list) {
    environment.scopes.push_back({{name.str(), value}});
    const bool wanted = environment.spend() && evaluate(condition).truthy();
    environment.scopes.pop_back();
    if (wanted)
      chosen.push_back(value);
  }
  return Value::of(std::move(chosen));
}

size_t TemplateRun::runFor(size_t at, bool live, int nesting) {
  llvm::StringRef header = llvm::StringRef(pieces[at].text).substr(3).trim();
  auto [name, range] = header.split(" in ");
  name = name.trim();
  if (name.empty() || wordOf(name) != name)
    failAt(at, "'for " + header + "' is not supported");
  Value list = live ? loopList(name, range) : Value::of(Value::List());
  if (live && list.kind != Value::Kind::List) {
    failAt(at, "'for' over a value that is no list");
    live = false;
  }
  size_t end = at + 1;
  bool ran = false;
  if (live)
    for (size_t i = 0; i < list.list->size() && environment.spend(); ++i) {
      ran = true;
      Value::Map loop = {{"first", Value::of(i == 0)},
                         {"last", Value::of(i + 1 == list.list->size())},
                         {"index", Value::of(static_cast<int64_t>(i + 1))},
                         {"index0", Value::of(static_cast<int64_t>(i))},
                         {"length", Value::of(static_cast<int64_t>(list.list->size()))},
                         {"revindex", Value::of(static_cast<int64_t>(list.list->size() - i))},
                         {"revindex0", Value::of(static_cast<int64_t>(list.list->size() - i - 1))}};
      if (i > 0)
        loop["previtem"] = (*list.list)[i - 1];
      if (i + 1 < list.list->size())
        loop["nextitem"] = (*list.list)[i + 1];
      environment.scopes.push_back(
          {{name.str(), (*list.list)[i]}, {"loop", Value::of(std::move(loop))}});
      end = runBlock(at + 1, true, nesting + 1);
      environment.scopes.pop_back();
    }
  if (!ran)
    end = runBlock(at + 1, false, nesting + 1);
  if (end < pieces.size() && wordOf(pieces[end].text) == "else")
    end = runBlock(end + 1, live && !ran, nesting + 1);
  if (end >= pieces.size() || wordOf(pieces[end].text) != "endfor")
    failAt(at, "'for' without its 'endfor'");
  return end + 1;
}

size_t TemplateRun::runIf(size_t at, bool live, int nesting) {
  bool taken = false;
  size_t here = at;
  while (environment.spend()) {
    llvm::StringRef word = wordOf(pieces[here].text);
    llvm::StringRef condition = llvm::StringRef(pieces[here].text).substr(word.size());
    bool run = live && !taken && (word == "else" || evaluate(condition).truthy());
    taken |= run;
    const bool last = word == "else";
    here = runBlock(here + 1, run, nesting + 1);
    if (here >= pieces.size())
      break;
    word = wordOf(pieces[here].text);
    if (word == "endif")
      return here + 1;
    if (last || (word != "elif" && word != "else"))
      break;
  }
  failAt(at, "'if' without its 'endif'");
  return pieces.size();
}

size_t TemplateRun::runBlock(size_t at, bool live, int nesting) {
  if (nesting > kMaxNesting)
    failAt(at, "blocks are nested deeper than " + llvm::Twine(kMaxNesting));
  while (at < pieces.size() && environment.spend()) {
    const Piece &piece = pieces[at];
    if (piece.kind != Piece::Kind::Statement) {
      if (live)
        put(piece.kind == Piece::Kind::Text ? piece.text : environment.print(evaluate(piece.text)));
      ++at;
      continue;
    }
    llvm::StringRef word = wordOf(piece.text);
    if (endsBlock(word))
      return at;
    if (word == "for")
      at = runFor(at, live, nesting);
    else if (word == "if")
      at = runIf(at, live, nesting);
    else if (word == "set" || word == "generation" || word == "endgeneration") {
      if (live && word == "set")
        runSet(llvm::StringRef(piece.text).substr(3));
      ++at;
    } else {
      failAt(at, "statement '" + word + "' is not supported");
    }
  }
  return environment.error.empty() ? at : pieces.size();
}

std::string TemplateRun::run() {
  if (environment.error.empty() && runBlock(0, true, 0) < pieces.size())
    environment.fail("a block ends that did not begin");
  return std::move(output);
}

llvm::Expected<std::string> ingot::evaluateChatTemplate(llvm::StringRef source,
                                                        llvm::ArrayRef<ChatMessage> messages,
                                                        bool addGenerationPrompt,
                                                        llvm::StringRef bosToken,
                                                        llvm::StringRef eosToken) {
  Environment environment;
  Value::List list;
  for (const ChatMessage &message : messages)
    list.push_back(Value::of(Value::Map{{"role", Value::of(llvm::StringRef(message.role))},
                                        {"content", Value::of(llvm::StringRef(message.content))}}));
  environment.scopes[0] = {{"messages", Value::of(std::move(list))},
                           {"add_generation_prompt", Value::of(addGenerationPrompt)},
                           {"bos_token", Value::of(bosToken)},
                           {"eos_token", Value::of(eosToken)},
                           {"tools", Value::none()}};
  std::string text = TemplateRun(source, environment).run();
  if (!environment.error.empty())
    return llvm::createStringError(llvm::inconvertibleErrorCode(), environment.error);
  return text;
}
