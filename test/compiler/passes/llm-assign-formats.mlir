// RUN: ingot-opt %s --llm-assign-formats=quant=f32 | FileCheck %s --check-prefix=F32
// RUN: ingot-opt %s --llm-assign-formats | FileCheck %s --check-prefix=KEEP
// RUN: ingot-opt %s --llm-assign-formats=quant=q8 | FileCheck %s --check-prefix=Q8
// RUN: ingot-opt %s --llm-assign-formats=quant=q4 | FileCheck %s --check-prefix=Q4
// RUN: not ingot-opt %s --llm-assign-formats=quant=q3 2>&1 | FileCheck %s --check-prefix=BAD

// BAD: unknown quantisation 'q3', expected keep, f32, q8 or q4
llm.model @m attributes {max_context = 64} {
  // F32: llm.weight @w : !llm.weight<64x64xf32>
  // KEEP: llm.weight @w : !llm.weight<64x64xq4_1>
  llm.weight @w : !llm.weight<64x64xq4_1> from [#llm.source<"w", 64, 64>]
  // KEEP: llm.weight @h : !llm.weight<64x64xf16>
  llm.weight @h : !llm.weight<64x64xf16> from [#llm.source<"h", 64, 64>]
  // Matrices become the compiler's own formats, the embedding and the head 8 bits in both.
  // Q8: llm.weight @e : !llm.weight<96x64xq8r>
  // Q4: llm.weight @e : !llm.weight<96x64xq8r>
  llm.weight @e : !llm.weight<96x64xf16> from [#llm.source<"e", 96, 64>]
  // Q8: llm.weight @o : !llm.weight<64x64xq8r>
  // Q4: llm.weight @o : !llm.weight<64x64xq4r>
  llm.weight @o : !llm.weight<64x64xq8_0> from [#llm.source<"o", 64, 64>]
  // Vectors stay floats.
  // Q8: llm.weight @v : !llm.weight<64xf32>
  // Q4: llm.weight @v : !llm.weight<64xf32>
  llm.weight @v : !llm.weight<64xf32> from [#llm.source<"v", 64, 1>]
  llm.forward @forward(%t: tensor<?xi32>) {
    %0 = llm.embedding %t, @e : tensor<?xi32> -> tensor<?x64xf32>
    %1 = llm.logits %0, @e : tensor<?x64xf32> -> tensor<?x96xf32>
    llm.return %1 : tensor<?x96xf32>
  }
}
