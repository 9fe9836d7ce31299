//===- PlanDialect.td - How a model runs ----------------------------------===//
#ifndef INGOT_PLAN_DIALECT_TD
#define INGOT_PLAN_DIALECT_TD
include "mlir/IR/OpBase.td"

def Plan_Dialect : Dialect {
  let name = "plan";
  let cppNamespace = "::ingot::plan";
  let summary = "How a model runs: kernels, memory, threads, barriers";
  let description = [{
    A plan is what the `llm` dialect becomes once every buffer has an address,
    every product a kernel and every thread a share. One `plan.func` is one
    straight function of the emitted C++: every thread of the team runs it from
    top to bottom and meets the others at its barriers.

    The dialect has no control flow, no dynamic shape and no memory that is not
    in the arena, a thread's scratch, the packed image or a KV slot. See
    RATIONALE.md for what it deliberately cannot express.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
}
#endif
