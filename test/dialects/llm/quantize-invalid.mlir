// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @quantize_c1 attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{makes 32 columns of 64}}
    %0 = llm.quantize %x : tensor<?x64xf32> -> !llm.quantized<32>
    llm.return %x : tensor<?x64xf32>
  }
}
