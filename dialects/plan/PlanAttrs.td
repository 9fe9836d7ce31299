//===- PlanAttrs.td - Who computes what -----------------------------------===//
#ifndef INGOT_PLAN_ATTRS_TD
#define INGOT_PLAN_ATTRS_TD
include "PlanDialect.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/AttrTypeBase.td"

def Plan_Space : I32Enum<"Space", "where a buffer lives", [
    I32EnumCase<"shared", 0>,   // the arena: one for the team
    I32EnumCase<"scratch", 1>,  // one for each thread
    I32EnumCase<"tokens", 2>,   // the step's token ids
    I32EnumCase<"logits", 3>,   // the caller's logits
  ]> {
  let cppNamespace = "::ingot::plan";
}

def Plan_SplitKind : I32Enum<"SplitKind", "how a launch is divided", [
    I32EnumCase<"everyone", 0>, // every thread does all of it, into its scratch
    I32EnumCase<"tokens", 1>,   // the token rows of the step are shared out
    I32EnumCase<"units", 2>,    // a static number of units is shared out
    I32EnumCase<"items", 3>,    // kv heads x context blocks, taken as they come
  ]> {
  let cppNamespace = "::ingot::plan";
}

def Plan_Access : I32Enum<"Access", "what part of an operand a thread touches", [
    I32EnumCase<"all", 0>, // any of it
    I32EnumCase<"own", 1>, // its share: columns divided over all units of the split
    I32EnumCase<"window", 2>, // its share: columns divided over the units of the window
  ]> {
  let cppNamespace = "::ingot::plan";
}

def Plan_SlotPart : I32Enum<"SlotPart", "a half of a KV slot", [
    I32EnumCase<"keys", 0>,
    I32EnumCase<"values", 1>,
  ]> {
  let cppNamespace = "::ingot::plan";
}

def Plan_SlotPartAttr : EnumAttr<Plan_Dialect, Plan_SlotPart, "part">;

class Plan_Attr<string name, string attrMnemonic> : AttrDef<Plan_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Plan_SplitAttr : Plan_Attr<"Split", "split"> {
  let summary = "The share of every thread in a launch";
  let description = [{
    `everyone`: each thread does all of the work redundantly.
    `tokens`: thread t does the rows `share(rows, t, T)` of the step.
    `units`: `units` units are shared out; the launch covers those inside the
    window [begin, end), counted from its beginning; the kernel's `begin` and
    `end` count in steps of 1/`scale` unit.
    `items`: threads take the (kv head, 64-position block) pairs that hold valid
    positions as they come; `units` is the number of kv heads.

    Two launches with `units` splits of the same `units` give the same unit to
    the same thread whatever the number of threads: that is what lets a value
    flow between them without a barrier.

    ```mlir
    #plan.split<everyone>
    #plan.split<units, 60>
    #plan.split<units, 60, window = [36, 48], scale = 2>
    ```
  }];
  let parameters = (ins
    EnumParameter<Plan_SplitKind>:$kind,
    DefaultValuedParameter<"int64_t", "0">:$units,
    DefaultValuedParameter<"int64_t", "0">:$begin,
    DefaultValuedParameter<"int64_t", "0">:$end,
    DefaultValuedParameter<"int64_t", "1">:$scale);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static SplitAttr everyone(::mlir::MLIRContext *context);
    static SplitAttr tokens(::mlir::MLIRContext *context);
    static SplitAttr items(::mlir::MLIRContext *context, int64_t kvHeads);
    /// All of `units` units, `scale` kernel steps each.
    static SplitAttr ofUnits(::mlir::MLIRContext *context, int64_t units, int64_t scale = 1);
    static SplitAttr window(::mlir::MLIRContext *context, int64_t units, int64_t begin,
                            int64_t end, int64_t scale = 1);
    bool coversAllUnits() const { return getBegin() == 0 && getEnd() == getUnits(); }
  }];
}
#endif
