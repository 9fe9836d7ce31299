// RUN: ingot-opt %s --split-input-file --verify-diagnostics

plan.model @launch_c1 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    // expected-error @below {{has 1 accesses for 2 operands}}
    plan.launch @k split(<units, 4>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%x : !plan.buffer<1x64xf32, shared>) access [all]
  }
}

// -----

plan.model @launch_c2 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    // expected-error @below {{is done by everyone, but output #0 is not in a thread's scratch}}
    plan.launch @k split(<everyone>) ins() outs(%x : !plan.buffer<1x64xf32, shared>) access [all]
  }
}

// -----

plan.model @launch_c3 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    // expected-error @below {{writes all of output #0, expected only its own share}}
    plan.launch @k split(<units, 4>) ins() outs(%x : !plan.buffer<1x64xf32, shared>) access [all]
  }
}

// -----

plan.model @launch_c4 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %s = plan.buffer "s" : !plan.buffer<1x64xf32, scratch>
    // expected-error @below {{is done by everyone, so operand #0 cannot be divided}}
    plan.launch @k split(<everyone>) ins(%x : !plan.buffer<1x64xf32, shared>) outs(%s : !plan.buffer<1x64xf32, scratch>) access [own, all]
  }
}

// -----

plan.model @launch_c5 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    // expected-error @below {{names the kernel 'k', which does not exist}}
    plan.launch @k split(<units, 4>) ins() outs(%x : !plan.buffer<1x64xf32, shared>) access [own]
  }
}
