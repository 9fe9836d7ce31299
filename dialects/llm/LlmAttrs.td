//===- LlmAttrs.td - Where weights come from, how positions rotate --------===//
#ifndef INGOT_LLM_ATTRS_TD
#define INGOT_LLM_ATTRS_TD
include "LlmDialect.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/AttrTypeBase.td"

class Llm_Attr<string name, string attrMnemonic> : AttrDef<Llm_Dialect, name> {
  let mnemonic = attrMnemonic;
}

/// A positive number that kernels can count to.
def Llm_Count : ConfinedAttr<I64Attr, [IntPositive, IntMaxValue<2147483647>]>;

def Llm_RopeStyle : I32Enum<"RopeStyle", "which elements form a rotated pair", [
    I32EnumCase<"half", 0>,        // (i, i + head_dim / 2): Hugging Face
    I32EnumCase<"interleaved", 1>, // (2 i, 2 i + 1): GGUF
  ]> {
  let cppNamespace = "::ingot::llm";
}
def Llm_RopeStyleAttr : EnumAttr<Llm_Dialect, Llm_RopeStyle, "rope_style">;

def Llm_SourceAttr : Llm_Attr<"Source", "source"> {
  let summary = "Rows of a tensor of the weight file";
  let description = [{
    All rows of the canonical tensor `tensor`, shape rows x cols (a vector has
    cols 1). With `rope_interleave = D` the rows of each head of D rows are
    permuted: row 2 i + s of the weight is row s D / 2 + i of the tensor
    (s = 0, 1), which turns half-style pairs into neighbours.

    ```mlir
    #llm.source<"model.layers.0.self_attn.q_proj.weight", 576, 576, rope_interleave = 64>
    ```
  }];
  let parameters = (ins StringRefParameter<>:$tensor, "int64_t":$rows, "int64_t":$cols,
                        DefaultValuedParameter<"int64_t", "0">:$ropeInterleave);
  let assemblyFormat = "`<` $tensor `,` $rows `,` $cols (`,` `rope_interleave` `=` $ropeInterleave^)? `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Kernels count rows and columns in 32 bits.
    static constexpr int64_t kMaxExtent = 2147483647;
    /// The tensor's row that is row `row` of the weight.
    int64_t sourceRow(int64_t row) const;
  }];
}
#endif
