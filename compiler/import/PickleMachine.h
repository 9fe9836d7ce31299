//===- PickleMachine.h - The stack machine behind readStateDict -----------===//
#ifndef INGOT_COMPILER_IMPORT_PICKLEMACHINE_H
#define INGOT_COMPILER_IMPORT_PICKLEMACHINE_H

#include "compiler/import/BinaryReader.h"
#include "compiler/import/ImportError.h"
#include "compiler/import/Pickle.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

#include <array>
#include <string>

namespace ingot::pickle {

enum class Kind : uint8_t {
  Mark,
  None,
  Bool,    ///< bits: 0 or 1
  Integer, ///< bits: an int64_t
  String,  ///< bits: where it begins in the pickle; count: its bytes
  Tuple,   ///< bits: its first item; count: their number
  Dict,    ///< bits: index; count: 1 for an OrderedDict
  Global,  ///< count: a Meaning; bits: index of the storage type
  Storage, ///< bits: index
  Tensor,  ///< bits: index
};

enum class Meaning : uint32_t { OrderedDict, Tensor, Parameter, StorageType };

struct Value {
  Kind kind;
  uint32_t count = 0;
  uint64_t bits = 0;
};

struct DictItem {
  uint64_t dict; ///< index
  Value key, value;
};

class Machine {
public:
  Machine(llvm::StringRef path, llvm::ArrayRef<uint8_t> pickle, uint64_t base)
      : path(path), pickle(pickle), base(base), reader(pickle) {}

  llvm::Expected<StateDict> run();

private:
  uint64_t place() const { return base + opcodeAt; } // inside the file
  llvm::Error error(const llvm::Twine &message) const {
    return malformed({path.str(), 0, 0, place()}, message);
  }
  llvm::Error refused(const llvm::Twine &message) const {
    return unsupported({path.str(), 0, 0, place()}, message);
  }

  // PickleMachine.cpp: the stack, one handler an opcode.
  llvm::Error step();
#define ALLOWED(code, name, handler) llvm::Error handler();
#define REFUSED(code, name)
#include "compiler/import/PickleOpcodes.def"
  llvm::Error push(Value value);
  llvm::Error pop(Value &value);
  llvm::Error findMark(size_t &mark);
  llvm::Error makeTuple(size_t first, size_t end);
  llvm::Error makeTupleOf(size_t count);
  llvm::Error makeDict(bool ordered);
  template <typename Width> llvm::Error number(uint64_t &value);
  template <typename Width> llvm::Error readGet();
  template <typename Width> llvm::Error readPut();
  llvm::Error line(llvm::StringRef &text);
  llvm::Error setItem(Value dict, Value key, Value value);

  // PickleMeaning.cpp: what the names stand for.
  llvm::Error pushGlobal(llvm::StringRef module, llvm::StringRef name);
  llvm::Error callGlobal(Value callee, llvm::ArrayRef<Value> arguments);
  llvm::Error makeTensor(llvm::ArrayRef<Value> arguments);
  llvm::Error makeParameter(llvm::ArrayRef<Value> arguments);
  llvm::Error makeStorage(Value id);
  llvm::Error readExtents(Value tuple, llvm::SmallVectorImpl<uint64_t> &extents);
  llvm::Expected<StateDict> finish();

  llvm::StringRef text(Value string) const {
    return llvm::toStringRef(pickle.slice(string.bits, string.count));
  }
  llvm::ArrayRef<Value> itemsOf(Value tuple) const {
    return llvm::ArrayRef(items).slice(tuple.bits, tuple.count);
  }
  bool isEmptyDict(Value value) const {
    return value.kind == Kind::Dict && dictSizes[value.bits] == 0;
  }
  std::string describe(Value value) const; ///< "the integer 7"

  llvm::StringRef path;
  llvm::ArrayRef<uint8_t> pickle;
  uint64_t base;
  BinaryReader reader;
  uint64_t opcodeAt = 0;
  bool stopped = false;

  std::vector<Value> stack, memo, items;
  std::vector<uint32_t> dictSizes;
  std::vector<DictItem> dictItems;
  std::vector<PickledStorage> storages;
  llvm::StringMap<uint32_t> storageOfKey;
  std::vector<PickledTensor> tensors;
};

// Limits of the lists. A model of 1024 blocks has 9219 tensors; torch.save
// writes 8 memo entries, 16 items and one dict for each.
constexpr size_t maxTensors = 16384;
constexpr size_t maxStack = 1 << 16, maxMemo = 1 << 18, maxItems = 1 << 18, maxDictItems = 1 << 16,
                 maxDicts = 1 << 16;

} // namespace ingot::pickle

#endif // INGOT_COMPILER_IMPORT_PICKLEMACHINE_H
