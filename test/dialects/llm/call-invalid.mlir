// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @call_c1 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.forward @forward(%t: tensor<?xi32>) {
    %0 = llm.embedding %t, @w : tensor<?xi32> -> tensor<?x64xf32>
    // expected-error @below {{calls the block 'w', which does not exist}}
    %1 = llm.call @w(%0) slot 0 : tensor<?x64xf32>
    %2 = llm.logits %1, @w : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %2 : tensor<?x64xf32>
  }
}

// -----

llm.model @call_c2 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.block @b(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    llm.return %x : tensor<?x32xf32>
  }
  llm.forward @forward(%t: tensor<?xi32>) {
    %0 = llm.embedding %t, @w : tensor<?xi32> -> tensor<?x64xf32>
    // expected-error @below {{passes 'tensor<?x64xf32>' to a block of 'tensor<?x32xf32>'}}
    %1 = llm.call @b(%0) slot 0 : tensor<?x64xf32>
    %2 = llm.logits %1, @w : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %2 : tensor<?x64xf32>
  }
}

// -----

// A block cannot run another, nor itself.
llm.model @call_parent attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{expects parent op 'llm.forward'}}
    %0 = llm.call @b(%x) slot 0 : tensor<?x64xf32>
    llm.return %0 : tensor<?x64xf32>
  }
}
