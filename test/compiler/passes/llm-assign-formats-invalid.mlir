// RUN: ingot-opt %s --llm-assign-formats=quant=q4 --verify-diagnostics

llm.model @m attributes {max_context = 64} {
  // expected-error @below {{weight 'w' has 48 columns, expected a multiple of 32 for 'q4'}}
  llm.weight @w : !llm.weight<64x48xf32> from [#llm.source<"w", 64, 48>]
}
