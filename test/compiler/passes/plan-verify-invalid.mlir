// RUN: ingot-opt %s --plan-verify --split-input-file --verify-diagnostics

plan.model @missing_barrier attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" : !plan.buffer<1x64xf32, shared>
    %b = plan.buffer "b" : !plan.buffer<1x64xf32, shared>
    // expected-note @below {{here}}
    plan.launch @k split(<units, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, shared>) access [all, own]
    // expected-error @below {{needs a barrier: other threads touch the same bytes}}
    plan.launch @k split(<units, 4>) ins(%a : !plan.buffer<1x64xf32, shared>) outs(%b : !plan.buffer<1x64xf32, shared>) access [all, own]
  }
}

// -----

plan.model @idle_barrier attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" : !plan.buffer<1x64xf32, shared>
    %b = plan.buffer "b" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<units, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, shared>) access [all, own]
    // expected-error @below {{no data crosses threads at this barrier}}
    plan.barrier
    plan.launch @k split(<units, 4>) ins(%a : !plan.buffer<1x64xf32, shared>) outs(%b : !plan.buffer<1x64xf32, shared>) access [own, own]
  }
}

// -----

plan.model @taken_twice attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" : !plan.buffer<1x64xf32, shared>
    %b = plan.buffer "b" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<items, 1>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, shared>) access [all, own]
    // expected-error @below {{needs a barrier: what threads took is counted from one to the next}}
    plan.launch @k split(<items, 1>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%b : !plan.buffer<1x64xf32, shared>) access [all, own]
  }
}

// -----

// Buffers that lie over each other need a barrier between their uses.
plan.model @overlap attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %a = plan.buffer "a" {offset = 0 : i64} : !plan.buffer<1x64xf32, shared>
    %b = plan.buffer "b" {offset = 128 : i64} : !plan.buffer<1x64xf32, shared>
    // expected-note @below {{here}}
    plan.launch @k split(<units, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%a : !plan.buffer<1x64xf32, shared>) access [all, own]
    // expected-error @below {{needs a barrier: other threads touch the same bytes}}
    plan.launch @k split(<units, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%b : !plan.buffer<1x64xf32, shared>) access [all, own]
  }
}

// -----

plan.model @call_without_barrier attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
  }
  plan.func @main() max_rows 1 entry {
    %x = plan.buffer "x" : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<tokens>) ins() outs(%x : !plan.buffer<1x64xf32, shared>) access [own]
    // expected-error @below {{a callee expects all data to be visible}}
    plan.call @f(%x) : (!plan.buffer<1x64xf32, shared>) -> ()
  }
}

// -----

plan.model @outside attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}
  plan.func @main() max_rows 1 entry attributes {arena_bytes = 256 : i64, scratch_bytes = 0 : i64} {
    // expected-error @below {{lies at [64, 320), outside of [0, 256)}}
    %x = plan.buffer "x" {offset = 64 : i64} : !plan.buffer<1x64xf32, shared>
    plan.launch @k split(<tokens>) ins() outs(%x : !plan.buffer<1x64xf32, shared>) access [own]
  }
}
