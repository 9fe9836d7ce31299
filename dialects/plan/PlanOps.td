//===- PlanOps.td - The operations of the plan dialect --------------------===//
#ifndef INGOT_PLAN_OPS_TD
#define INGOT_PLAN_OPS_TD
include "PlanDialect.td"
include "PlanAttrs.td"
include "PlanTypes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

class Plan_Op<string mnemonic, list<Trait> traits = []> : Op<Plan_Dialect, mnemonic, traits>;

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

def Plan_ModelOp : Plan_Op<"model", [IsolatedFromAbove, SymbolTable, Symbol, SingleBlock,
                                     NoTerminator, NoRegionArguments]> {
  let summary = "A planned model";
  let description = [{
    Everything of one model for one target: packed weights, constant tables,
    kernels and functions. `kv_format` is the element format of the KV cache,
    `slots` the number of runs.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
    ConfinedAttr<I64Attr, [IntPositive]>:$vocab_size,
    ConfinedAttr<I64Attr, [IntPositive]>:$hidden_size,
    ConfinedAttr<I64Attr, [IntPositive]>:$kv_heads,
    ConfinedAttr<I64Attr, [IntPositive]>:$head_dim,
    ConfinedAttr<I64Attr, [IntPositive]>:$positions,
    ConfinedAttr<I64Attr, [IntPositive]>:$slots,
    StrAttr:$kv_format,
    OptionalAttr<I64Attr>:$image_bytes);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
}

def Plan_WeightOp : Plan_Op<"weight", [Symbol, HasParent<"ModelOp">]> {
  let summary = "A matrix or vector in the packed image";
  let description = [{
    `sources`, `interleave` and `type` say which tensor rows it is made of, as
    in `llm.weight`; `offset` and `bytes` where it lies in the image, once
    `plan-layout-image` has run.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttr:$type, ArrayAttr:$sources,
    DefaultValuedAttr<I64Attr, "0">:$interleave,
    OptionalAttr<I64Attr>:$offset, OptionalAttr<I64Attr>:$bytes);
  let assemblyFormat = "$sym_name `:` $type `from` $sources attr-dict";
}

def Plan_TableOp : Plan_Op<"table", [Symbol, HasParent<"ModelOp">]> {
  let summary = "A constant table of floats";
  let arguments = (ins SymbolNameAttr:$sym_name, DenseF32ArrayAttr:$values);
  let assemblyFormat = "$sym_name $values attr-dict";
}

def Plan_KernelOp : Plan_Op<"kernel", [Symbol, HasParent<"ModelOp">]> {
  let summary = "An algorithm at one shape, compiled once";
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$algorithm, DictionaryAttr:$params);
  let assemblyFormat = "$sym_name $algorithm $params attr-dict";
  let hasVerifier = 1;
}

def Plan_FuncOp : Plan_Op<"func", [Symbol, HasParent<"ModelOp">, IsolatedFromAbove,
    SingleBlockImplicitTerminator<"ReturnOp">]> {
  let summary = "A straight function that every thread of the team runs";
  let description = [{
    With `entry` it is an entry of the model: the step calls it with up to
    `max_rows` rows. Without, it is called by another function: a block (which
    works on the KV slot of its call), or the head.
    On entry everything that was written before is visible to every thread.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ConfinedAttr<I64Attr, [IntPositive]>:$max_rows,
    UnitAttr:$entry, OptionalAttr<I64Attr>:$arena_bytes, OptionalAttr<I64Attr>:$scratch_bytes);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def Plan_ReturnOp : Plan_Op<"return", [Terminator, HasParent<"FuncOp">]> {
  let summary = "The end of a function";
  let assemblyFormat = "attr-dict";
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

def Plan_BufferOp : Plan_Op<"buffer", [DeclareOpInterfaceMethods<OpAsmOpInterface,
    ["getAsmResultNames"]>]> {
  let summary = "A buffer of the function";
  let description = [{
    Lives from its first to its last use. `plan-assign-arena` gives it an
    `offset` in the arena or in a thread's scratch.
  }];
  let arguments = (ins StrAttr:$name, OptionalAttr<I64Attr>:$offset);
  let results = (outs Plan_BufferType:$result);
  let assemblyFormat = "$name attr-dict `:` qualified(type($result))";
}

def Plan_AddressOp : Plan_Op<"address", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "The address of a weight or table";
  let arguments = (ins FlatSymbolRefAttr:$symbol);
  let results = (outs Plan_ImageType:$result);
  let assemblyFormat = "$symbol attr-dict `:` qualified(type($result))";
}

def Plan_SlotOp : Plan_Op<"slot", [Pure]> {
  let summary = "The keys or the values of the KV slot that the function was called for";
  let arguments = (ins Plan_SlotPartAttr:$part);
  let results = (outs Plan_SlotType:$result);
  let assemblyFormat = "$part attr-dict `:` qualified(type($result))";
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

def Plan_LaunchOp : Plan_Op<"launch", [AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "A kernel, run by every thread on its share";
  let description = [{
    `ins` and `outs` stand in the order of the kernel's signature. `access`
    says for each of them, ins first, what part of it a thread touches: `all`, or
    only what belongs to its share, the columns of the buffer being divided
    evenly over all units of the split (`own`) or over those of its window
    (`window`). With a `tokens` split `own` means the thread's token rows.

    ```mlir
    plan.launch @matvec split(<units, 60>) ins(%x, %w : ...) outs(%y : ...)
        access [all, all, own]
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Plan_SplitAttr:$split,
    Variadic<Plan_Operand>:$ins, Variadic<Plan_Operand>:$outs, DenseI32ArrayAttr:$access);
  let assemblyFormat = [{
    $kernel `split` `(` $split `)` `ins` `(` ($ins^ `:` type($ins))? `)`
    `outs` `(` $outs `:` type($outs) `)` `access` custom<AccessList>($access) attr-dict
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    Access getAccessOf(unsigned operandIndex) { return static_cast<Access>(getAccess()[operandIndex]); }
    bool isOutput(unsigned operandIndex) { return operandIndex >= getIns().size(); }
  }];
}

def Plan_AttendOp : Plan_Op<"attend", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "The attention of a step of many rows";
  let description = [{
    Threads take the (KV head, tile of `tile` rows) pairs as they come. For each,
    `partial` computes the result of every block of the context into the
    thread's scratch, then `combine` joins them in order and writes the rows. A
    decode step launches the same maths with blocks taken instead, so the
    numbers are the same bit for bit.
  }];
  let arguments = (ins FlatSymbolRefAttr:$partial, FlatSymbolRefAttr:$combine,
    ConfinedAttr<I64Attr, [IntPositive]>:$kv_heads, ConfinedAttr<I64Attr, [IntPositive]>:$tile,
    Variadic<Plan_BufferType>:$queries, Plan_SlotType:$keys, Plan_SlotType:$values,
    Plan_BufferType:$partials, Plan_BufferType:$output);
  let assemblyFormat = [{
    `partial` $partial `combine` $combine `kv_heads` $kv_heads `tile` $tile
    `queries` `(` $queries `)` `ins` `(` $keys `,` $values `)` `scratch` `(` $partials `)`
    `outs` `(` $output `)` attr-dict `:` type(operands)
  }];
}

def Plan_CopyOp : Plan_Op<"copy"> {
  let summary = "Columns of a padded buffer into one without padding";
  let description = [{
    Kernels write whole row blocks of 16 columns; a caller's buffer or the
    residual stream may be narrower. Every thread copies the columns of its own
    units, or adds them where `accumulate` stands.
  }];
  let arguments = (ins Plan_BufferType:$from, Plan_BufferType:$to, Plan_SplitAttr:$split,
    UnitAttr:$accumulate);
  let assemblyFormat = [{
    $from `to` $to `split` `(` $split `)` (`accumulate` $accumulate^)? attr-dict
    `:` type(operands)
  }];
  let hasVerifier = 1;
}

def Plan_CallOp : Plan_Op<"call", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Another function, for one KV slot";
  let description = [{
    Two calls of one function with two slots are two runs of a shared block.
    With `logits_rows` the callee sees only the rows whose logits are wanted,
    and is skipped when there are none.
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<Plan_BufferType>:$operands,
    OptionalAttr<I64Attr>:$slot, UnitAttr:$logits_rows);
  let assemblyFormat = [{
    $callee `(` $operands `)` (`slot` $slot^)? (`logits_rows` $logits_rows^)?
    attr-dict `:` functional-type($operands, results)
  }];
}

def Plan_BarrierOp : Plan_Op<"barrier"> {
  let summary = "All threads of the team meet";
  let assemblyFormat = "attr-dict";
}

def Plan_PrefetchOp : Plan_Op<"prefetch", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Ask for the first bytes of the thread's share of a weight";
  let description = [{
    Stands where the memory bus would idle: before a barrier, or in the last run
    of a shared block. Changes no value.
  }];
  let arguments = (ins FlatSymbolRefAttr:$weight, Plan_SplitAttr:$split,
    ConfinedAttr<I64Attr, [IntPositive]>:$bytes);
  let assemblyFormat = "$weight `split` `(` $split `)` `bytes` $bytes attr-dict";
}
#endif
