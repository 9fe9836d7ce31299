// RUN: ingot-opt %s --llm-fuse-quantize | FileCheck %s

// CHECK-LABEL: llm.model @m
llm.model @m attributes {max_context = 64} {
  llm.weight @n : !llm.weight<32xf32> from [#llm.source<"n", 32, 1>]
  llm.weight @n64 : !llm.weight<64xf32> from [#llm.source<"n64", 64, 1>]
  llm.weight @r : !llm.weight<64x64xq8r> from [#llm.source<"r", 64, 64>]
  llm.weight @gu : !llm.weight<64x32xq8_0> from [#llm.source<"gate", 32, 32>, #llm.source<"up", 32, 32>] {interleave = 32 : i64}
  llm.weight @w : !llm.weight<32x32xq8_0> from [#llm.source<"w", 32, 32>]

  // CHECK-LABEL: llm.block @fires
  // CHECK: llm.rms_norm %{{.*}} -> !llm.quantized<32>
  // CHECK: llm.swiglu_interleaved %{{.*}} -> !llm.quantized<32>
  // CHECK-NOT: = llm.quantize
  // CHECK: llm.return
  llm.block @fires(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %n = llm.rms_norm %x, @n eps 1.0e-5 : tensor<?x32xf32> -> tensor<?x32xf32>
    %q = llm.quantize %n : tensor<?x32xf32> -> !llm.quantized<32>
    %g = llm.linear %q, @gu : !llm.quantized<32> -> tensor<?x64xf32>
    %s = llm.swiglu_interleaved %g group 32 : tensor<?x64xf32> -> tensor<?x32xf32>
    %a = llm.quantize %s : tensor<?x32xf32> -> !llm.quantized<32>
    %y = llm.linear %a, @w : !llm.quantized<32> -> tensor<?x32xf32>
    llm.return %y : tensor<?x32xf32>
  }

  // A value that is also used as floats keeps both forms.
  // CHECK-LABEL: llm.block @quiet_on_second_use
  // CHECK: llm.rms_norm %{{.*}} -> tensor<?x32xf32>
  // CHECK: = llm.quantize
  llm.block @quiet_on_second_use(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %n = llm.rms_norm %x, @n eps 1.0e-5 : tensor<?x32xf32> -> tensor<?x32xf32>
    %q = llm.quantize %n : tensor<?x32xf32> -> !llm.quantized<32>
    %d = llm.linear %q, @w : !llm.quantized<32> -> tensor<?x32xf32>
    %y = llm.add %n, %d : tensor<?x32xf32>
    llm.return %y : tensor<?x32xf32>
  }

  // One scale a token needs the whole vector first.
  // CHECK-LABEL: llm.block @quiet_on_tokens
  // CHECK: llm.rms_norm %{{.*}} -> tensor<?x64xf32>
  // CHECK-NEXT: = llm.quantize %{{.*}} -> !llm.quantized<64, group = 64>
  llm.block @quiet_on_tokens(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    %n = llm.rms_norm %x, @n64 eps 1.0e-5 : tensor<?x64xf32> -> tensor<?x64xf32>
    %q = llm.quantize %n : tensor<?x64xf32> -> !llm.quantized<64, group = 64>
    %y = llm.linear %q, @r : !llm.quantized<64, group = 64> -> tensor<?x64xf32>
    llm.return %y : tensor<?x64xf32>
  }
}
