// RUN: ingot-opt %s --split-input-file --verify-diagnostics

plan.model @call_c1 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.func @main() max_rows 1 entry {
    // expected-error @below {{calls 'f', which does not exist}}
    plan.call @f() : () -> ()
  }
}

// -----

plan.model @call_c2 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.func @other() max_rows 1 entry {
  }
  plan.func @main() max_rows 1 entry {
    // expected-error @below {{calls 'other', which is an entry}}
    plan.call @other() : () -> ()
  }
}

// -----

plan.model @call_c3 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
  }
  plan.func @main() max_rows 1 entry {
    // expected-error @below {{passes other operands than 'f' takes}}
    plan.call @f() : () -> ()
  }
}

// -----

plan.model @call_c4 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.func @f() max_rows 1 {
  }
  plan.func @main() max_rows 1 entry {
    // expected-error @below {{has a slot, but no use for it in 'f'}}
    plan.call @f() slot 0 : () -> ()
  }
}

// -----

plan.model @call_c5 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}
  plan.func @f() max_rows 1 {
    %k = plan.slot keys : !plan.slot
    plan.launch @k split(<units, 4>) ins() outs(%k : !plan.slot) access [own]
  }
  plan.func @main() max_rows 1 entry {
    // expected-error @below {{has slot 7, expected one below 1}}
    plan.call @f() slot 7 : () -> ()
  }
}
