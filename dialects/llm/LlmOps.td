//===- LlmOps.td - The operations of the llm dialect ----------------------===//
#ifndef INGOT_LLM_OPS_TD
#define INGOT_LLM_OPS_TD
include "LlmDialect.td"
include "LlmAttrs.td"
include "LlmTypes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

class Llm_Op<string mnemonic, list<Trait> traits = []> : Op<Llm_Dialect, mnemonic, traits>;

/// An op with a weight: the symbol must exist and have the shape the op needs.
class Llm_WeightedOp<string mnemonic, list<Trait> traits = []>
    : Llm_Op<mnemonic, !listconcat([Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>], traits)>;

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

def Llm_ModelOp : Llm_Op<"model", [IsolatedFromAbove, SymbolTable, Symbol, SingleBlock,
                                   NoTerminator, NoRegionArguments]> {
  let summary = "A model: weights, blocks and one forward function";
  let arguments = (ins SymbolNameAttr:$sym_name,
    Llm_Count:$max_context);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
}

def Llm_WeightOp : Llm_Op<"weight", [Symbol, HasParent<"ModelOp">]> {
  let summary = "A weight made of rows of tensors";
  let description = [{
    The rows of its sources one after the other, or, with `interleave = g`, in
    turns of g rows: g of the first, g of the second, ... (rows beyond the end
    of a source are zero, so that every turn is whole).
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<Llm_WeightType>:$type,
    TypedArrayAttrBase<Llm_SourceAttr, "sources">:$sources,
    DefaultValuedAttr<I64Attr, "0">:$interleave);
  let assemblyFormat = "$sym_name `:` $type `from` $sources attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    WeightType getWeightType() { return ::llvm::cast<WeightType>(getType()); }
  }];
}

def Llm_BlockOp : Llm_Op<"block", [Symbol, HasParent<"ModelOp">, IsolatedFromAbove,
                                   SingleBlockImplicitTerminator<"ReturnOp">]> {
  let summary = "A transformer block: distinct weights, run once or more";
  let description = [{
    Takes the residual stream and the KV slot of the run, returns the residual
    stream.

    ```mlir
    llm.block @block_0(%x: tensor<?x576xf32>, %slot: !llm.kv_slot) {
      ...
      llm.return %y : tensor<?x576xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
}

def Llm_ForwardOp : Llm_Op<"forward", [Symbol, HasParent<"ModelOp">, IsolatedFromAbove,
                                       SingleBlockImplicitTerminator<"ReturnOp">]> {
  let summary = "From token ids to logits";
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
}

def Llm_ReturnOp : Llm_Op<"return", [Terminator, ParentOneOf<["BlockOp", "ForwardOp"]>]> {
  let summary = "The result of a block or of the forward function";
  let arguments = (ins Optional<Llm_Rows>:$value);
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::Value()); }]>];
  let assemblyFormat = "($value^ `:` type($value))? attr-dict";
}

def Llm_CallOp : Llm_Op<"call", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
                                 HasParent<"ForwardOp">, AllTypesMatch<["input", "result"]>]> {
  let summary = "A run of a block, with a KV slot of its own";
  let arguments = (ins FlatSymbolRefAttr:$block, Llm_Rows:$input,
    ConfinedAttr<I64Attr, [IntNonNegative]>:$slot);
  let results = (outs Llm_Rows:$result);
  let assemblyFormat = "$block `(` $input `)` `slot` $slot attr-dict `:` type($result)";
}

//===----------------------------------------------------------------------===//
// Tokens in, logits out
//===----------------------------------------------------------------------===//

def Llm_EmbeddingOp : Llm_WeightedOp<"embedding"> {
  let summary = "Row `token` of the weight, for each token";
  let arguments = (ins Llm_TokenIds:$tokens, FlatSymbolRefAttr:$weight);
  let results = (outs Llm_Rows:$result);
  let assemblyFormat = "$tokens `,` $weight attr-dict `:` type($tokens) `->` type($result)";
}

def Llm_LogitsOp : Llm_WeightedOp<"logits"> {
  let summary = "W x for each row whose logits are wanted";
  let arguments = (ins Llm_Activation:$input, FlatSymbolRefAttr:$weight);
  let results = (outs Llm_Rows:$result);
  let assemblyFormat = "$input `,` $weight attr-dict `:` type($input) `->` type($result)";
}

//===----------------------------------------------------------------------===//
// The parts of a block
//===----------------------------------------------------------------------===//

def Llm_RmsNormOp : Llm_WeightedOp<"rms_norm"> {
  let summary = "w * (x / sqrt(mean(x^2) + eps)), in float32";
  let description = [{
    Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019. The result
    may be quantised at once.
  }];
  let arguments = (ins Llm_Rows:$input, FlatSymbolRefAttr:$weight, F64Attr:$eps);
  let results = (outs Llm_Activation:$result);
  let assemblyFormat = "$input `,` $weight `eps` $eps attr-dict `:` type($input) `->` type($result)";
}

def Llm_LinearOp : Llm_WeightedOp<"linear"> {
  let summary = "W x, or residual + W x";
  let description = [{
    A quantised weight needs a quantised input once
    `llm-quantize-activations` has run; before, the input is float and the
    product is the float product with the dequantised weight.
  }];
  let arguments = (ins Llm_Activation:$input, FlatSymbolRefAttr:$weight,
    Optional<Llm_Rows>:$residual);
  let results = (outs Llm_Rows:$result);
  let assemblyFormat = [{
    $input `,` $weight (`residual` $residual^ `:` type($residual))? attr-dict
    `:` type($input) `->` type($result)
  }];
}

def Llm_SliceOp : Llm_Op<"slice", [Pure]> {
  let summary = "Columns [begin, begin + n) of each row";
  let arguments = (ins Llm_Rows:$input, ConfinedAttr<I64Attr, [IntNonNegative]>:$begin);
  let results = (outs Llm_Rows:$result);
  let assemblyFormat = "$input `from` $begin attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Llm_RopeOp : Llm_Op<"rope", [Pure, SameOperandsAndResultType]> {
  let summary = "Rotate pairs of each head by the token's position";
  let description = [{
    Su et al., "RoFormer", 2021: pair i of a head is rotated by
    position * theta^(-2 i / head_dim), angle, sine and cosine in float32.
  }];
  let arguments = (ins Llm_Rows:$input, Llm_Count:$head_dim,
    F64Attr:$theta, Llm_RopeStyleAttr:$style);
  let results = (outs Llm_Rows:$result);
  let assemblyFormat = [{
    $input `head_dim` $head_dim `theta` $theta `style` $style attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Llm_AttentionOp : Llm_Op<"attention", [AllTypesMatch<["key", "value"]>,
                                           AllTypesMatch<["query", "result"]>]> {
  let summary = "Causal grouped-query attention over the slot";
  let description = [{
    Stores the rows' keys and values in the slot at their positions; then row r
    attends to every position up to its own:
    softmax(q k^T * scale) v for each query head, which reads KV head
    h * kv_heads / heads. Ainslie et al., "GQA", 2023.
  }];
  let arguments = (ins Llm_Rows:$query, Llm_Rows:$key, Llm_Rows:$value, Llm_KvSlotType:$slot,
    Llm_Count:$heads, Llm_Count:$kv_heads,
    Llm_Count:$head_dim, F64Attr:$scale);
  let results = (outs Llm_Rows:$result);
  let assemblyFormat = [{
    $query `,` $key `,` $value `,` $slot `heads` $heads `kv_heads` $kv_heads `head_dim` $head_dim
    `scale` $scale attr-dict `:` type($query) `,` type($key) `,` type($slot)
  }];
  let hasVerifier = 1;
}

def Llm_SwigluOp : Llm_Op<"swiglu", [Pure, AllTypesMatch<["gate", "up", "result"]>]> {
  let summary = "silu(gate) * up";
  let description = "Shazeer, \"GLU Variants Improve Transformer\", 2020: silu(x) = x / (1 + exp(-x)).";
  let arguments = (ins Llm_Rows:$gate, Llm_Rows:$up);
  let results = (outs Llm_Rows:$result);
  let assemblyFormat = "$gate `,` $up attr-dict `:` type($result)";
}

def Llm_SwigluInterleavedOp : Llm_Op<"swiglu_interleaved", [Pure]> {
  let summary = "silu(gate) * up, where columns of gate and up alternate in groups";
  let description = [{
    Columns come in turns: `group` of gate, `group` of up. The result has as many
    columns as gate has; what pads the last turn is dropped. It may be quantised
    at once.
  }];
  let arguments = (ins Llm_Rows:$input, Llm_Count:$group);
  let results = (outs Llm_Activation:$result);
  let assemblyFormat = "$input `group` $group attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Llm_AddOp : Llm_Op<"add", [Pure, Commutative, SameOperandsAndResultType]> {
  let summary = "x + y";
  let arguments = (ins Llm_Rows:$lhs, Llm_Rows:$rhs);
  let results = (outs Llm_Rows:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

def Llm_QuantizeOp : Llm_Op<"quantize", [Pure]> {
  let summary = "Activations in 8 bits, a scale for each group of columns or for the token";
  let arguments = (ins Llm_Rows:$input);
  let results = (outs Llm_QuantizedType:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` qualified(type($result))";
  let hasVerifier = 1;
}
#endif
