// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @rms_norm_c1 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{names the weight 'v', which does not exist}}
    %0 = llm.rms_norm %x, @v eps 1.0e-5 : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @rms_norm_c2 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{scales 64 columns with '!llm.weight<64x64xf32>'}}
    %0 = llm.rms_norm %x, @w eps 1.0e-5 : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @rms_norm_c3 attributes {max_context = 64 : i64} {
  llm.weight @norm : !llm.weight<64xf32> from [#llm.source<"norm", 64, 1>]
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{makes 32 columns of 64}}
    %0 = llm.rms_norm %x, @norm eps 1.0e-5 : tensor<?x64xf32> -> !llm.quantized<32>
    llm.return %x : tensor<?x64xf32>
  }
}
