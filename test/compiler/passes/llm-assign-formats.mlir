// RUN: ingot-opt %s --llm-assign-formats=quant=f32 | FileCheck %s --check-prefix=F32
// RUN: ingot-opt %s --llm-assign-formats | FileCheck %s --check-prefix=KEEP
// RUN: not ingot-opt %s --llm-assign-formats=quant=q3 2>&1 | FileCheck %s --check-prefix=BAD

// BAD: unknown quantisation 'q3', expected keep or f32
llm.model @m attributes {max_context = 64} {
  // F32: llm.weight @w : !llm.weight<64x64xf32>
  // KEEP: llm.weight @w : !llm.weight<64x64xq4_1>
  llm.weight @w : !llm.weight<64x64xq4_1> from [#llm.source<"w", 64, 64>]
  // KEEP: llm.weight @h : !llm.weight<64x64xf16>
  llm.weight @h : !llm.weight<64x64xf16> from [#llm.source<"h", 64, 64>]
}
