//===- FunctionPrinter.cpp - One plan.func as one C++ function ------------===//

#include "codegen/emit/FunctionPrinter.h"

#include "codegen/emit/KernelWrappers.h"
#include "codegen/kernels/AttentionSpec.h"
#include "codegen/kernels/KvLayout.h"

#include "llvm/ADT/StringExtras.h"

#include <set>

using namespace mlir;

namespace ingot {

using namespace plan;

static KvKind kvKindNamed(StringRef name) {
  return name == "q8" ? KvKind::Q8 : name == "f32" ? KvKind::F32 : KvKind::F16;
}

static const char *cTypeOf(Type element) {
  return cTypeOf(element.isF32()        ? KernelType::F32
                 : element.isInteger(8) ? KernelType::I8
                                        : KernelType::I32);
}

/// [1][576]
static std::string shapeOf(BufferType type) {
  std::string text;
  for (int64_t extent : type.getShape())
    text += "[" + std::to_string(extent) + "]";
  return text;
}

std::string FunctionPrinter::uniqueName(StringRef wanted) {
  std::string name = wanted.str();
  unsigned &count = taken[wanted];
  if (count++)
    name += "_" + std::to_string(count);
  return name;
}

std::string FunctionPrinter::nameOf(Value value) {
  if (auto address = value.getDefiningOp<AddressOp>()) {
    if (auto weight = model.lookupSymbol<WeightOp>(address.getSymbolAttr()))
      return "step->weights + " + std::to_string(*weight.getOffset()) + " /*" +
             weight.getSymName().str() + "*/";
    return address.getSymbol().str();
  }
  return names.lookup(value);
}

/// Names for the arguments of `func`: those of the buffers that its first
/// caller passes.
static SmallVector<std::string> argumentNames(ModelOp model, FuncOp func) {
  SmallVector<std::string> names(func.getBody().getNumArguments(), "arg");
  model.getBody().walk([&](CallOp call) {
    if (call.getCallee() != func.getSymName())
      return WalkResult::advance();
    for (auto [index, operand] : llvm::enumerate(call.getOperands()))
      if (auto buffer = operand.getDefiningOp<BufferOp>())
        names[index] = buffer.getName().str();
    return WalkResult::interrupt();
  });
  return names;
}

void FunctionPrinter::printHead(FuncOp func) {
  os << "static void " << func.getSymName()
     << "(const ingot_step *step, uint32_t thread, uint32_t threads";
  if (!func.getBody().getOps<SlotOp>().empty())
    os << ", uint32_t slot";
  SmallVector<std::string> wanted = argumentNames(model, func);
  for (auto [index, argument] : llvm::enumerate(func.getBody().getArguments())) {
    auto type = cast<BufferType>(argument.getType());
    std::string name = uniqueName(wanted[index]);
    names[argument] = name;
    os << ", " << cTypeOf(type.getElementType()) << " *" << name << " /*" << shapeOf(type) << "*/";
  }
  os << ") {\n";
}

void FunctionPrinter::printBuffer(BufferOp buffer) {
  if (buffer.getResult().use_empty())
    return;
  auto type = cast<BufferType>(buffer.getResult().getType());
  std::string name = uniqueName(buffer.getName());
  names[buffer.getResult()] = name;
  std::string element = cTypeOf(type.getElementType());
  if (type.getSpace() == Space::tokens) {
    os << "  const int32_t *const " << name << " = step->tokens;";
  } else if (type.getSpace() == Space::logits) {
    os << "  float *const " << name << " = step->logits;";
  } else {
    bool shared = type.getSpace() == Space::shared;
    os << "  " << element << " *const " << name << " = (" << element << " *)("
       << (shared ? "step->arena" : "scratch") << " + " << *buffer.getOffset() << ");";
  }
  os << " // " << shapeOf(type) << "\n";
}

static std::string shareName(SplitAttr split) {
  return split.getKind() == SplitKind::tokens ? "rows_share"
                                              : "share_" + std::to_string(split.getUnits());
}

std::string FunctionPrinter::shareOf(SplitAttr split) {
  std::string name = shareName(split);
  if (split.getKind() == SplitKind::units && !split.coversAllUnits())
    name = "ingot_clip(" + name + ", " + std::to_string(split.getBegin()) + ", " +
           std::to_string(split.getEnd()) + ")";
  return name;
}

/// The thread's shares, once each, in order of their first use.
void FunctionPrinter::printShares(FuncOp func) {
  std::set<std::string> printed;
  auto printOnce = [&](SplitAttr split) {
    bool tokens = split.getKind() == SplitKind::tokens;
    if ((!tokens && split.getKind() != SplitKind::units) ||
        !printed.insert(shareName(split)).second)
      return;
    os << "  const ingot_range " << shareName(split) << " = ingot_share("
       << (tokens ? std::string("rows") : std::to_string(split.getUnits()))
       << ", thread, threads);\n";
  };
  for (Operation &op : func.getBody().front())
    if (auto launch = dyn_cast<LaunchOp>(op))
      printOnce(launch.getSplit());
    else if (auto copy = dyn_cast<CopyOp>(op))
      printOnce(copy.getSplit());
    else if (auto prefetch = dyn_cast<PrefetchOp>(op))
      printOnce(prefetch.getSplit());
}

std::string FunctionPrinter::scalar(StringRef name, SplitAttr split) {
  if (name == "rows" || name == "position")
    return name.str();
  if (name == "begin" || name == "end") {
    if (split.getKind() == SplitKind::everyone || split.getKind() == SplitKind::items)
      return name == "begin" ? "0" : "rows";
    std::string text = shareOf(split) + "." + name.str();
    if (split.getScale() != 1)
      text += " * " + std::to_string(split.getScale());
    return text;
  }
  int64_t kvHeads = split.getUnits();
  bool items = split.getKind() == SplitKind::items;
  if (name == "head") // of what everyone combines: the first
    return items ? "i % " + std::to_string(kvHeads) : "0";
  if (name == "block" && items)
    return "i / " + std::to_string(kvHeads);
  return {};
}

/// Floats of the partial result of one item: a KV head's group in one block.
static int64_t itemFloats(const KernelSpec &partial) {
  return partial.params.at("heads") / partial.params.at("kv_heads") *
         partialStride(partial.params.at("head_dim"));
}

LogicalResult FunctionPrinter::printLaunch(LaunchOp launch) {
  bool items = launch.getSplit().getKind() == SplitKind::items;
  const ResolvedKernel &kernel = kernels.at(launch.getKernel().str());
  SmallVector<std::string> arguments;
  SmallVector<Value> operands = llvm::filter_to_vector(
      launch.getOperands(), [](Value operand) { return !isa<SlotType>(operand.getType()); });
  size_t next = 0;
  bool weightsSeen = false, slotSeen = false;
  for (const KernelArg &arg : kernel.signature.args) {
    if (arg.kind == KernelArg::Kind::Scalar) {
      std::string text = scalar(arg.name, launch.getSplit());
      if (text.empty())
        return launch.emitError("cannot fill the scalar '") << arg.name << "' of its kernel";
      arguments.push_back(text);
      continue;
    }
    if (isWeightView(arg)) {
      if (weightsSeen)
        continue;
      weightsSeen = true;
    }
    if (isSlotView(arg)) { // keys and values are two operands, but one address
      if (!slotSeen)
        arguments.push_back("kv");
      slotSeen = true;
      continue;
    }
    if (next == operands.size())
      return launch.emitError("has fewer operands than its kernel has buffers");
    std::string argument = nameOf(operands[next]);
    // A vector of the image is used as it lies, not through a packed view.
    if (isa<ImageType>(operands[next].getType()) && !isWeightView(arg) &&
        StringRef(argument).starts_with("step->weights"))
      argument = std::string("(const ") + cTypeOf(arg.type) + " *)(" + argument + ")";
    ++next;
    if (items && arg.kind == KernelArg::Kind::Output)
      argument += " + i * " + std::to_string(itemFloats(kernel.spec));
    arguments.push_back(argument);
  }
  if (next != operands.size())
    return launch.emitError("has more operands than its kernel has buffers");
  std::string indent = "  ";
  if (items) {
    os << "  const int32_t items = (position / " << kKvBlock << " + 1) * "
       << launch.getSplit().getUnits() << "; // (block, KV head)\n"
       << "  for (ingot_range part = ingot_part(items, thread, threads); part.begin < items;\n"
          "       part = ingot_next_part(step, part, items, threads))\n"
          "    for (int32_t i = part.begin; i < part.end; ++i)\n";
    indent += "    ";
  }
  os << indent << wrapperName(kernel.spec) << "(";
  llvm::interleaveComma(arguments, os);
  os << ");\n";
  return success();
}

void FunctionPrinter::printAttend(AttendOp attend) {
  const KernelSpec &partial = kernels.at(attend.getPartial().str()).spec;
  const KernelSpec &combine = kernels.at(attend.getCombine().str()).spec;
  int64_t kvHeads = attend.getKvHeads(), tile = attend.getTile();
  std::string partials = nameOf(attend.getPartials()), queries;
  for (Value query : attend.getQueries())
    queries += nameOf(query) + ", ";
  os << "  const int32_t items = (rows + " << tile - 1 << ") / " << tile << " * " << kvHeads << ";"
     << " // (tile of rows, KV head)\n"
     << "  for (int32_t i = (int32_t)thread; i < items;\n"
     << "       i = (int32_t)(threads + step->take(step->team))) {\n"
     << "    const int32_t head = i % " << kvHeads << ", begin = i / " << kvHeads << " * " << tile
     << ";\n"
     << "    const int32_t end = begin + " << tile << " < rows ? begin + " << tile << " : rows;\n"
     << "    for (int32_t block = 0; block <= (position + end - 1) / " << kKvBlock << "; ++block)\n"
     << "      " << wrapperName(partial) << "(begin, end, head, block, position, " << queries
     << "kv, " << partials << " + (size_t)block * " << tile * itemFloats(partial) << ");\n"
     << "    " << wrapperName(combine) << "(begin, end, head, position, " << partials << ", "
     << nameOf(attend.getOutput()) << ");\n"
     << "  }\n";
}

void FunctionPrinter::printCopy(CopyOp copy) {
  auto from = copy.getFrom().getType(), to = copy.getTo().getType();
  int64_t width = from.getRowElements() / copy.getSplit().getUnits();
  int64_t cols = to.getRowElements();
  std::string end = shareName(copy.getSplit()) + ".end * " + std::to_string(width);
  os << "  for (int32_t row = 0; row < rows; ++row)\n"
     << "    for (int32_t col = " << shareName(copy.getSplit()) << ".begin * " << width
     << "; col < " << end << " && col < " << cols << "; ++col)\n"
     << "      " << nameOf(copy.getTo()) << "[(size_t)row * " << cols << " + col] "
     << (copy.getAccumulate() ? "+=" : "=") << " " << nameOf(copy.getFrom()) << "[(size_t)row * "
     << from.getRowElements() << " + col];\n";
}

/// With `logits_rows` the callee gets a step that begins at the first wanted
/// row, and nothing happens when no logits are wanted.
void FunctionPrinter::printCall(CallOp call) {
  bool wanted = call.getLogitsRows();
  if (wanted)
    os << "  if (step->first_logits_row < step->rows) {\n"
          "    const uint32_t first = step->first_logits_row;\n"
          "    ingot_step wanted = *step;\n"
          "    wanted.rows -= first;\n"
          "    wanted.position += first;\n  ";
  os << "  " << call.getCallee() << (wanted ? "(&wanted" : "(step") << ", thread, threads";
  if (call.getSlot())
    os << ", /*slot=*/" << *call.getSlot();
  for (Value operand : call.getOperands()) {
    os << ", " << nameOf(operand);
    if (wanted)
      os << " + first * " << cast<BufferType>(operand.getType()).getRowElements();
  }
  os << ");\n";
  if (wanted)
    os << "  }\n";
}

void FunctionPrinter::printPrefetch(PrefetchOp prefetch) {
  auto weight = model.lookupSymbol<WeightOp>(prefetch.getWeightAttr());
  SplitAttr split = prefetch.getSplit();
  int64_t unitBytes = *weight.getBytes() / split.getUnits();
  os << "  prefetch(step->weights + " << *weight.getOffset() << " + " << shareName(split)
     << ".begin * INT64_C(" << unitBytes << "), " << prefetch.getBytes() << "); // "
     << weight.getSymName() << "\n";
}

/// True when `text` has `word` as a whole identifier that is no member.
static bool usesWord(StringRef text, StringRef word) {
  auto isPart = [](char c) { return llvm::isAlnum(c) || c == '_' || c == '>'; };
  for (size_t at = text.find(word); at != StringRef::npos; at = text.find(word, at + 1)) {
    char before = at ? text[at - 1] : ' ';
    char after = at + word.size() < text.size() ? text[at + word.size()] : ' ';
    if (!isPart(before) && !(llvm::isAlnum(after) || after == '_'))
      return true;
  }
  return false;
}

LogicalResult FunctionPrinter::print(FuncOp func) {
  names.clear();
  taken.clear();
  printHead(func);
  std::string body;
  {
    llvm::raw_string_ostream bodyStream(body);
    // Printed apart, so that only what the body uses is declared before it.
    FunctionPrinter inner(bodyStream, model, kernels);
    inner.names = names;
    inner.taken = taken;
    for (Operation &op : func.getBody().front()) {
      LogicalResult result = success();
      if (auto buffer = dyn_cast<BufferOp>(op))
        inner.printBuffer(buffer);
      else if (auto launch = dyn_cast<LaunchOp>(op))
        result = inner.printLaunch(launch);
      else if (auto attend = dyn_cast<AttendOp>(op))
        inner.printAttend(attend);
      else if (auto copy = dyn_cast<CopyOp>(op))
        inner.printCopy(copy);
      else if (auto call = dyn_cast<CallOp>(op))
        inner.printCall(call);
      else if (auto prefetch = dyn_cast<PrefetchOp>(op))
        inner.printPrefetch(prefetch);
      else if (isa<BarrierOp>(op))
        bodyStream << "  step->barrier(step->team, thread);\n";
      if (failed(result))
        return failure();
    }
  }
  std::string shares;
  {
    llvm::raw_string_ostream sharesStream(shares);
    FunctionPrinter(sharesStream, model, kernels).printShares(func);
  }
  auto uses = [&](StringRef word) { return usesWord(body, word) || usesWord(shares, word); };
  if (uses("kv")) {
    KvLayout layout(kvKindNamed(model.getKvFormat()), model.getKvHeads(), model.getHeadDim());
    os << "  uint8_t *const kv = step->kv + (size_t)slot * (step->kv_capacity / " << kKvBlock
       << ") * " << layout.blockBytes() << ";\n";
  }
  if (uses("rows"))
    os << "  const int32_t rows = (int32_t)step->rows;\n";
  if (uses("position"))
    os << "  const int32_t position = (int32_t)step->position;\n";
  if (uses("scratch"))
    os << "  uint8_t *const scratch = step->scratch + (size_t)thread * scratch_bytes_"
       << func.getMaxRows() << ";\n";
  os << shares << body << "}\n\n";
  return success();
}

} // namespace ingot
