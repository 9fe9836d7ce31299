//===- PlanVerifiers.cpp - What ODS cannot say ----------------------------===//
//
// Labels are those of docs/spec/plan-dialect.md. That barriers stand where
// data crosses threads, and that buffers which share memory are never alive
// together, are postconditions of phases and checked by `plan-verify`.
//
//===----------------------------------------------------------------------===//

#include "dialects/plan/Plan.h"

using namespace mlir;
using namespace ingot::plan;

LogicalResult KernelOp::verify() {
  for (NamedAttribute param : getParams()) // kernel_c1
    if (!isa<IntegerAttr>(param.getValue()))
      return emitOpError("parameter '") << param.getName().getValue() << "' is " << param.getValue()
                                        << ", expected an integer";
  return success();
}

LogicalResult FuncOp::verify() {
  for (BlockArgument argument : getBody().getArguments()) { // func_c1
    auto type = dyn_cast<BufferType>(argument.getType());
    if (!type)
      return emitOpError("argument #")
             << argument.getArgNumber() << " is " << argument.getType() << ", expected a buffer";
  }
  if (getEntry() && getBody().getNumArguments() != 0) // func_c2
    return emitOpError("is an entry with ")
           << getBody().getNumArguments() << " arguments, expected none";
  return success();
}

LogicalResult LaunchOp::verify() {
  size_t operands = getIns().size() + getOuts().size();
  if (getAccess().size() != operands) // launch_c1
    return emitOpError("has ") << getAccess().size() << " accesses for " << operands << " operands";
  SplitKind kind = getSplit().getKind();
  for (auto [index, operand] : llvm::enumerate(getOperands())) {
    auto buffer = dyn_cast<BufferType>(operand.getType());
    if (!buffer)
      continue;
    bool writesShared = isOutput(index) && buffer.getSpace() != Space::scratch;
    if (kind == SplitKind::everyone && writesShared) // launch_c2
      return emitOpError("is done by everyone, but output #")
             << index - getIns().size() << " is not in a thread's scratch";
    if (writesShared && getAccessOf(index) == Access::all) // launch_c3
      return emitOpError("writes all of output #")
             << index - getIns().size() << ", expected only its own share";
    if (kind == SplitKind::everyone && getAccessOf(index) != Access::all) // launch_c4
      return emitOpError("is done by everyone, so operand #") << index << " cannot be divided";
  }
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!symbols.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr())) // launch_c5
    return emitOpError("names the kernel '") << getKernel() << "', which does not exist";
  return success();
}

LogicalResult AttendOp::verifySymbolUses(SymbolTableCollection &symbols) {
  for (FlatSymbolRefAttr kernel : {getPartialAttr(), getCombineAttr()})
    if (!symbols.lookupNearestSymbolFrom<KernelOp>(*this, kernel)) // attend_c1
      return emitOpError("names the kernel '") << kernel.getValue() << "', which does not exist";
  return success();
}

LogicalResult CopyOp::verify() {
  BufferType from = getFrom().getType(), to = getTo().getType();
  if (from.getElementType() != to.getElementType() ||
      from.getShape().front() != to.getShape().front() ||
      from.getRowElements() < to.getRowElements()) // copy_c1
    return emitOpError("copies ") << from << " to " << to << ", expected rows at least as wide";
  if (getSplit().getKind() != SplitKind::units ||
      from.getRowElements() % getSplit().getUnits()) // copy_c2
    return emitOpError("needs units that divide the columns evenly");
  return success();
}

LogicalResult AddressOp::verifySymbolUses(SymbolTableCollection &symbols) {
  Operation *target = symbols.lookupNearestSymbolFrom(*this, getSymbolAttr());
  if (!isa_and_nonnull<WeightOp, TableOp>(target)) // address_c1
    return emitOpError("names '") << getSymbol() << "', expected a weight or a table";
  return success();
}

LogicalResult PrefetchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!symbols.lookupNearestSymbolFrom<WeightOp>(*this, getWeightAttr())) // prefetch_c1
    return emitOpError("names '") << getWeight() << "', expected a weight";
  return success();
}

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto callee = symbols.lookupNearestSymbolFrom<FuncOp>(*this, getCalleeAttr());
  if (!callee) // call_c1
    return emitOpError("calls '") << getCallee() << "', which does not exist";
  if (callee.getEntry()) // call_c2
    return emitOpError("calls '") << getCallee() << "', which is an entry";
  auto expected = callee.getBody().getArgumentTypes();
  if (!llvm::equal(expected, getOperandTypes())) // call_c3
    return emitOpError("passes other operands than '") << getCallee() << "' takes";
  bool usesSlot = !callee.getBody().getOps<SlotOp>().empty();
  if (usesSlot != getSlot().has_value()) // call_c4
    return emitOpError(usesSlot ? "needs a slot for '" : "has a slot, but no use for it in '")
           << getCallee() << "'";
  auto model = (*this)->getParentOfType<ModelOp>();
  if (getSlot() && *getSlot() >= model.getSlots()) // call_c5
    return emitOpError("has slot ") << *getSlot() << ", expected one below " << model.getSlots();
  return success();
}
