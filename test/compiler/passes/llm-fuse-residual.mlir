// RUN: ingot-opt %s --llm-fuse-residual | FileCheck %s

// CHECK-LABEL: llm.model @m
llm.model @m attributes {max_context = 64} {
  llm.weight @w : !llm.weight<32x32xf32> from [#llm.source<"w", 32, 32>]

  // CHECK-LABEL: llm.block @fires
  // CHECK-NEXT: %[[Y:.*]] = llm.linear %[[X:.*]], @w residual %[[X]] : tensor<?x32xf32> : tensor<?x32xf32> -> tensor<?x32xf32>
  // CHECK-NEXT: llm.return %[[Y]]
  llm.block @fires(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %d = llm.linear %x, @w : tensor<?x32xf32> -> tensor<?x32xf32>
    %y = llm.add %x, %d : tensor<?x32xf32>
    llm.return %y : tensor<?x32xf32>
  }

  // The product itself is needed elsewhere.
  // CHECK-LABEL: llm.block @quiet_on_second_use
  // CHECK: llm.add
  // CHECK: llm.add
  llm.block @quiet_on_second_use(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %d = llm.linear %x, @w : tensor<?x32xf32> -> tensor<?x32xf32>
    %y = llm.add %x, %d : tensor<?x32xf32>
    %z = llm.add %y, %d : tensor<?x32xf32>
    llm.return %z : tensor<?x32xf32>
  }
}
