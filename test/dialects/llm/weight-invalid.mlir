// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @weight_c1 attributes {max_context = 64 : i64} {
  // expected-error @below {{has no source}}
  llm.weight @w : !llm.weight<64x64xf32> from []
}

// -----

llm.model @weight_c2 attributes {max_context = 64 : i64} {
  // expected-error @below {{has 64 columns, but source 'b' has 32}}
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"a", 32, 64>, #llm.source<"b", 32, 32>]
}

// -----

llm.model @weight_c3 attributes {max_context = 64 : i64} {
  // expected-error @below {{'interleave' is -16, expected 0 to 2147483647}}
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"a", 64, 64>] {interleave = -16 : i64}
}

// -----

llm.model @weight_c4 attributes {max_context = 64 : i64} {
  // expected-error @below {{has 64 rows, but its sources make 60}}
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"a", 30, 64>, #llm.source<"b", 30, 64>]
}

// -----

llm.model @weight_c4_interleaved attributes {max_context = 64 : i64} {
  // Two turns of 32 rows of each source.
  // expected-error @below {{has 96 rows, but its sources make 128}}
  llm.weight @w : !llm.weight<96x64xf32> from [#llm.source<"a", 48, 64>, #llm.source<"b", 48, 64>] {interleave = 32 : i64}
}

// -----

llm.model @weight_c5 attributes {max_context = 64 : i64} {
  // expected-error @below {{is a vector, expected one source in its own order}}
  llm.weight @w : !llm.weight<64xf32> from [#llm.source<"a", 64, 1, rope_interleave = 16>]
}

// -----

llm.model @weight_c5_sources attributes {max_context = 64 : i64} {
  // expected-error @below {{is a vector, expected one source in its own order}}
  llm.weight @w : !llm.weight<64xf32> from [#llm.source<"a", 32, 1>, #llm.source<"b", 32, 1>]
}

// -----

llm.model @source_c1 attributes {max_context = 64 : i64} {
  // expected-error @below {{a source needs the name of a tensor}}
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"", 64, 64>]
}

// -----

llm.model @source_c2 attributes {max_context = 64 : i64} {
  // expected-error @below {{source 'a' is 0 x 64, expected extents of 1 to 2147483647}}
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"a", 0, 64>]
}

// -----

llm.model @source_c3 attributes {max_context = 64 : i64} {
  // expected-error @below {{'rope_interleave' is 24, expected an even divisor of the rows (64)}}
  llm.weight @w : !llm.weight<64x64xf32> from [#llm.source<"a", 64, 64, rope_interleave = 24>]
}

// -----

llm.model @weight_type_c1 attributes {max_context = 64 : i64} {
  // expected-error @below {{a weight has 3 extents, expected 1 or 2}}
  llm.weight @w : !llm.weight<2x64x64xf32> from [#llm.source<"a", 64, 64>]
}

// -----

llm.model @weight_type_c2 attributes {max_context = 64 : i64} {
  // expected-error @below {{extent 0 is out of range, expected 1 to 2147483647}}
  llm.weight @w : !llm.weight<0x64xf32> from [#llm.source<"a", 64, 64>]
}

// -----

llm.model @weight_type_c3 attributes {max_context = 64 : i64} {
  // expected-error @below {{unknown weight format 'q5_1'}}
  llm.weight @w : !llm.weight<64x64xq5_1> from [#llm.source<"a", 64, 64>]
}

// -----

llm.model @weight_type_c4 attributes {max_context = 64 : i64} {
  // expected-error @below {{a row has 48 columns, expected a multiple of 32 for 'q4_1'}}
  llm.weight @w : !llm.weight<64x48xq4_1> from [#llm.source<"a", 64, 48>]
}

// -----

// expected-error @below {{quantised rows have 48 columns, expected a multiple of 32}}
func.func private @quantized_type_c1() -> !llm.quantized<48>

// -----

// expected-error @below {{quantised rows have groups of 64 columns, expected 32 or all 96}}
func.func private @quantized_type_c2() -> !llm.quantized<96, group = 64>
