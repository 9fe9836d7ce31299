//===- LlmTypes.td - Weights, quantised activations, slots ----------------===//
#ifndef INGOT_LLM_TYPES_TD
#define INGOT_LLM_TYPES_TD
include "LlmDialect.td"
include "mlir/IR/BuiltinTypes.td"

class Llm_Type<string name, string typeMnemonic> : TypeDef<Llm_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Llm_WeightType : Llm_Type<"Weight", "weight"> {
  let summary = "A matrix [rows, cols] or vector [n] in a weight format";
  let description = "`!llm.weight<1536x576xq4_1>`, `!llm.weight<576xf32>`";
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, StringRefParameter<>:$format);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool isVector() const { return getShape().size() == 1; }
    int64_t getRows() const { return getShape()[0]; }
    int64_t getCols() const { return isVector() ? 1 : getShape()[1]; }
    /// True when products with this weight take 8-bit activations.
    bool isQuantized() const;
    /// True when those may have one scale a token: no scale of the weight
    /// stands inside the sum over the columns.
    bool takesTokenScale() const;
  }];
}

def Llm_QuantizedType : Llm_Type<"Quantized", "quantized"> {
  let summary = "Rows of activations in 8 bits, a scale for each group of columns";
  let description = [{
    For each group: scale = max |x| / 127, q = round(x / scale), and the sum of q.
    `!llm.quantized<576>` has 576 columns in groups of 32, and
    `!llm.quantized<576, group = 576>` one scale for the whole row (a token).
  }];
  let parameters = (ins "int64_t":$cols, DefaultValuedParameter<"int64_t", "32">:$group);
  let assemblyFormat = "`<` $cols (`,` `group` `=` $group^)? `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static constexpr int64_t kGroup = 32;
    /// Scales of a row.
    int64_t getScales() const { return getCols() / getGroup(); }
    /// True when the whole row shares one scale.
    bool isTokenWise() const { return getGroup() != kGroup; }
  }];
}

def Llm_KvSlotType : Llm_Type<"KvSlot", "kv_slot"> {
  let summary = "The KV cache of one run";
}

/// Any number of rows; the columns are known.
def Llm_Rows : Type<And<[2DTensorOf<[F32]>.predicate,
    CPred<"!::llvm::cast<::mlir::RankedTensorType>($_self).isDynamicDim(1)">]>,
  "rows of f32 with a static number of columns", "::mlir::RankedTensorType">;
def Llm_TokenIds : 1DTensorOf<[I32]>;
def Llm_Activation : AnyTypeOf<[Llm_Rows, Llm_QuantizedType]>;
#endif
