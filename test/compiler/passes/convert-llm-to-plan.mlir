// RUN: ingot-opt %s --convert-llm-to-plan="max-rows=1,8 kv=f32" | FileCheck %s
// RUN: ingot-opt %s --convert-llm-to-plan="max-rows=1,8" --plan-place-barriers --plan-assign-arena --plan-layout-image --plan-verify -o /dev/null

// Two runs of one block: one function, two slots.
// CHECK: plan.model @m attributes {{.*}}kv_format = "f32"{{.*}}slots = 2
// CHECK-LABEL: plan.func @decode_b
// CHECK-SAME: max_rows 1
// CHECK: plan.launch @rms_norm{{.*}} split(<everyone>)
// CHECK: plan.launch @matvec_f32_f32_64x32{{.*}} split(<units, 4>)
// CHECK: plan.launch @rope_q{{.*}} split(<units, 4, window = [0, 2]>)
// CHECK: plan.launch @kv_store_k_f32{{.*}} split(<units, 4, window = [2, 3]>)
// CHECK: plan.launch @kv_store_v_f32{{.*}} split(<units, 4, window = [3, 4]>)
// CHECK: plan.launch @attention_partial_f32{{.*}} split(<items, 1>)
// CHECK: plan.launch @attention_combine{{.*}} split(<everyone>)
// CHECK: plan.launch @matvec_f32_f32_32x32{{.*}} split(<units, 2>)
// CHECK: plan.func @decode() max_rows 1 entry
// CHECK: plan.launch @embedding_f32{{.*}} split(<tokens>)
// CHECK: plan.call @decode_b({{.*}}) slot 0
// CHECK: plan.call @decode_b({{.*}}) slot 1
// CHECK: plan.call @decode_head({{.*}}) logits_rows
// With many rows, what every thread did for itself is shared out.
// CHECK-LABEL: plan.func @prefill_8_b
// CHECK: plan.launch @rms_norm{{.*}} split(<tokens>)
// CHECK: plan.launch @matmat_f32_f32_64x32{{.*}} split(<units, 4>)
// CHECK: plan.attend
llm.model @m attributes {max_context = 64} {
  llm.weight @e : !llm.weight<48x32xf32> from [#llm.source<"e", 48, 32>]
  llm.weight @n : !llm.weight<32xf32> from [#llm.source<"n", 32, 1>]
  llm.weight @qkv : !llm.weight<64x32xf32> from [#llm.source<"q", 32, 32>, #llm.source<"k", 16, 32>, #llm.source<"v", 16, 32>]
  llm.weight @o : !llm.weight<32x32xf32> from [#llm.source<"o", 32, 32>]
  llm.block @b(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %n = llm.rms_norm %x, @n eps 1.0e-5 : tensor<?x32xf32> -> tensor<?x32xf32>
    %qkv = llm.linear %n, @qkv : tensor<?x32xf32> -> tensor<?x64xf32>
    %q = llm.slice %qkv from 0 : tensor<?x64xf32> -> tensor<?x32xf32>
    %k = llm.slice %qkv from 32 : tensor<?x64xf32> -> tensor<?x16xf32>
    %v = llm.slice %qkv from 48 : tensor<?x64xf32> -> tensor<?x16xf32>
    %rq = llm.rope %q head_dim 16 theta 10000.0 style interleaved : tensor<?x32xf32>
    %rk = llm.rope %k head_dim 16 theta 10000.0 style interleaved : tensor<?x16xf32>
    %a = llm.attention %rq, %rk, %v, %slot heads 2 kv_heads 1 head_dim 16 scale 0.25 : tensor<?x32xf32>, tensor<?x16xf32>, !llm.kv_slot
    %y = llm.linear %a, @o residual %x : tensor<?x32xf32> : tensor<?x32xf32> -> tensor<?x32xf32>
    llm.return %y : tensor<?x32xf32>
  }
  llm.forward @forward(%tokens: tensor<?xi32>) {
    %x = llm.embedding %tokens, @e : tensor<?xi32> -> tensor<?x32xf32>
    %a = llm.call @b(%x) slot 0 : tensor<?x32xf32>
    %b = llm.call @b(%a) slot 1 : tensor<?x32xf32>
    %n = llm.rms_norm %b, @n eps 1.0e-5 : tensor<?x32xf32> -> tensor<?x32xf32>
    %l = llm.logits %n, @e : tensor<?x32xf32> -> tensor<?x48xf32>
    llm.return %l : tensor<?x48xf32>
  }
}
