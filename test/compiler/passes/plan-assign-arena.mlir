// RUN: ingot-opt %s --plan-assign-arena | FileCheck %s

plan.model @m attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}

  // %a dies at the first barrier's far side and %c begins after the second:
  // they share memory. %b meets both and cannot. All lie above the caller's
  // 256 bytes.
  // CHECK-LABEL: plan.func @reuse
  // CHECK: plan.buffer "a" {offset = 256 : i64}
  // CHECK: plan.buffer "b" {offset = 512 : i64}
  // CHECK: plan.buffer "c" {offset = 256 : i64}
  plan.func @reuse(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" : !plan.buffer<1x64xf32, shared>
    %b = plan.buffer "b" : !plan.buffer<1x64xf32, shared>
    %c = plan.buffer "c" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<units, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, shared>) access [all, own]
    plan.barrier
    plan.launch @k split(<units, 4>) ins(%a : !plan.buffer<1x64xf32, shared>) outs(%b : !plan.buffer<1x64xf32, shared>) access [all, own]
    plan.barrier
    plan.launch @k split(<units, 4>) ins(%b : !plan.buffer<1x64xf32, shared>) outs(%c : !plan.buffer<1x64xf32, shared>) access [all, own]
  }

  // Without a barrier in between, threads may be on both sides: no reuse.
  // CHECK-LABEL: plan.func @no_reuse_without_barrier
  // CHECK: plan.buffer "a" {offset = 256 : i64}
  // CHECK: plan.buffer "b" {offset = 512 : i64}
  // CHECK: plan.buffer "c" {offset = 768 : i64}
  plan.func @no_reuse_without_barrier(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" : !plan.buffer<1x64xf32, shared>
    %b = plan.buffer "b" : !plan.buffer<1x64xf32, shared>
    %c = plan.buffer "c" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<units, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, shared>) access [all, own]
    plan.launch @k split(<units, 4>) ins(%a : !plan.buffer<1x64xf32, shared>) outs(%b : !plan.buffer<1x64xf32, shared>) access [own, own]
    plan.launch @k split(<units, 4>) ins(%b : !plan.buffer<1x64xf32, shared>) outs(%c : !plan.buffer<1x64xf32, shared>) access [own, own]
  }

  // Scratch follows program order: %s and %t never live together.
  // CHECK-LABEL: plan.func @scratch
  // CHECK: plan.buffer "s" {offset = 0 : i64}
  // CHECK: plan.buffer "t" {offset = 0 : i64}
  plan.func @scratch(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %s = plan.buffer "s" : !plan.buffer<1x64xf32, scratch>
    %t = plan.buffer "t" : !plan.buffer<1x64xf32, scratch>
    plan.launch @k split(<everyone>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%s : !plan.buffer<1x64xf32, scratch>) access [all, all]
    plan.launch @k split(<everyone>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%t : !plan.buffer<1x64xf32, scratch>) access [all, all]
  }

  // CHECK: plan.func @main() max_rows 1 entry attributes {arena_bytes = 1024 : i64, scratch_bytes = 256 : i64}
  plan.func @main() max_rows 1 entry {
    %x = plan.buffer "x" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<tokens>) ins() outs(%x : !plan.buffer<1x64xf32, shared>) access [own]
    plan.barrier
    plan.call @reuse(%x) : (!plan.buffer<1x64xf32, shared>) -> ()
    plan.barrier
    plan.call @no_reuse_without_barrier(%x) : (!plan.buffer<1x64xf32, shared>) -> ()
    plan.barrier
    plan.call @scratch(%x) : (!plan.buffer<1x64xf32, shared>) -> ()
  }
}
