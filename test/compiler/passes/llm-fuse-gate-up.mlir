// RUN: ingot-opt %s --llm-fuse-gate-up | FileCheck %s

// CHECK-LABEL: llm.model @m
llm.model @m attributes {max_context = 64} {
  llm.weight @gate : !llm.weight<48x32xf32> from [#llm.source<"gate", 48, 32>]
  llm.weight @up : !llm.weight<48x32xf32> from [#llm.source<"up", 48, 32>]
  llm.weight @down : !llm.weight<32x48xf32> from [#llm.source<"down", 32, 48>]
  llm.weight @gate_q : !llm.weight<64x32xq4_1> from [#llm.source<"gate_q", 64, 32>]
  llm.weight @up_q : !llm.weight<64x32xq4_1> from [#llm.source<"up_q", 64, 32>]
  llm.weight @down_q : !llm.weight<32x64xq4_1> from [#llm.source<"down_q", 32, 64>]
  // Float formats take turns of a row block, quantised ones of a group.
  // CHECK-DAG: llm.weight @gate_up : !llm.weight<96x32xf32> from [#llm.source<"gate", 48, 32>, #llm.source<"up", 48, 32>] {interleave = 16 : i64}
  // CHECK-DAG: llm.weight @gate_q_q : !llm.weight<128x32xq4_1> from [#llm.source<"gate_q", 64, 32>, #llm.source<"up_q", 64, 32>] {interleave = 32 : i64}

  // CHECK-LABEL: llm.block @fires
  llm.block @fires(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    // CHECK: %[[GU:.*]] = llm.linear %{{.*}}, @gate_up : tensor<?x32xf32> -> tensor<?x96xf32>
    // CHECK-NEXT: llm.swiglu_interleaved %[[GU]] group 16 : tensor<?x96xf32> -> tensor<?x48xf32>
    %g = llm.linear %x, @gate : tensor<?x32xf32> -> tensor<?x48xf32>
    %u = llm.linear %x, @up : tensor<?x32xf32> -> tensor<?x48xf32>
    %s = llm.swiglu %g, %u : tensor<?x48xf32>
    %y = llm.linear %s, @down : tensor<?x48xf32> -> tensor<?x32xf32>
    llm.return %y : tensor<?x32xf32>
  }

  // CHECK-LABEL: llm.block @fires_in_groups
  // CHECK: llm.swiglu_interleaved %{{.*}} group 32 : tensor<?x128xf32> -> tensor<?x64xf32>
  llm.block @fires_in_groups(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %g = llm.linear %x, @gate_q : tensor<?x32xf32> -> tensor<?x64xf32>
    %u = llm.linear %x, @up_q : tensor<?x32xf32> -> tensor<?x64xf32>
    %s = llm.swiglu %g, %u : tensor<?x64xf32>
    %y = llm.linear %s, @down_q : tensor<?x64xf32> -> tensor<?x32xf32>
    llm.return %y : tensor<?x32xf32>
  }

  // A gate that is used elsewhere too stays.
  // CHECK-LABEL: llm.block @quiet_on_second_use
  // CHECK: llm.swiglu %{{.*}}, %{{.*}} : tensor<?x48xf32>
  llm.block @quiet_on_second_use(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %g = llm.linear %x, @gate : tensor<?x32xf32> -> tensor<?x48xf32>
    %u = llm.linear %x, @up : tensor<?x32xf32> -> tensor<?x48xf32>
    %s = llm.swiglu %g, %u : tensor<?x48xf32>
    %a = llm.add %s, %g : tensor<?x48xf32>
    %y = llm.linear %a, @down : tensor<?x48xf32> -> tensor<?x32xf32>
    llm.return %y : tensor<?x32xf32>
  }
}
