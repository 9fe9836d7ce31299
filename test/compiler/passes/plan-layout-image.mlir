// RUN: ingot-opt %s --plan-layout-image | FileCheck %s

// Weights lie in the order of their first use in decode, cache lines apart;
// what nobody uses is dropped; the image ends at a page.
// CHECK: plan.model @m attributes {{.*}}image_bytes = 20480 : i64
plan.model @m attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  // CHECK: plan.weight @second : {{.*}} {bytes = 16384 : i64, offset = 0 : i64}
  // CHECK-NEXT: plan.weight @first : {{.*}} {bytes = 256 : i64, offset = 16384 : i64}
  // CHECK-NOT: plan.weight
  plan.weight @first : !llm.weight<64xf32> from [#llm.source<"first", 64, 1>]
  plan.weight @second : !llm.weight<64x64xf32> from [#llm.source<"second", 64, 64>]
  plan.weight @unused : !llm.weight<64x64xf32> from [#llm.source<"unused", 64, 64>]
  plan.func @decode() max_rows 1 entry {
    %a = plan.address @second : !plan.image
    %b = plan.address @first : !plan.image
  }
}
