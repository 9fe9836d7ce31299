//===- Passes.td - All passes of Ingot ------------------------------------===//
#ifndef INGOT_COMPILER_PASSES_TD
#define INGOT_COMPILER_PASSES_TD
include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// On llm: what is computed stays the same, its form changes
//===----------------------------------------------------------------------===//

def LlmAssignFormatsPass : Pass<"llm-assign-formats", "llm::ModelOp"> {
  let summary = "Choose the format in which each weight is packed";
  let description = [{
    `keep` leaves the blocks of the file as they are, exactly; `f32` stores every
    matrix as floats, dequantised exactly; `q8` quantises every matrix to 8 bits
    with a scale a row (q8r), `q4` to 4 bits in groups of 32 (q4r), except the
    embedding and the head, which become q8r. Vectors are always f32.

    ```mlir
    llm.weight @q : !llm.weight<576x576xq4_1> from ...
    // becomes with quant=f32
    llm.weight @q : !llm.weight<576x576xf32> from ...
    ```
  }];
  let options = [Option<"quant", "quant", "std::string", "\"keep\"", "keep, f32, q8 or q4">];
}

def LlmCanonicalizeRopePass : Pass<"llm-canonicalize-rope", "llm::ModelOp"> {
  let summary = "Rewrite half-style RoPE as interleaved by permuting weight rows";
  let description = [{
    A pair of `half` RoPE is (i, i + d/2), so no short run of rows holds whole
    pairs; `interleaved` pairs are neighbours. The rows of q and k only meet
    each other in dot products, so permuting both in the same way changes no
    result. The permutation becomes the row order of the weight's source and
    costs nothing at run time.

    ```mlir
    %0 = llm.linear %x, @q            // rows as in the file
    %1 = llm.rope %0 {style = half}
    // becomes
    %0 = llm.linear %x, @q            // source order rope_interleave
    %1 = llm.rope %0 {style = interleaved}
    ```
  }];
}

def LlmFuseGateUpPass : Pass<"llm-fuse-gate-up", "llm::ModelOp"> {
  let summary = "Fuse the gate and up products of a SwiGLU into one";
  let description = [{
    The rows of both matrices alternate in groups (32 where the output will be
    quantised, 16 for float formats), so that one thread holds matching gate
    and up rows and reads one stream.

    ```mlir
    %g = llm.linear %x, @gate
    %u = llm.linear %x, @up
    %y = llm.swiglu %g, %u
    // becomes
    %gu = llm.linear %x, @gate_up     // interleave = 32
    %y = llm.swiglu_interleaved %gu {group = 32}
    ```
  }];
  let statistics = [Statistic<"fused", "fused", "Number of gate and up pairs fused">];
}

def LlmFuseQkvPass : Pass<"llm-fuse-qkv", "llm::ModelOp"> {
  let summary = "Fuse the q, k and v products into one";
  let description = [{
    ```mlir
    %q = llm.linear %x, @q
    %k = llm.linear %x, @k
    %v = llm.linear %x, @v
    // becomes
    %qkv = llm.linear %x, @q_k_v
    %q = llm.slice %qkv ...
    ```
    Fires where three linears share an operand, a weight format and users of
    one llm.attention.
  }];
  let statistics = [Statistic<"fused", "fused", "Number of q, k, v triples fused">];
}

def LlmFuseQuantizePass : Pass<"llm-fuse-quantize", "llm::ModelOp"> {
  let summary = "Let the producer of a value quantise it";
  let description = [{
    A norm or a SwiGLU whose only use is `llm.quantize` returns the quantised
    value itself.

    ```mlir
    %n = llm.rms_norm %x, @w : tensor<?x576xf32>
    %q = llm.quantize %n : !llm.quantized<576>
    // becomes
    %q = llm.rms_norm %x, @w : !llm.quantized<576>
    ```
  }];
  let statistics = [Statistic<"fused", "fused", "Number of quantisations fused">];
}

def LlmFuseResidualPass : Pass<"llm-fuse-residual", "llm::ModelOp"> {
  let summary = "Add the residual in the epilogue of the product before it";
  let description = [{
    ```mlir
    %d = llm.linear %x, @w
    %y = llm.add %h, %d
    // becomes
    %y = llm.linear %x, @w residual %h
    ```
  }];
  let statistics = [Statistic<"fused", "fused", "Number of residual additions fused">];
}

def LlmQuantizeActivationsPass : Pass<"llm-quantize-activations", "llm::ModelOp"> {
  let summary = "Quantise the operand of every product with a quantised weight";
  let description = [{
    Inserts `llm.quantize` (8 bits, groups of 32) before each linear and logits
    whose weight format is quantised; a value with several such users is
    quantised once. With `per-token` the whole row shares one scale, where the
    weight's format allows it (one scale a row).
  }];
  let options = [Option<"perToken", "per-token", "bool", "false",
                        "One scale a token instead of groups of 32">];
}

//===----------------------------------------------------------------------===//
// From llm to plan
//===----------------------------------------------------------------------===//

def ConvertLlmToPlanPass : Pass<"convert-llm-to-plan", "::mlir::ModuleOp"> {
  let summary = "Lower every llm.model to a plan.model";
  let description = [{
    One entry for each number of rows in `max-rows`, each with a function a
    block. Every op becomes the launch of a kernel with a split over threads;
    barriers, addresses and image offsets come later.
  }];
  let options = [
    ListOption<"maxRows", "max-rows", "int64_t", "Rows of each entry, ascending; the first is 1">,
    Option<"kvFormat", "kv", "std::string", "\"f16\"", "Element format of the KV cache">,
    Option<"context", "context", "int64_t", "0", "Positions of a slot; 0: the model's">,
  ];
  let dependentDialects = ["plan::PlanDialect"];
}

//===----------------------------------------------------------------------===//
// On plan
//===----------------------------------------------------------------------===//

def PlanAssignArenaPass : Pass<"plan-assign-arena", "plan::ModelOp"> {
  let summary = "Give every buffer an offset in the arena or in a thread's scratch";
  let description = [{
    Threads run apart between two barriers, so shared buffers may lie over each
    other only if a barrier separates the last use of one from the first use of
    the other. A thread's own scratch follows program order.
  }];
}

def PlanLayoutImagePass : Pass<"plan-layout-image", "plan::ModelOp"> {
  let summary = "Place the weights in the packed image in the order decode reads them";
}

def PlanPlaceBarriersPass : Pass<"plan-place-barriers", "plan::ModelOp"> {
  let summary = "Insert a barrier wherever data crosses threads, and nowhere else";
  let description = [{
    Walks each function once, remembering what was touched since the last
    barrier. A launch that conflicts with it (one of them writes, and the two
    splits do not give the bytes to the same thread) gets a barrier before it;
    so does the second of two whose parts threads take as they come.
  }];
  let statistics = [Statistic<"placed", "placed", "Number of barriers placed">];
}

def PlanPrefetchPass : Pass<"plan-prefetch", "plan::ModelOp"> {
  let summary = "Ask for the next matrix's first rows before each barrier";
  let description = [{
    The memory bus idles while threads wait for each other and while a shared
    block runs from cache; a prefetch of the thread's own next rows fills it.
  }];
  let options = [Option<"bytes", "bytes", "int64_t", "4096", "Bytes asked for by each thread">];
}

def PlanVerifyPass : Pass<"plan-verify", "plan::ModelOp"> {
  let summary = "Prove that barriers and addresses are right";
  let description = [{
    Fails where two launches without a barrier between them touch the same
    bytes, one of them writing, from different threads; where two barriers
    stand with nothing between them that needs one; where buffers that are
    alive together overlap or leave the arena.
  }];
}
#endif
