// RUN: ingot-opt %s --llm-canonicalize-rope | FileCheck %s

// CHECK-LABEL: llm.model @m
llm.model @m attributes {max_context = 64} {
  // CHECK: llm.weight @q : !llm.weight<32x32xf32> from [#llm.source<"q", 32, 32, rope_interleave = 16>]
  llm.weight @q : !llm.weight<32x32xf32> from [#llm.source<"q", 32, 32>]
  // CHECK: llm.weight @k : !llm.weight<16x32xf32> from [#llm.source<"k", 16, 32, rope_interleave = 16>]
  llm.weight @k : !llm.weight<16x32xf32> from [#llm.source<"k", 16, 32>]
  // Values are not rotated.
  // CHECK: llm.weight @v : !llm.weight<16x32xf32> from [#llm.source<"v", 16, 32>]
  llm.weight @v : !llm.weight<16x32xf32> from [#llm.source<"v", 16, 32>]
  // CHECK: llm.weight @q2 : !llm.weight<32x32xf32> from [#llm.source<"q2", 32, 32>]
  llm.weight @q2 : !llm.weight<32x32xf32> from [#llm.source<"q2", 32, 32>]

  // CHECK-LABEL: llm.block @fires
  // CHECK-COUNT-2: style interleaved
  llm.block @fires(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %q = llm.linear %x, @q : tensor<?x32xf32> -> tensor<?x32xf32>
    %k = llm.linear %x, @k : tensor<?x32xf32> -> tensor<?x16xf32>
    %v = llm.linear %x, @v : tensor<?x32xf32> -> tensor<?x16xf32>
    %rq = llm.rope %q head_dim 16 theta 10000.0 style half : tensor<?x32xf32>
    %rk = llm.rope %k head_dim 16 theta 10000.0 style half : tensor<?x16xf32>
    %y = llm.attention %rq, %rk, %v, %slot heads 2 kv_heads 1 head_dim 16 scale 0.25 : tensor<?x32xf32>, tensor<?x16xf32>, !llm.kv_slot
    llm.return %y : tensor<?x32xf32>
  }

  // A projection that is read unrotated elsewhere keeps its rows.
  // CHECK-LABEL: llm.block @quiet_on_second_use
  // CHECK-COUNT-2: style half
  llm.block @quiet_on_second_use(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %q = llm.linear %x, @q2 : tensor<?x32xf32> -> tensor<?x32xf32>
    %k = llm.linear %x, @k : tensor<?x32xf32> -> tensor<?x16xf32>
    %v = llm.linear %x, @v : tensor<?x32xf32> -> tensor<?x16xf32>
    %rq = llm.rope %q head_dim 16 theta 10000.0 style half : tensor<?x32xf32>
    %rk = llm.rope %k head_dim 16 theta 10000.0 style half : tensor<?x16xf32>
    %y = llm.attention %rq, %rk, %v, %slot heads 2 kv_heads 1 head_dim 16 scale 0.25 : tensor<?x32xf32>, tensor<?x16xf32>, !llm.kv_slot
    %z = llm.add %y, %q : tensor<?x32xf32>
    llm.return %z : tensor<?x32xf32>
  }
}
