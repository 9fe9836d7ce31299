// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @logits_c1 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.weight @norm : !llm.weight<64xf32> from [#llm.source<"norm", 64, 1>]
  llm.forward @forward(%t: tensor<?xi32>) {
    %0 = llm.embedding %t, @w : tensor<?xi32> -> tensor<?x64xf32>
    // expected-error @below {{names the weight 'v', which does not exist}}
    %1 = llm.logits %0, @v : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %1 : tensor<?x64xf32>
  }
}

// -----

llm.model @logits_c2 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.weight @norm : !llm.weight<64xf32> from [#llm.source<"norm", 64, 1>]
  llm.forward @forward(%t: tensor<?xi32>) {
    %0 = llm.embedding %t, @w : tensor<?xi32> -> tensor<?x64xf32>
    // expected-error @below {{maps 64 columns to 64 with '!llm.weight<64xf32>'}}
    %1 = llm.logits %0, @norm : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %1 : tensor<?x64xf32>
  }
}

// -----

llm.model @logits_c4 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xq4r> from [#llm.source<"w", 64, 64>]
  llm.forward @forward(%t: tensor<?xi32>) {
    %0 = llm.embedding %t, @w : tensor<?xi32> -> tensor<?x64xf32>
    %q = llm.quantize %0 : tensor<?x64xf32> -> !llm.quantized<64, group = 64>
    // expected-error @below {{has an input of one scale a token, but the weight's format 'q4r' takes groups of 32}}
    %1 = llm.logits %q, @w : !llm.quantized<64, group = 64> -> tensor<?x64xf32>
    llm.return %1 : tensor<?x64xf32>
  }
}

// -----

llm.model @logits_c3 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.weight @norm : !llm.weight<64xf32> from [#llm.source<"norm", 64, 1>]
  llm.forward @forward(%t: tensor<?xi32>) {
    %0 = llm.embedding %t, @w : tensor<?xi32> -> tensor<?x64xf32>
    %q = llm.quantize %0 : tensor<?x64xf32> -> !llm.quantized<64>
    // expected-error @below {{has a quantised input, but the weight's format 'f32' takes floats}}
    %1 = llm.logits %q, @w : !llm.quantized<64> -> tensor<?x64xf32>
    llm.return %1 : tensor<?x64xf32>
  }
}
