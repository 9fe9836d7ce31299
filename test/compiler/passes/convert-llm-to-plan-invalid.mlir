// RUN: ingot-opt %s --convert-llm-to-plan --verify-diagnostics

llm.model @m attributes {max_context = 64} {
  llm.weight @e : !llm.weight<48x32xf32> from [#llm.source<"e", 48, 32>]
  llm.weight @q : !llm.weight<32x32xf32> from [#llm.source<"q", 32, 32>]
  llm.block @b(%x: tensor<?x32xf32>, %slot: !llm.kv_slot) {
    %q = llm.linear %x, @q : tensor<?x32xf32> -> tensor<?x32xf32>
    %rq = llm.rope %q head_dim 16 theta 10000.0 style half : tensor<?x32xf32>
    // expected-error @below {{needs interleaved rope and one product for q, k and v}}
    %a = llm.attention %rq, %rq, %q, %slot heads 2 kv_heads 2 head_dim 16 scale 0.25 : tensor<?x32xf32>, tensor<?x32xf32>, !llm.kv_slot
    llm.return %a : tensor<?x32xf32>
  }
  llm.forward @forward(%tokens: tensor<?xi32>) {
    %x = llm.embedding %tokens, @e : tensor<?xi32> -> tensor<?x32xf32>
    %b = llm.call @b(%x) slot 0 : tensor<?x32xf32>
    %l = llm.logits %b, @e : tensor<?x32xf32> -> tensor<?x48xf32>
    llm.return %l : tensor<?x48xf32>
  }
}
