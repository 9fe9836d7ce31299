// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @linear_c1 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{names the weight 'v', which does not exist}}
    %0 = llm.linear %x, @v : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @linear_c1_block attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{names the weight 'b', which does not exist}}
    %0 = llm.linear %x, @b : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @linear_c2 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{maps 64 columns to 32 with '!llm.weight<64x64xf32>'}}
    %0 = llm.linear %x, @w : tensor<?x64xf32> -> tensor<?x32xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @linear_c2_vector attributes {max_context = 64 : i64} {
  llm.weight @norm : !llm.weight<64xf32> from [#llm.source<"norm", 64, 1>]
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{maps 64 columns to 64 with '!llm.weight<64xf32>'}}
    %0 = llm.linear %x, @norm : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @linear_c3 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    %q = llm.quantize %x : tensor<?x64xf32> -> !llm.quantized<64>
    // expected-error @below {{has a quantised input, but the weight's format 'f32' takes floats}}
    %0 = llm.linear %q, @w : !llm.quantized<64> -> tensor<?x64xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @linear_c5 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xq8_0> from [#llm.source<"w", 64, 64>]
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    %q = llm.quantize %x : tensor<?x64xf32> -> !llm.quantized<64, group = 64>
    // expected-error @below {{has an input of one scale a token, but the weight's format 'q8_0' takes groups of 32}}
    %0 = llm.linear %q, @w : !llm.quantized<64, group = 64> -> tensor<?x64xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @linear_c4 attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    %s = llm.slice %x from 0 : tensor<?x64xf32> -> tensor<?x32xf32>
    // expected-error @below {{adds 'tensor<?x32xf32>' to 'tensor<?x64xf32>'}}
    %0 = llm.linear %x, @w residual %s : tensor<?x32xf32> : tensor<?x64xf32> -> tensor<?x64xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @linear_rows attributes {max_context = 64 : i64} {
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"w", 64, 64>]
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{rows of f32 with a static number of columns}}
    %0 = llm.linear %x, @w : tensor<?x64xf32> -> tensor<?x?xf32>
    llm.return %x : tensor<?x64xf32>
  }
}
