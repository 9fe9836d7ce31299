// RUN: ingot-opt %s --llm-quantize-activations | FileCheck %s
// RUN: ingot-opt %s --llm-quantize-activations=per-token | FileCheck %s --check-prefix=TOKEN
// RUN: ingot-opt %s --llm-quantize-activations --llm-fuse-quantize | FileCheck %s --check-prefix=FUSED

// CHECK-LABEL: llm.model @m
llm.model @m attributes {max_context = 64} {
  llm.weight @n : !llm.weight<32xf32> from [#llm.source<"n", 32, 1>]
  llm.weight @w : !llm.weight<32x32xq8_0> from [#llm.source<"w", 32, 32>]
  llm.weight @r : !llm.weight<64x64xq8r> from [#llm.source<"r", 64, 64>]
  llm.weight @f : !llm.weight<32x32xf32> from [#llm.source<"f", 32, 32>]

  // One quantisation serves both products; a norm that is used only so makes it itself.
  // CHECK-LABEL: llm.block @fires_once
  // CHECK: %[[N:.*]] = llm.rms_norm
  // CHECK-NEXT: %[[Q:.*]] = llm.quantize %[[N]] : tensor<?x32xf32> -> !llm.quantized<32>
  // CHECK-NEXT: llm.linear %[[Q]], @w
  // CHECK-NEXT: llm.linear %[[Q]], @w
  // CHECK-NOT: = llm.quantize
  // FUSED-LABEL: llm.block @fires_once
  // FUSED: %[[N:.*]] = llm.rms_norm %{{.*}}, @n eps 1.000000e-05 : tensor<?x32xf32> -> !llm.quantized<32>
  // FUSED-NEXT: llm.linear %[[N]], @w
  llm.block @fires_once(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %n = llm.rms_norm %x, @n eps 1.0e-5 : tensor<?x32xf32> -> tensor<?x32xf32>
    %a = llm.linear %n, @w : tensor<?x32xf32> -> tensor<?x32xf32>
    %b = llm.linear %n, @w : tensor<?x32xf32> -> tensor<?x32xf32>
    %y = llm.add %a, %b : tensor<?x32xf32>
    llm.return %y : tensor<?x32xf32>
  }

  // A float weight takes floats, and a norm with a float use stays float.
  // CHECK-LABEL: llm.block @quiet_on_floats
  // CHECK: llm.linear %{{.*}}, @f : tensor<?x32xf32>
  // FUSED-LABEL: llm.block @quiet_on_floats
  // FUSED: llm.rms_norm %{{.*}} : tensor<?x32xf32> -> tensor<?x32xf32>
  // FUSED: llm.quantize
  llm.block @quiet_on_floats(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %n = llm.rms_norm %x, @n eps 1.0e-5 : tensor<?x32xf32> -> tensor<?x32xf32>
    %a = llm.linear %n, @f : tensor<?x32xf32> -> tensor<?x32xf32>
    %b = llm.linear %n, @w : tensor<?x32xf32> -> tensor<?x32xf32>
    %y = llm.add %a, %b : tensor<?x32xf32>
    llm.return %y : tensor<?x32xf32>
  }

  // One scale a token where the weight's format takes it.
  // TOKEN-LABEL: llm.block @fires_per_token
  // TOKEN: llm.quantize %{{.*}} : tensor<?x64xf32> -> !llm.quantized<64, group = 64>
  // TOKEN-NEXT: llm.linear %{{.*}}, @r : !llm.quantized<64, group = 64> -> tensor<?x64xf32>
  llm.block @fires_per_token(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    %y = llm.linear %x, @r : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %y : tensor<?x64xf32>
  }

  // TOKEN-LABEL: llm.block @quiet_on_groups
  // TOKEN: llm.quantize %{{.*}} -> !llm.quantized<32>
  llm.block @quiet_on_groups(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %y = llm.linear %x, @w : tensor<?x32xf32> -> tensor<?x32xf32>
    llm.return %y : tensor<?x32xf32>
  }
}
