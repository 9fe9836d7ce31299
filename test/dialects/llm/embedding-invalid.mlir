// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @embedding_c1 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.weight @norm : !llm.weight<64xf32> from [#llm.source<"norm", 64, 1>]
  llm.forward @forward(%t: tensor<?xi32>) {
    // expected-error @below {{names the weight 'v', which does not exist}}
    %0 = llm.embedding %t, @v : tensor<?xi32> -> tensor<?x64xf32>
    %1 = llm.logits %0, @w : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %1 : tensor<?x64xf32>
  }
}

// -----

llm.model @embedding_c2 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.weight @norm : !llm.weight<64xf32> from [#llm.source<"norm", 64, 1>]
  llm.forward @forward(%t: tensor<?xi32>) {
    // expected-error @below {{makes rows of 64 columns from '!llm.weight<64xf32>'}}
    %0 = llm.embedding %t, @norm : tensor<?xi32> -> tensor<?x64xf32>
    %1 = llm.logits %0, @w : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %1 : tensor<?x64xf32>
  }
}
