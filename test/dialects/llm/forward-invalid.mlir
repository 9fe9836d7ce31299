// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @forward_c1 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  // expected-error @below {{takes other arguments than the token ids}}
  llm.forward @forward(%x: tensor<?x64xf32>) {
    %0 = llm.logits %x, @w : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %0 : tensor<?x64xf32>
  }
}

// -----

llm.model @forward_c2 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  // expected-error @below {{does not return logits}}
  llm.forward @forward(%t: tensor<?xi32>) {
    %0 = llm.embedding %t, @w : tensor<?xi32> -> tensor<?x64xf32>
    llm.return %0 : tensor<?x64xf32>
  }
}

// -----

llm.model @forward_c3 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    llm.return %x : tensor<?x64xf32>
  }
  llm.forward @forward(%t: tensor<?xi32>) {
    %0 = llm.embedding %t, @w : tensor<?xi32> -> tensor<?x64xf32>
    %1 = llm.call @b(%0) slot 3 : tensor<?x64xf32>
    // expected-error @below {{uses slot 3, which another run has}}
    %2 = llm.call @b(%1) slot 3 : tensor<?x64xf32>
    %3 = llm.logits %2, @w : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %3 : tensor<?x64xf32>
  }
}
