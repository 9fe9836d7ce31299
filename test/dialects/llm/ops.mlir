// RUN: ingot-opt %s | ingot-opt | FileCheck %s
// RUN: ingot-opt %s --mlir-print-op-generic | ingot-opt | FileCheck %s

// CHECK-LABEL: llm.model @"plain-model" attributes {max_context = 2048 : i64}
llm.model @"plain-model" attributes {max_context = 2048 : i64} {
  // CHECK: llm.weight @embedding : !llm.weight<128x64xq8_0> from [#llm.source<"model.embed_tokens.weight", 128, 64>]
  llm.weight @embedding : !llm.weight<128x64xq8_0> from [#llm.source<"model.embed_tokens.weight", 128, 64>]
  // CHECK: llm.weight @norm : !llm.weight<64xf32> from [#llm.source<"norm", 64, 1>]
  llm.weight @norm : !llm.weight<64xf32> from [#llm.source<"norm", 64, 1>]
  // CHECK: llm.weight @q : !llm.weight<64x64xq4_1> from [#llm.source<"q", 64, 64, rope_interleave = 16>]
  llm.weight @q : !llm.weight<64x64xq4_1> from [#llm.source<"q", 64, 64, rope_interleave = 16>]
  llm.weight @kv : !llm.weight<32x64xq4_0> from [#llm.source<"k", 32, 64>]
  llm.weight @o : !llm.weight<64x64xf16> from [#llm.source<"o", 64, 64>]
  llm.weight @gate : !llm.weight<48x64xf32> from [#llm.source<"gate", 48, 64>]
  llm.weight @down : !llm.weight<64x48xf32> from [#llm.source<"down", 64, 48>]

  // CHECK: llm.block @block_0(%[[X:.*]]: tensor<?x64xf32>, %[[SLOT:.*]]: !llm.kv_slot) {
  llm.block @block_0(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // CHECK: %[[N:.*]] = llm.rms_norm %[[X]], @norm eps 1.000000e-05 : tensor<?x64xf32> -> tensor<?x64xf32>
    %n = llm.rms_norm %x, @norm eps 1.0e-5 : tensor<?x64xf32> -> tensor<?x64xf32>
    // CHECK: %[[Q:.*]] = llm.linear %[[N]], @q : tensor<?x64xf32> -> tensor<?x64xf32>
    %q = llm.linear %n, @q : tensor<?x64xf32> -> tensor<?x64xf32>
    %k = llm.linear %n, @kv : tensor<?x64xf32> -> tensor<?x32xf32>
    %v = llm.linear %n, @kv : tensor<?x64xf32> -> tensor<?x32xf32>
    // CHECK: %[[QR:.*]] = llm.rope %[[Q]] head_dim 16 theta 1.000000e+04 style interleaved : tensor<?x64xf32>
    %qr = llm.rope %q head_dim 16 theta 1.0e4 style interleaved : tensor<?x64xf32>
    // CHECK: %[[KR:.*]] = llm.rope %{{.*}} head_dim 16 theta 1.000000e+04 style half : tensor<?x32xf32>
    %kr = llm.rope %k head_dim 16 theta 1.0e4 style half : tensor<?x32xf32>
    // CHECK: %[[A:.*]] = llm.attention %[[QR]], %[[KR]], %{{.*}}, %[[SLOT]] heads 4 kv_heads 2 head_dim 16 scale 2.500000e-01 : tensor<?x64xf32>, tensor<?x32xf32>, !llm.kv_slot
    %a = llm.attention %qr, %kr, %v, %slot heads 4 kv_heads 2 head_dim 16 scale 0.25 : tensor<?x64xf32>, tensor<?x32xf32>, !llm.kv_slot
    // CHECK: %[[H:.*]] = llm.linear %[[A]], @o residual %[[X]] : tensor<?x64xf32> : tensor<?x64xf32> -> tensor<?x64xf32>
    %h = llm.linear %a, @o residual %x : tensor<?x64xf32> : tensor<?x64xf32> -> tensor<?x64xf32>
    %m = llm.rms_norm %h, @norm eps 1.0e-5 : tensor<?x64xf32> -> tensor<?x64xf32>
    %g = llm.linear %m, @gate : tensor<?x64xf32> -> tensor<?x48xf32>
    // CHECK: llm.swiglu %{{.*}}, %{{.*}} : tensor<?x48xf32>
    %s = llm.swiglu %g, %g : tensor<?x48xf32>
    %d = llm.linear %s, @down : tensor<?x48xf32> -> tensor<?x64xf32>
    // CHECK: llm.add %[[H]], %{{.*}} : tensor<?x64xf32>
    %y = llm.add %h, %d : tensor<?x64xf32>
    // CHECK: llm.return %{{.*}} : tensor<?x64xf32>
    llm.return %y : tensor<?x64xf32>
  }

  // CHECK: llm.forward @forward(%[[T:.*]]: tensor<?xi32>) {
  llm.forward @forward(%t: tensor<?xi32>) {
    // CHECK: %[[E:.*]] = llm.embedding %[[T]], @embedding : tensor<?xi32> -> tensor<?x64xf32>
    %0 = llm.embedding %t, @embedding : tensor<?xi32> -> tensor<?x64xf32>
    // CHECK: %[[R0:.*]] = llm.call @block_0(%[[E]]) slot 0 : tensor<?x64xf32>
    %1 = llm.call @block_0(%0) slot 0 : tensor<?x64xf32>
    // CHECK: llm.call @block_0(%[[R0]]) slot 1 : tensor<?x64xf32>
    %2 = llm.call @block_0(%1) slot 1 : tensor<?x64xf32>
    // CHECK: llm.logits %{{.*}}, @embedding : tensor<?x64xf32> -> tensor<?x128xf32>
    %3 = llm.logits %2, @embedding : tensor<?x64xf32> -> tensor<?x128xf32>
    llm.return %3 : tensor<?x128xf32>
  }
}

// The forms that fusing makes.
// CHECK-LABEL: llm.model @fused
llm.model @fused attributes {max_context = 64 : i64} {
  llm.weight @norm : !llm.weight<64xf32> from [#llm.source<"norm", 64, 1>]
  // CHECK: llm.weight @q_k_v : !llm.weight<128x64xq4_1> from [#llm.source<"q", 64, 64, rope_interleave = 16>, #llm.source<"k", 32, 64, rope_interleave = 16>, #llm.source<"v", 32, 64>]
  llm.weight @q_k_v : !llm.weight<128x64xq4_1> from [#llm.source<"q", 64, 64, rope_interleave = 16>, #llm.source<"k", 32, 64, rope_interleave = 16>, #llm.source<"v", 32, 64>]
  // CHECK: llm.weight @gate_up : !llm.weight<128x64xq4_1> from [#llm.source<"gate", 48, 64>, #llm.source<"up", 48, 64>] {interleave = 32 : i64}
  llm.weight @gate_up : !llm.weight<128x64xq4_1> from [#llm.source<"gate", 48, 64>, #llm.source<"up", 48, 64>] {interleave = 32 : i64}

  llm.block @block(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // CHECK: %[[N:.*]] = llm.rms_norm %{{.*}}, @norm eps 1.000000e-05 : tensor<?x64xf32> -> !llm.quantized<64>
    %n = llm.rms_norm %x, @norm eps 1.0e-5 : tensor<?x64xf32> -> !llm.quantized<64>
    // CHECK: %[[QKV:.*]] = llm.linear %[[N]], @q_k_v : !llm.quantized<64> -> tensor<?x128xf32>
    %qkv = llm.linear %n, @q_k_v : !llm.quantized<64> -> tensor<?x128xf32>
    // CHECK: llm.slice %[[QKV]] from 64 : tensor<?x128xf32> -> tensor<?x32xf32>
    %k = llm.slice %qkv from 64 : tensor<?x128xf32> -> tensor<?x32xf32>
    %gu = llm.linear %n, @gate_up : !llm.quantized<64> -> tensor<?x128xf32>
    // CHECK: llm.swiglu_interleaved %{{.*}} group 32 : tensor<?x128xf32> -> tensor<?x48xf32>
    %s = llm.swiglu_interleaved %gu group 32 : tensor<?x128xf32> -> tensor<?x48xf32>
    // CHECK: llm.swiglu_interleaved %{{.*}} group 32 : tensor<?x128xf32> -> !llm.quantized<64>
    %t = llm.swiglu_interleaved %qkv group 32 : tensor<?x128xf32> -> !llm.quantized<64>
    // CHECK: llm.quantize %{{.*}} : tensor<?x64xf32> -> !llm.quantized<64>
    %z = llm.quantize %x : tensor<?x64xf32> -> !llm.quantized<64>
    llm.return %x : tensor<?x64xf32>
  }
}
