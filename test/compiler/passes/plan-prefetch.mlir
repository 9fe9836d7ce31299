// RUN: ingot-opt %s --plan-prefetch=bytes=1024 | FileCheck %s

plan.model @m attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}

  // The next stream is asked for before the threads wait.
  // CHECK-LABEL: plan.func @fires
  // CHECK: plan.prefetch @w split(<units, 4>) bytes 1024
  // CHECK-NEXT: plan.barrier
  plan.func @fires(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %w = plan.address @w : !plan.image
    %y = plan.buffer "y" : !plan.buffer<1x64xf32, shared>
    plan.barrier
    plan.launch @k split(<units, 4>) ins(%x, %w : !plan.buffer<1x64xf32, shared>, !plan.image) outs(%y : !plan.buffer<1x64xf32, shared>) access [all, all, own]
  }

  // With many rows the weights are not what the bus waits for.
  // CHECK-LABEL: plan.func @quiet_on_many_rows
  // CHECK-NOT: plan.prefetch
  plan.func @quiet_on_many_rows(%x: !plan.buffer<8x64xf32, shared>) max_rows 8 {
    %w = plan.address @w : !plan.image
    %y = plan.buffer "y" : !plan.buffer<8x64xf32, shared>
    plan.barrier
    plan.launch @k split(<units, 4>) ins(%x, %w : !plan.buffer<8x64xf32, shared>, !plan.image) outs(%y : !plan.buffer<8x64xf32, shared>) access [all, all, own]
  }
}
