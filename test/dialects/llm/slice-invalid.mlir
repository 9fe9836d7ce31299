// RUN: ingot-opt %s --split-input-file --verify-diagnostics

llm.model @slice_c1 attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{takes 32 columns from column 48 of 64}}
    %0 = llm.slice %x from 48 : tensor<?x64xf32> -> tensor<?x32xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @slice_c1_large attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{takes 32 columns from column 9223372036854775807 of 64}}
    %0 = llm.slice %x from 9223372036854775807 : tensor<?x64xf32> -> tensor<?x32xf32>
    llm.return %x : tensor<?x64xf32>
  }
}

// -----

llm.model @slice_c1_wide attributes {max_context = 64 : i64} {
  llm.block @b(%x: tensor<?x64xf32>, %slot: !llm.kv_slot) {
    // expected-error @below {{takes 128 columns from column 0 of 64}}
    %0 = llm.slice %x from 0 : tensor<?x64xf32> -> tensor<?x128xf32>
    llm.return %x : tensor<?x64xf32>
  }
}
