//===- PickleMeaning.cpp - What the names in a pickle stand for -----------===//

#include "compiler/import/PickleMachine.h"

#include "llvm/ADT/STLExtras.h"

using namespace ingot;
using namespace ingot::pickle;
using llvm::ArrayRef;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

namespace {

struct Name {
  StringRef module, name;
  Meaning meaning;
};

constexpr Name names[] = {
    {"collections", "OrderedDict", Meaning::OrderedDict},
    {"torch._utils", "_rebuild_tensor_v2", Meaning::Tensor},
    {"torch._utils", "_rebuild_parameter", Meaning::Parameter},
};

/// The plain types of torch: what a size is can be checked for all of them.
constexpr StorageType storageTypes[] = {
    {"FloatStorage", 4, TensorType::F32},     {"HalfStorage", 2, TensorType::F16},
    {"BFloat16Storage", 2, TensorType::BF16}, {"DoubleStorage", 8, std::nullopt},
    {"LongStorage", 8, std::nullopt},         {"IntStorage", 4, std::nullopt},
    {"ShortStorage", 2, std::nullopt},        {"CharStorage", 1, std::nullopt},
    {"ByteStorage", 1, std::nullopt},         {"BoolStorage", 1, std::nullopt},
    {"ComplexFloatStorage", 8, std::nullopt}, {"ComplexDoubleStorage", 16, std::nullopt},
};

} // namespace

std::string Machine::describe(Value value) const {
  switch (value.kind) {
  case Kind::Mark:
    return "a mark";
  case Kind::None:
    return "None";
  case Kind::Bool:
    return value.bits ? "True" : "False";
  case Kind::Integer:
    return "the integer " + std::to_string(int64_t(value.bits));
  case Kind::String:
    return "the string " + quoted(text(value));
  case Kind::Tuple:
    return "a tuple of " + std::to_string(value.count);
  case Kind::Dict:
    return value.count ? "an OrderedDict" : "a dict";
  case Kind::Global:
    return Meaning(value.count) == Meaning::StorageType
               ? "'torch." + storageTypes[value.bits].name.str() + "'"
               : quoted((names[value.count].module + "." + names[value.count].name).str());
  case Kind::Storage:
    return "a storage";
  case Kind::Tensor:
    return "a tensor";
  }
  llvm_unreachable("every kind is described");
}

Error Machine::pushGlobal(StringRef module, StringRef name) {
  for (const Name &known : names)
    if (module == known.module && name == known.name)
      return push({Kind::Global, uint32_t(known.meaning), 0});
  for (auto [index, type] : llvm::enumerate(storageTypes))
    if (module == "torch" && name == type.name)
      return push({Kind::Global, uint32_t(Meaning::StorageType), index});
  return refused("the pickle names " + quoted((module + "." + name).str()) +
                 ", which no dict of tensors needs; nothing of it was run");
}

Error Machine::callGlobal(Value callee, ArrayRef<Value> arguments) {
  if (callee.kind == Kind::Global)
    switch (Meaning(callee.count)) {
    case Meaning::OrderedDict:
      if (!arguments.empty())
        return refused("an OrderedDict is made from " + Twine(arguments.size()) +
                       " arguments, expected none");
      return makeDict(/*ordered=*/true);
    case Meaning::Tensor:
      return makeTensor(arguments);
    case Meaning::Parameter:
      return makeParameter(arguments);
    case Meaning::StorageType:
      break;
    }
  return refused("the opcode REDUCE calls " + describe(callee) + ", expected one of " +
                 "'collections.OrderedDict', 'torch._utils._rebuild_tensor_v2' and "
                 "'torch._utils._rebuild_parameter'");
}

/// ('storage', type, key, location, number of elements)
Error Machine::makeStorage(Value id) {
  ArrayRef<Value> parts;
  if (id.kind == Kind::Tuple)
    parts = itemsOf(id);
  bool good = parts.size() == 5 && parts[0].kind == Kind::String && text(parts[0]) == "storage" &&
              parts[1].kind == Kind::Global && Meaning(parts[1].count) == Meaning::StorageType &&
              parts[2].kind == Kind::String && parts[3].kind == Kind::String &&
              parts[4].kind == Kind::Integer && int64_t(parts[4].bits) >= 0;
  if (!good)
    return error("the opcode BINPERSID names " + describe(id) +
                 ", expected ('storage', type, key, location, number of elements)");
  PickledStorage storage{text(parts[2]), &storageTypes[parts[1].bits], parts[4].bits, place()};
  auto [at, fresh] = storageOfKey.try_emplace(storage.key, uint32_t(storages.size()));
  if (fresh) {
    if (storages.size() == maxTensors)
      return refused("the pickle has more than " + Twine(maxTensors) + " storages");
    storages.push_back(storage);
  } else if (const PickledStorage &known = storages[at->second];
             known.type != storage.type || known.elements != storage.elements) {
    return error("the storage " + quoted(storage.key) + " has " + Twine(storage.elements) +
                 " elements of " + storage.type->name + " here and " + Twine(known.elements) +
                 " of " + known.type->name + " before");
  }
  return push({Kind::Storage, 0, at->second});
}

Error Machine::readExtents(Value tuple, llvm::SmallVectorImpl<uint64_t> &extents) {
  constexpr size_t maxRank = 8;
  if (tuple.kind != Kind::Tuple)
    return error("the shape or strides of a tensor are " + describe(tuple) + ", expected a tuple");
  if (tuple.count > maxRank)
    return refused("a tensor has more than " + Twine(maxRank) + " dimensions");
  for (Value item : itemsOf(tuple)) {
    if (item.kind != Kind::Integer || int64_t(item.bits) < 0)
      return error("an extent or stride of a tensor is " + describe(item) +
                   ", expected an integer that is not negative");
    extents.push_back(item.bits);
  }
  return Error::success();
}

/// (storage, offset, shape, strides, requires_grad, backward_hooks[, metadata])
Error Machine::makeTensor(ArrayRef<Value> arguments) {
  if (arguments.size() != 6 && arguments.size() != 7)
    return error("a tensor is made from " + Twine(arguments.size()) +
                 " arguments, expected 6 or 7");
  if (arguments[0].kind != Kind::Storage)
    return error("a tensor is made from " + describe(arguments[0]) + ", expected a storage");
  if (arguments[1].kind != Kind::Integer || int64_t(arguments[1].bits) < 0)
    return error("a tensor begins at " + describe(arguments[1]) +
                 ", expected an integer that is not negative");
  if (arguments[4].kind != Kind::Bool || !isEmptyDict(arguments[5]))
    return refused("a tensor has " + describe(arguments[4]) + " and " + describe(arguments[5]) +
                   " for gradients and hooks, expected a truth value and an empty dict");
  if (arguments.size() == 7 && arguments[6].kind != Kind::None && !isEmptyDict(arguments[6]))
    return refused("a tensor has " + describe(arguments[6]) +
                   " as metadata, which would change its numbers");
  PickledTensor tensor{"", uint32_t(arguments[0].bits), arguments[1].bits, {}, {}, place()};
  if (Error bad = readExtents(arguments[2], tensor.shape))
    return bad;
  if (Error bad = readExtents(arguments[3], tensor.strides))
    return bad;
  if (tensor.shape.size() != tensor.strides.size())
    return error("a tensor has " + Twine(tensor.shape.size()) + " dimensions and " +
                 Twine(tensor.strides.size()) + " strides");
  if (tensors.size() == maxTensors)
    return refused("the pickle has more than " + Twine(maxTensors) + " tensors");
  tensors.push_back(std::move(tensor));
  return push({Kind::Tensor, 0, tensors.size() - 1});
}

/// (tensor, requires_grad, backward_hooks)
Error Machine::makeParameter(ArrayRef<Value> arguments) {
  if (arguments.size() != 3 || arguments[0].kind != Kind::Tensor ||
      arguments[1].kind != Kind::Bool || !isEmptyDict(arguments[2]))
    return refused("a parameter is not made from a tensor, a truth value and an empty dict");
  return push(arguments[0]);
}

/// The value that STOP left must be the dict of tensors.
llvm::Expected<StateDict> Machine::finish() {
  if (stack.size() != 1 || stack.back().kind != Kind::Dict)
    return error(
        "the pickle leaves " +
        (stack.size() == 1 ? describe(stack.back()) : std::to_string(stack.size()) + " values") +
        ", expected one dict of names and tensors");
  StateDict result;
  for (const DictItem &item : dictItems) {
    if (item.dict != stack.back().bits)
      continue;
    if (item.value.kind != Kind::Tensor)
      return refused("the value of " + quoted(text(item.key)) + " is " + describe(item.value) +
                     ", expected a tensor");
    result.tensors.push_back(tensors[item.value.bits]);
    result.tensors.back().name = text(item.key);
  }
  std::vector<StringRef> keys;
  for (const PickledTensor &tensor : result.tensors)
    keys.push_back(tensor.name);
  llvm::sort(keys);
  if (auto twice = std::adjacent_find(keys.begin(), keys.end()); twice != keys.end())
    return error("the key " + quoted(*twice) + " is there twice");
  result.storages = std::move(storages);
  return result;
}
