//===- PickleMachine.cpp - The opcodes ------------------------------------===//

#include "compiler/import/PickleMachine.h"

#include "compiler/import/Numbers.h"

#include "llvm/Support/JSON.h" // isUTF8

using namespace ingot;
using namespace ingot::pickle;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

Error Machine::push(Value value) {
  if (stack.size() == maxStack)
    return refused("the pickle has more than " + Twine(maxStack) + " values on its stack");
  stack.push_back(value);
  return Error::success();
}

Error Machine::pop(Value &value) {
  if (stack.empty() || stack.back().kind == Kind::Mark)
    return error("the pickle takes a value from an empty stack");
  value = stack.back();
  stack.pop_back();
  return Error::success();
}

/// The index of the topmost mark.
Error Machine::findMark(size_t &mark) {
  for (mark = stack.size(); mark > 0 && stack[mark - 1].kind != Kind::Mark;)
    --mark;
  if (mark == 0)
    return error("the pickle takes values up to a mark that is not there");
  --mark;
  return Error::success();
}

template <typename Width> Error Machine::number(uint64_t &value) {
  std::optional<Checked<uint64_t>> read = reader.number<Width>();
  if (!read)
    return error("the pickle ends inside an opcode");
  value = *read->value();
  return Error::success();
}

/// The bytes up to the next end of line. Names are short: a search through the
/// whole pickle for each would be quadratic.
Error Machine::line(StringRef &text) {
  constexpr uint64_t longest = 128;
  StringRef rest = llvm::toStringRef(pickle.drop_front(reader.position()).take_front(longest));
  size_t length = rest.find('\n');
  if (length == StringRef::npos)
    return error("a name is longer than " + Twine(longest) + " bytes or has no end");
  text = rest.take_front(length);
  reader.take(uint64_t(length + 1));
  return Error::success();
}

Error Machine::readProtocol() {
  uint64_t version;
  if (Error bad = number<uint8_t>(version))
    return bad;
  if (opcodeAt != 0)
    return error("the opcode PROTO stands inside the pickle, expected it at the beginning alone");
  return version == 2 ? Error::success()
                      : refused("the pickle has protocol " + Twine(version) + ", expected 2");
}

Error Machine::readStop() {
  stopped = true;
  if (reader.remaining() != 0)
    return error("the pickle ends " + Twine(reader.remaining()) + " bytes before its record");
  return Error::success();
}

Error Machine::readMark() { return push({Kind::Mark}); }
Error Machine::readNone() { return push({Kind::None}); }
Error Machine::readTrue() { return push({Kind::Bool, 0, 1}); }
Error Machine::readFalse() { return push({Kind::Bool, 0, 0}); }

Error Machine::readInteger8() {
  Value value{Kind::Integer};
  if (Error bad = number<uint8_t>(value.bits))
    return bad;
  return push(value);
}

Error Machine::readInteger16() {
  Value value{Kind::Integer};
  if (Error bad = number<uint16_t>(value.bits))
    return bad;
  return push(value);
}

Error Machine::readInteger32() {
  Value value{Kind::Integer};
  if (Error bad = number<uint32_t>(value.bits))
    return bad;
  value.bits = uint64_t(int64_t(int32_t(uint32_t(value.bits)))); // signed in the file
  return push(value);
}

/// An integer of up to 8 bytes in two's complement.
Error Machine::readLong() {
  uint64_t count;
  if (Error bad = number<uint8_t>(count))
    return bad;
  std::optional<llvm::ArrayRef<uint8_t>> bytes = reader.take(count);
  if (!bytes)
    return error("the pickle ends inside an opcode");
  if (count > sizeof(uint64_t))
    return refused("an integer has " + Twine(count) + " bytes, expected at most 8");
  Value value{Kind::Integer};
  bool negative = count != 0 && (bytes->back() & 0x80);
  value.bits = negative ? ~uint64_t(0) : 0;
  for (uint8_t byte : llvm::reverse(*bytes))
    value.bits = value.bits << 8 | byte;
  return push(value);
}

Error Machine::readString() {
  uint64_t length;
  if (Error bad = number<uint32_t>(length))
    return bad;
  Value value{Kind::String, uint32_t(length), reader.position()};
  if (!reader.take(length))
    return error("a string of " + Twine(length) + " bytes is past the end of the pickle");
  if (!llvm::json::isUTF8(text(value)))
    return error("a string is not UTF-8");
  return push(value);
}

Error Machine::readEmptyTuple() { return makeTuple(stack.size(), stack.size()); }
Error Machine::readTuple1() { return makeTupleOf(1); }
Error Machine::readTuple2() { return makeTupleOf(2); }
Error Machine::readTuple3() { return makeTupleOf(3); }

Error Machine::readTuple() {
  size_t mark;
  if (Error bad = findMark(mark))
    return bad;
  return makeTuple(mark + 1, mark);
}

Error Machine::makeTupleOf(size_t count) {
  if (stack.size() < count)
    return error("the pickle takes a value from an empty stack");
  size_t first = stack.size() - count;
  for (size_t i = first; i < stack.size(); ++i)
    if (stack[i].kind == Kind::Mark)
      return error("the pickle takes a value from an empty stack");
  return makeTuple(first, first);
}

/// A tuple of the values from `first` on; the stack is cut to `end`.
Error Machine::makeTuple(size_t first, size_t end) {
  size_t count = stack.size() - first;
  if (count > maxItems - items.size())
    return refused("the pickle has more than " + Twine(maxItems) + " values in tuples");
  Value tuple{Kind::Tuple, uint32_t(count), items.size()};
  items.insert(items.end(), stack.begin() + ptrdiff_t(first), stack.end());
  stack.resize(end, Value{Kind::None});
  return push(tuple);
}

Error Machine::readEmptyDict() { return makeDict(/*ordered=*/false); }

Error Machine::makeDict(bool ordered) {
  if (dictSizes.size() == maxDicts)
    return refused("the pickle has more than " + Twine(maxDicts) + " dicts");
  dictSizes.push_back(0);
  return push({Kind::Dict, ordered, dictSizes.size() - 1});
}

Error Machine::setItem(Value dict, Value key, Value value) {
  if (dict.kind != Kind::Dict)
    return error("the pickle sets an item of " + describe(dict) + ", expected a dict");
  if (key.kind != Kind::String)
    return error("a key of a dict is " + describe(key) + ", expected a string");
  if (dictItems.size() == maxDictItems)
    return refused("the pickle has more than " + Twine(maxDictItems) + " values in dicts");
  ++dictSizes[dict.bits];
  dictItems.push_back({dict.bits, key, value});
  return Error::success();
}

Error Machine::readSetItem() {
  Value value, key;
  for (Value *into : {&value, &key})
    if (Error bad = pop(*into))
      return bad;
  if (stack.empty())
    return error("the pickle takes a value from an empty stack");
  return setItem(stack.back(), key, value);
}

Error Machine::readSetItems() {
  size_t mark;
  if (Error bad = findMark(mark))
    return bad;
  if (mark == 0)
    return error("the pickle takes a value from an empty stack");
  if ((stack.size() - mark) % 2 == 0)
    return error("the last key of a dict has no value");
  for (size_t i = mark + 1; i < stack.size(); i += 2)
    if (Error bad = setItem(stack[mark - 1], stack[i], stack[i + 1]))
      return bad;
  stack.resize(mark, Value{Kind::None});
  return Error::success();
}

template <typename Width> Error Machine::readGet() {
  uint64_t index;
  if (Error bad = number<Width>(index))
    return bad;
  if (index >= memo.size())
    return error("the pickle recalls value " + Twine(index) + " of " + Twine(memo.size()));
  return push(memo[index]);
}
Error Machine::readGet8() { return readGet<uint8_t>(); }
Error Machine::readGet32() { return readGet<uint32_t>(); }

/// Python numbers what it remembers from 0 on, without a gap.
template <typename Width> Error Machine::readPut() {
  uint64_t index;
  if (Error bad = number<Width>(index))
    return bad;
  if (stack.empty() || stack.back().kind == Kind::Mark)
    return error("the pickle remembers a value of an empty stack");
  if (index != memo.size())
    return error("the pickle remembers a value as number " + Twine(index) + ", expected " +
                 Twine(memo.size()));
  if (memo.size() == maxMemo)
    return refused("the pickle remembers more than " + Twine(maxMemo) + " values");
  memo.push_back(stack.back());
  return Error::success();
}
Error Machine::readPut8() { return readPut<uint8_t>(); }
Error Machine::readPut32() { return readPut<uint32_t>(); }

Error Machine::readGlobal() {
  StringRef module, name;
  for (StringRef *into : {&module, &name})
    if (Error bad = line(*into))
      return bad;
  return pushGlobal(module, name);
}

Error Machine::readStorage() {
  Value id;
  if (Error bad = pop(id))
    return bad;
  return makeStorage(id);
}

Error Machine::readReduce() {
  Value arguments, callee;
  for (Value *into : {&arguments, &callee})
    if (Error bad = pop(*into))
      return bad;
  if (arguments.kind != Kind::Tuple)
    return error("the arguments of a call are " + describe(arguments) + ", expected a tuple");
  return callGlobal(callee, itemsOf(arguments));
}

/// The state of an OrderedDict is its attributes: torch keeps the versions of
/// its modules there, which say nothing about tensors.
Error Machine::readBuild() {
  Value state;
  if (Error bad = pop(state))
    return bad;
  if (stack.empty() || stack.back().kind != Kind::Dict || stack.back().count == 0 ||
      state.kind != Kind::Dict)
    return refused("the opcode BUILD sets " + describe(state) + " as the state of " +
                   (stack.empty() ? "nothing" : describe(stack.back())) +
                   ", expected a dict as that of an OrderedDict");
  return Error::success();
}

Error Machine::step() {
  opcodeAt = reader.position();
  uint64_t code;
  if (reader.remaining() == 0)
    return error("the pickle ends without the opcode STOP");
  if (Error bad = number<uint8_t>(code))
    return bad;
  if (opcodeAt == 0 && code != 0x80)
    return error("the pickle begins with the byte " + printHex(code) +
                 ", expected the opcode PROTO (0x80)");
  switch (code) {
#define ALLOWED(code, name, handler)                                                               \
  case uint8_t(code):                                                                              \
    return handler();
#define REFUSED(code, name)                                                                        \
  case uint8_t(code):                                                                              \
    return refused("the pickle has the opcode " #name " (" + printHex(uint8_t(code)) +             \
                   "), which no dict of tensors needs");
#include "compiler/import/PickleOpcodes.def"
  default:
    return error("the pickle has the byte " + printHex(code) + ", which is no opcode");
  }
}

llvm::Expected<StateDict> Machine::run() {
  while (!stopped)
    if (Error bad = step())
      return std::move(bad);
  return finish();
}

llvm::Expected<StateDict> ingot::readStateDict(StringRef path, llvm::ArrayRef<uint8_t> pickle,
                                               uint64_t base) {
  return Machine(path, pickle, base).run();
}
