// RUN: ingot-opt %s --plan-place-barriers | FileCheck %s

plan.model @m attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}

  // What another thread wrote and this one reads as a whole needs a barrier.
  // CHECK-LABEL: plan.func @fires_on_crossing
  // CHECK: plan.launch @k
  // CHECK-NEXT: plan.barrier
  // CHECK-NEXT: plan.launch @k
  plan.func @fires_on_crossing(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" : !plan.buffer<1x64xf32, shared>
    %b = plan.buffer "b" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<units, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, shared>) access [all, own]
    plan.launch @k split(<units, 4>) ins(%a : !plan.buffer<1x64xf32, shared>) outs(%b : !plan.buffer<1x64xf32, shared>) access [all, own]
  }

  // A share that stays with its thread needs none.
  // CHECK-LABEL: plan.func @quiet_on_own_share
  // CHECK-NOT: plan.barrier
  // CHECK: plan.func @fires_on_another_division
  plan.func @quiet_on_own_share(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" : !plan.buffer<1x64xf32, shared>
    %b = plan.buffer "b" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<units, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, shared>) access [all, own]
    plan.launch @k split(<units, 4>) ins(%a : !plan.buffer<1x64xf32, shared>) outs(%b : !plan.buffer<1x64xf32, shared>) access [own, own]
  }

  // The same columns divided over other units belong to other threads.
  // CHECK: plan.launch
  // CHECK-NEXT: plan.barrier
  // CHECK-NEXT: plan.launch
  plan.func @fires_on_another_division(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" : !plan.buffer<1x64xf32, shared>
    %b = plan.buffer "b" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<units, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, shared>) access [all, own]
    plan.launch @k split(<units, 2>) ins(%a : !plan.buffer<1x64xf32, shared>) outs(%b : !plan.buffer<1x64xf32, shared>) access [own, own]
  }

  // Writing what others may still be reading needs a barrier too.
  // CHECK-LABEL: plan.func @fires_on_write_after_read
  // CHECK: plan.launch
  // CHECK-NEXT: plan.barrier
  // CHECK-NEXT: plan.launch
  plan.func @fires_on_write_after_read(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<units, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, shared>) access [all, own]
    plan.launch @k split(<units, 4>) ins(%a : !plan.buffer<1x64xf32, shared>) outs(%x : !plan.buffer<1x64xf32, shared>) access [own, own]
  }

  // A thread's scratch is its own.
  // CHECK-LABEL: plan.func @quiet_on_scratch
  // CHECK-NOT: plan.barrier
  // CHECK: plan.return
  plan.func @quiet_on_scratch(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" : !plan.buffer<1x64xf32, scratch>
    %b = plan.buffer "b" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<everyone>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, scratch>) access [all, all]
    plan.launch @k split(<units, 4>) ins(%a : !plan.buffer<1x64xf32, scratch>) outs(%b : !plan.buffer<1x64xf32, shared>) access [all, own]
  }

  // What threads take is counted from barrier to barrier.
  // CHECK-LABEL: plan.func @fires_between_items
  // CHECK: plan.launch
  // CHECK-NEXT: plan.barrier
  // CHECK-NEXT: plan.launch
  plan.func @fires_between_items(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" : !plan.buffer<1x64xf32, shared>
    %b = plan.buffer "b" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<items, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, shared>) access [all, own]
    plan.launch @k split(<items, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%b : !plan.buffer<1x64xf32, shared>) access [all, own]
  }

  // An item is whose that takes it: nobody's own.
  // CHECK-LABEL: plan.func @fires_on_items_own
  // CHECK: plan.launch
  // CHECK-NEXT: plan.barrier
  // CHECK-NEXT: plan.launch
  plan.func @fires_on_items_own(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" : !plan.buffer<1x64xf32, shared>
    %b = plan.buffer "b" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<units, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, shared>) access [all, own]
    plan.launch @k split(<items, 4>) ins(%a : !plan.buffer<1x64xf32, shared>) outs(%b : !plan.buffer<1x64xf32, shared>) access [own, own]
  }

  // CHECK-LABEL: plan.func @fires_around_calls
  // CHECK: plan.launch
  // CHECK-NEXT: plan.barrier
  // CHECK-NEXT: plan.call @quiet_on_scratch
  // CHECK-NEXT: plan.barrier
  // CHECK-NEXT: plan.call @quiet_on_scratch
  plan.func @fires_around_calls() max_rows 1 entry {
    %x = plan.buffer "x" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<tokens>) ins() outs(%x : !plan.buffer<1x64xf32, shared>) access [own]
    plan.call @quiet_on_scratch(%x) : (!plan.buffer<1x64xf32, shared>) -> ()
    plan.call @quiet_on_scratch(%x) : (!plan.buffer<1x64xf32, shared>) -> ()
  }
}
