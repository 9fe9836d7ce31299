// RUN: ingot-opt %s --split-input-file --verify-diagnostics

plan.model @kernel_c1 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  // expected-error @below {{parameter 'rows' is "many", expected an integer}}
  plan.kernel @k "matvec_f32_f32" {rows = "many"}
}

// -----

plan.model @func_c1 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  // expected-error @below {{argument #0 is 'i32', expected a buffer}}
  plan.func @f(%x: i32) max_rows 1 {
  }
}

// -----

plan.model @func_c2 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  // expected-error @below {{is an entry with 1 arguments, expected none}}
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 entry {
  }
}

// -----

plan.model @address_c1 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.kernel @k "matvec_f32_f32" {rows = 64, cols = 64}
  plan.func @f() max_rows 1 {
    // expected-error @below {{names 'k', expected a weight or a table}}
    %w = plan.address @k : !plan.image
  }
}

// -----

plan.model @prefetch_c1 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.func @f() max_rows 1 {
    // expected-error @below {{names 'w', expected a weight}}
    plan.prefetch @w split(<units, 4>) bytes 64
  }
}

// -----

plan.model @attend_c1 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.func @f(%q: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %s = plan.buffer "s" : !plan.buffer<1x64xf32, scratch>
    %k = plan.slot keys : !plan.slot
    %v = plan.slot values : !plan.slot
    // expected-error @below {{names the kernel 'p', which does not exist}}
    plan.attend partial @p combine @p kv_heads 1 tile 4 queries(%q) ins(%k, %v) scratch(%s) outs(%q) : !plan.buffer<1x64xf32, shared>, !plan.slot, !plan.slot, !plan.buffer<1x64xf32, scratch>, !plan.buffer<1x64xf32, shared>
  }
}

// -----

plan.model @copy_c1 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %w = plan.buffer "w" : !plan.buffer<1x80xf32, shared>
    // expected-error @below {{expected rows at least as wide}}
    plan.copy %x to %w split(<units, 4>) : !plan.buffer<1x64xf32, shared>, !plan.buffer<1x80xf32, shared>
  }
}

// -----

plan.model @copy_c2 attributes {vocab_size = 32, hidden_size = 64, kv_heads = 1, head_dim = 64, positions = 64, slots = 1, kv_format = "f16"} {
  plan.func @f(%x: !plan.buffer<1x64xf32, shared>) max_rows 1 {
    %n = plan.buffer "n" : !plan.buffer<1x60xf32, shared>
    // expected-error @below {{needs units that divide the columns evenly}}
    plan.copy %x to %n split(<units, 5>) : !plan.buffer<1x64xf32, shared>, !plan.buffer<1x60xf32, shared>
  }
}

// -----

// expected-error @below {{extent 0 is out of range}}
func.func private @buffer_extent() -> !plan.buffer<0x64xf32, shared>

// -----

// expected-error @below {{unknown space 'heap'}}
func.func private @buffer_space() -> !plan.buffer<1x64xf32, heap>

// -----

// expected-error @below {{element type is 'f64', expected f32, i8 or i32}}
func.func private @buffer_element() -> !plan.buffer<1x64xf64, shared>
