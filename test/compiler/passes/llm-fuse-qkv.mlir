// RUN: ingot-opt %s --llm-fuse-qkv | FileCheck %s

// CHECK-LABEL: llm.model @m
llm.model @m attributes {max_context = 64} {
  llm.weight @q : !llm.weight<32x32xf32> from [#llm.source<"q", 32, 32>]
  llm.weight @k : !llm.weight<16x32xf32> from [#llm.source<"k", 16, 32>]
  llm.weight @v : !llm.weight<16x32xf32> from [#llm.source<"v", 16, 32>]
  llm.weight @v_half : !llm.weight<16x32xf16> from [#llm.source<"v_half", 16, 32>]
  // CHECK: llm.weight @q_k_v : !llm.weight<64x32xf32> from [#llm.source<"q", 32, 32>, #llm.source<"k", 16, 32>, #llm.source<"v", 16, 32>]

  // CHECK-LABEL: llm.block @fires
  llm.block @fires(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    // CHECK: %[[QKV:.*]] = llm.linear %{{.*}}, @q_k_v : tensor<?x32xf32> -> tensor<?x64xf32>
    // CHECK-DAG: %[[Q:.*]] = llm.slice %[[QKV]] from 0 : tensor<?x64xf32> -> tensor<?x32xf32>
    // CHECK-DAG: %[[K:.*]] = llm.slice %[[QKV]] from 32 : tensor<?x64xf32> -> tensor<?x16xf32>
    // CHECK-DAG: %[[V:.*]] = llm.slice %[[QKV]] from 48 : tensor<?x64xf32> -> tensor<?x16xf32>
    %q = llm.linear %x, @q : tensor<?x32xf32> -> tensor<?x32xf32>
    %k = llm.linear %x, @k : tensor<?x32xf32> -> tensor<?x16xf32>
    %v = llm.linear %x, @v : tensor<?x32xf32> -> tensor<?x16xf32>
    // CHECK: llm.rope %[[Q]]
    %rq = llm.rope %q head_dim 16 theta 10000.0 style interleaved : tensor<?x32xf32>
    // CHECK: llm.rope %[[K]]
    %rk = llm.rope %k head_dim 16 theta 10000.0 style interleaved : tensor<?x16xf32>
    // CHECK: llm.attention %{{.*}}, %{{.*}}, %[[V]], %{{.*}}
    %y = llm.attention %rq, %rk, %v, %slot heads 2 kv_heads 1 head_dim 16 scale 0.25 : tensor<?x32xf32>, tensor<?x16xf32>, !llm.kv_slot
    llm.return %y : tensor<?x32xf32>
  }

  // Products of other formats stay apart.
  // CHECK-LABEL: llm.block @quiet_on_other_formats
  // CHECK: llm.linear %{{.*}}, @q :
  // CHECK: llm.linear %{{.*}}, @k :
  // CHECK: llm.linear %{{.*}}, @v_half :
  llm.block @quiet_on_other_formats(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %q = llm.linear %x, @q : tensor<?x32xf32> -> tensor<?x32xf32>
    %k = llm.linear %x, @k : tensor<?x32xf32> -> tensor<?x16xf32>
    %v = llm.linear %x, @v_half : tensor<?x32xf32> -> tensor<?x16xf32>
    %y = llm.attention %q, %k, %v, %slot heads 2 kv_heads 1 head_dim 16 scale 0.25 : tensor<?x32xf32>, tensor<?x16xf32>, !llm.kv_slot
    llm.return %y : tensor<?x32xf32>
  }
}
