//===- PlanTypes.td - Memory as the plan sees it --------------------------===//
#ifndef INGOT_PLAN_TYPES_TD
#define INGOT_PLAN_TYPES_TD
include "PlanDialect.td"
include "PlanAttrs.td"
include "mlir/IR/BuiltinTypes.td"

class Plan_Type<string name, string typeMnemonic> : TypeDef<Plan_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Plan_BufferType : Plan_Type<"Buffer", "buffer"> {
  let summary = "A static, row-major piece of memory";
  let description = [{
    The first extent is the number of token rows the entry can take, the others
    are the row. `!plan.buffer<128x576xf32, shared>`.
  }];
  let parameters = (ins
    ArrayRefParameter<"int64_t">:$shape,
    "::mlir::Type":$elementType,
    EnumParameter<Plan_Space>:$space);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getNumElements() const;
    /// Elements of one token row.
    int64_t getRowElements() const;
    int64_t getBytes() const;
  }];
}

def Plan_ImageType : Plan_Type<"Image", "image"> {
  let summary = "The address of a packed weight or of a constant table";
}

def Plan_SlotType : Plan_Type<"Slot", "slot"> {
  let summary = "The KV cache of the run at hand";
}

def Plan_Operand : AnyTypeOf<[Plan_BufferType, Plan_ImageType, Plan_SlotType]>;
#endif
