// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @block_c1 attributes {max_context = 64 : i64} {
  // expected-error @below {{takes other arguments than the residual stream and a KV slot}}
  llm.block @b(%x: tensor<?x64xf32>) {
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @block_c2 attributes {max_context = 64 : i64} {
  // expected-error @below {{does not return the residual stream's type 'tensor<?x64xf32>'}}
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    %0 = llm.slice %x from 0 : tensor<?x64xf32> -> tensor<?x32xf32>
    llm.return %0 : tensor<?x32xf32>
  }
}

// -----

llm.model @block_c2_nothing attributes {max_context = 64 : i64} {
  // expected-error @below {{does not return the residual stream's type 'tensor<?x64xf32>'}}
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    llm.return
  }
}

// -----

llm.model @block_c3 attributes {max_context = 64 : i64} {
  // expected-error @below {{has more than one attention, but one KV slot}}
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    %0 = llm.attention %x, %x, %x, %slot heads 4 kv_heads 4 head_dim 16 scale 0.25 : tensor<?x64xf32>, tensor<?x64xf32>, !llm.kv_slot
    %1 = llm.attention %0, %x, %x, %slot heads 4 kv_heads 4 head_dim 16 scale 0.25 : tensor<?x64xf32>, tensor<?x64xf32>, !llm.kv_slot
    llm.return %1 : tensor<?x64xf32>
  }
}

// -----

llm.model @block_terminator attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{block with no terminator}}
    %0 = llm.slice %x from 0 : tensor<?x64xf32> -> tensor<?x32xf32>
  }
}

// -----

llm.model @block_empty attributes {max_context = 64 : i64} {
  // expected-error @below {{expects a non-empty block}}
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
  }
}

// -----

// expected-error @below {{expects parent op 'llm.model'}}
llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
  llm.return %x : tensor<?x64xf32>
}
