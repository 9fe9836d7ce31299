// RUN: ingot-opt %s | ingot-opt | FileCheck %s

// CHECK-LABEL: plan.model @m
plan.model @m attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 2, kv_format = "f16"} {
  // CHECK: plan.weight @w : !llm.weight<64x64xf32> from
  plan.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  // CHECK: plan.table @t [1.000000e+00, 5.000000e-01]
  plan.table @t [1.0, 0.5]
  // CHECK: plan.kernel @k "matvec_f32_f32" {cols = 64 : i64, rows = 64 : i64}
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}

  // CHECK: plan.func @block(%{{.*}}: !plan.buffer<1x64xf32, shared>) max_rows 1
  plan.func @block(%h: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    // CHECK: %[[S:.*]] = plan.buffer "s" : !plan.buffer<1x64xf32, scratch>
    %s = plan.buffer "s" : !plan.buffer<1x64xf32, scratch>
    // CHECK: plan.address @w : !plan.image
    %w = plan.address @w : !plan.image
    // CHECK: plan.slot keys : !plan.slot
    %k = plan.slot keys : !plan.slot
    // CHECK: plan.launch @k split(<everyone>)
    plan.launch @k split(<everyone>) ins(%h : !plan.buffer<1x64xf32, shared>) outs(%s : !plan.buffer<1x64xf32, scratch>) access [all, all]
    // CHECK: plan.launch @k split(<units, 8, window = [2, 6], scale = 2>)
    // CHECK-SAME: access [all, all, window]
    plan.launch @k split(<units, 8, window = [2, 6], scale = 2>) ins(%s, %w : !plan.buffer<1x64xf32, scratch>, !plan.image) outs(%k : !plan.slot) access [all, all, window]
    // CHECK: plan.prefetch @w split(<units, 4>) bytes 4096
    plan.prefetch @w split(<units, 4>) bytes 4096
    // CHECK: plan.barrier
    plan.barrier
    %q = plan.buffer "q" : !plan.buffer<1x64xf32, shared>
    %v = plan.slot values : !plan.slot
    // CHECK: plan.attend partial @k combine @k kv_heads 1 tile 4 queries(%{{.*}}) ins(%{{.*}}, %{{.*}}) scratch(%{{.*}}) outs(%{{.*}}) : !plan.buffer<1x64xf32, shared>, !plan.slot, !plan.slot, !plan.buffer<1x64xf32, scratch>, !plan.buffer<1x64xf32, shared>
    plan.attend partial @k combine @k kv_heads 1 tile 4 queries(%q) ins(%k, %v) scratch(%s) outs(%h) : !plan.buffer<1x64xf32, shared>, !plan.slot, !plan.slot, !plan.buffer<1x64xf32, scratch>, !plan.buffer<1x64xf32, shared>
    // CHECK: plan.copy %{{.*}} to %{{.*}} split(<units, 4>) accumulate : !plan.buffer<1x64xf32, shared>, !plan.buffer<1x64xf32, shared>
    plan.copy %q to %h split(<units, 4>) accumulate : !plan.buffer<1x64xf32, shared>, !plan.buffer<1x64xf32, shared>
    // CHECK: plan.return
  }

  // CHECK: plan.func @decode() max_rows 1 entry attributes {arena_bytes = 256 : i64, scratch_bytes = 256 : i64}
  plan.func @decode() max_rows 1 entry attributes {arena_bytes = 256 : i64, scratch_bytes = 256 : i64} {
    %h = plan.buffer "h" {offset = 0 : i64} : !plan.buffer<1x64xf32, shared>
    // CHECK: plan.call @block(%{{.*}}) slot 0 : (!plan.buffer<1x64xf32, shared>) -> ()
    plan.call @block(%h) slot 0 : (!plan.buffer<1x64xf32, shared>) -> ()
    plan.call @block(%h) slot 1 : (!plan.buffer<1x64xf32, shared>) -> ()
  }
}
