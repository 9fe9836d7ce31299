// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @attention_c1 attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{'kv_heads' is 3, expected a divisor of 'heads' (4)}}
    %0 = llm.attention %x, %x, %x, %slot heads 4 kv_heads 3 head_dim 16 scale 0.25 : tensor<?x64xf32>, tensor<?x64xf32>, !llm.kv_slot
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @attention_c2 attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{has 64 query columns, expected 128}}
    %0 = llm.attention %x, %x, %x, %slot heads 8 kv_heads 4 head_dim 16 scale 0.25 : tensor<?x64xf32>, tensor<?x64xf32>, !llm.kv_slot
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @attention_c3 attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{has 64 key and value columns, expected 32}}
    %0 = llm.attention %x, %x, %x, %slot heads 4 kv_heads 2 head_dim 16 scale 0.25 : tensor<?x64xf32>, tensor<?x64xf32>, !llm.kv_slot
    llm.return %x : tensor<?x64xf32>
  }
}
