"""SmolLM2 as compiled (--quant keep) against the independent float computation of its weights.

The bounds come from simulating the file's own blocks with activations in 8 bits: mean KL 0.003,
perplexity +0.44 %, top-1 96.6 %. They are the product's promise, never loosened to pass.
"""

import json

import numpy as np

from common import DATA, SMOLLM2, TEXTS, TestCase, evaluate, ingot, main, smollm2_gguf, tokenize
from float_llama import FloatLlama, Sequence, log_softmax

# Beginnings that a model goes on from for a while without an end token.
PROMPTS = [
    "The history of the steam engine begins",
    "Once upon a time, in a village at the edge of a large forest,",
    "Water boils at a lower temperature on a mountain because",
    "def fibonacci(n):\n    \"\"\"Return the n-th Fibonacci number.\"\"\"\n",
    "The three most important inventions of the nineteenth century are",
    "To bake a simple loaf of bread, you need flour,",
    "The capital of France is Paris. The capital of Italy is Rome. The capital of Spain is",
    "In mathematics, a prime number is",
]
STEPS = 64
WINDOW = 512


class Numbers(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.reference = FloatLlama.from_gguf(smollm2_gguf())

    def test_logits_of_texts(self):
        divergences, equal = [], []
        for name in TEXTS:
            ids = tokenize(SMOLLM2, (DATA / f"{name}.txt").read_bytes())[:WINDOW]
            self.assertEqual(len(ids), WINDOW)
            expected = self.reference.logits(ids)
            found = evaluate(SMOLLM2, [ids], "--chunk", 128)
            self.assertEqual(found.shape, expected.shape)
            self.assertTrue(np.isfinite(found).all())
            p, q = log_softmax(expected), log_softmax(found)
            divergences.append((np.exp(p) * (p - q)).sum(axis=1))
            equal.append(expected.argmax(axis=1) == found.argmax(axis=1))
            print(f"{name}: mean KL {divergences[-1].mean():.5f}, top-1 {equal[-1].mean():.2%}")
        kl, top1 = np.concatenate(divergences).mean(), np.concatenate(equal).mean()
        print(f"all {len(TEXTS)} texts: mean KL {kl:.5f}, top-1 {top1:.2%}")
        self.assertGreaterEqual(kl, 0)
        self.assertLessEqual(kl, 0.005)
        self.assertGreaterEqual(top1, 0.94)

    def test_perplexity(self):
        text = DATA / "opticks.txt"
        ids = tokenize(SMOLLM2, text.read_bytes())
        windows = [ids[i:i + WINDOW] for i in range(0, len(ids) - WINDOW + 1, WINDOW)]
        targets = len(windows) * (WINDOW - 1)
        self.assertGreaterEqual(targets, 10_000)
        nll = 0.0
        for window in windows:
            hidden = self.reference.hidden([Sequence()], [window[:-1]])
            scores = log_softmax(hidden @ self.reference.head.T)
            nll -= scores[np.arange(WINDOW - 1), window[1:]].sum(dtype=np.float64)
        expected = np.exp(nll / targets)
        found = json.loads(ingot(
            "eval", SMOLLM2, "--perplexity", text, "--window", WINDOW, "-t", 1, "-o", "json").stdout)
        ratio = found["perplexity"] / expected
        print(f"perplexity of {targets} tokens: {found['perplexity']:.4f}, float {expected:.4f}, "
              f"{ratio - 1:+.2%}")
        self.assertEqual(found["tokens"], targets)
        self.assertAlmostEqual(np.exp(found["nll"]) / found["perplexity"], 1, places=6)
        self.assertLess(abs(ratio - 1), 0.01)

    def test_teacher_forced_greedy(self):
        prompts = [tokenize(SMOLLM2, p) for p in PROMPTS]
        chosen, logits = self.reference.greedy(prompts, STEPS)
        texts = [p + [int(i) for i in c[:-1]] for p, c in zip(prompts, chosen)]
        found = evaluate(SMOLLM2, texts, "--chunk", 128)
        clear = wrong = 0
        start = 0
        for prompt, text, row in zip(prompts, texts, logits):
            rows = found[start + len(prompt) - 1:start + len(text)]
            start += len(text)
            self.assertEqual(len(rows), STEPS)
            top = np.sort(np.partition(row, -2, axis=1)[:, -2:], axis=1)
            sure = top[:, 1] - top[:, 0] >= 1.0
            clear += int(sure.sum())
            wrong += int((sure & (rows.argmax(axis=1) != row.argmax(axis=1))).sum())
        print(f"{clear} of {len(PROMPTS) * STEPS} steps have a float top-2 gap of at least 1.0; "
              f"{wrong} of them differ")
        self.assertGreater(clear, len(PROMPTS) * STEPS // 4)
        self.assertEqual(wrong, 0)


if __name__ == "__main__":
    main()
