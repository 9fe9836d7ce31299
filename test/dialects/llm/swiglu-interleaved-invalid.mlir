// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @swiglu_interleaved_c1 attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{has 64 columns, expected 48 of gate and up in turns of 16}}
    %0 = llm.swiglu_interleaved %x group 16 : tensor<?x64xf32> -> tensor<?x48xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @swiglu_interleaved_c1_turn attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{has 64 columns, expected 32 of gate and up in turns of 24}}
    %0 = llm.swiglu_interleaved %x group 24 : tensor<?x64xf32> -> tensor<?x32xf32>
    llm.return %x : tensor<?x64xf32>
  }
}
