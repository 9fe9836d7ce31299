// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @rope_c1 attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{'head_dim' is 1, expected an even number}}
    %0 = llm.rope %x head_dim 1 theta 1.0e4 style half : tensor<?x64xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @rope_c2 attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{has 64 columns, expected a multiple of 'head_dim' (24)}}
    %0 = llm.rope %x head_dim 24 theta 1.0e4 style half : tensor<?x64xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @rope_c3 attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{'theta' is not positive}}
    %0 = llm.rope %x head_dim 16 theta 0.0 style half : tensor<?x64xf32>
    llm.return %x : tensor<?x64xf32>
  }
}
