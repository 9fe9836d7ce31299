//===- LlmDialect.td - What a model computes ------------------------------===//
#ifndef INGOT_LLM_DIALECT_TD
#define INGOT_LLM_DIALECT_TD
include "mlir/IR/OpBase.td"

def Llm_Dialect : Dialect {
  let name = "llm";
  let cppNamespace = "::ingot::llm";
  let summary = "What a language model computes";
  let description = [{
    Values are rows of activations, one row a token; weights are symbols that
    point into mapped files; a block is a symbol too, so two calls of one block
    are visibly the same weights. Nothing here has an address, a thread or a
    machine: that is the `plan` dialect's.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
}
#endif
