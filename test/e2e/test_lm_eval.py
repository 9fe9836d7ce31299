"""The adapter for lm-evaluation-harness on the compiled SmolLM2.

The harness's own request objects go through the model class; the answers are held against an
independent float computation of the same weights, against `ingot run` and against `ingot eval`.
"""

import json
import sys

import numpy as np

from common import DATA, ROOT, SMOLLM2, TestCase, evaluate, ingot, main, smollm2_gguf, tokenize
from float_llama import FloatLlama, Sequence

sys.path.insert(0, str(ROOT / "examples/lm-eval"))

from ingot_lm_eval.model import IngotLM, log_softmax  # noqa: E402
from lm_eval.api.instance import Instance  # noqa: E402
from lm_eval.api.registry import get_model  # noqa: E402

TASK = [json.loads(line) for line in
        (ROOT / "examples/lm-eval/tasks/everyday.jsonl").read_text().splitlines()]


def requests(kind, arguments):
    return [Instance(request_type=kind, doc={}, arguments=a, idx=i) for i, a in enumerate(arguments)]


class LmEval(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = IngotLM(directory=str(SMOLLM2), threads=2)

    def test_is_registered(self):
        self.assertIs(get_model("ingot"), IngotLM)

    def test_multiple_choice(self):
        pairs = [(doc["question"], " " + choice) for doc in TASK for choice in doc["choices"]]
        found = self.model.loglikelihood(requests("loglikelihood", pairs), disable_tqdm=True)
        reference = FloatLlama.from_gguf(smollm2_gguf())
        contexts = [tokenize(SMOLLM2, question) for question, _ in pairs]
        texts = [tokenize(SMOLLM2, question + choice) for question, choice in pairs]
        hidden = reference.hidden([Sequence() for _ in texts], [ids[:-1] for ids in texts])
        expected, begin = [], 0
        for context, ids in zip(contexts, texts):
            rows = hidden[begin + len(context) - 1:begin + len(ids) - 1]
            begin += len(ids) - 1
            scores, wanted = log_softmax(rows @ reference.head.T), ids[len(context):]
            expected.append((scores[np.arange(len(wanted)), wanted].sum(),
                             (scores.argmax(axis=-1) == wanted).all()))
        misses = np.abs([f[0] - e[0] for f, e in zip(found, expected)])
        tokens = sum(f[1] != e[1] for f, e in zip(found, expected))
        print(f"{len(pairs)} choices: log-likelihoods differ by {misses.mean():.3f} nats on average, "
              f"{misses.max():.3f} at most; {tokens} differ in being greedy")
        self.assertLess(misses.mean(), 0.15)
        self.assertLess(misses.max(), 0.8)
        self.assertLessEqual(tokens, 2)

        # As the harness does: acc takes the likeliest choice, acc_norm the likeliest a character.
        for name, weigh in {"acc": lambda c: 1, "acc_norm": lambda c: len(c)}.items():
            accuracy = {}
            for who, answers in {"compiled": found, "float": expected}.items():
                values, right = iter(answers), 0
                for doc in TASK:
                    scores = [next(values)[0] / weigh(choice) for choice in doc["choices"]]
                    right += int(np.argmax(scores)) == doc["answer"]
                accuracy[who] = right / len(TASK)
            print(f"{name}: compiled {accuracy['compiled']:.3f}, float {accuracy['float']:.3f}")
            self.assertGreaterEqual(accuracy["compiled"], 0.7)
            self.assertLessEqual(abs(accuracy["compiled"] - accuracy["float"]), 1 / len(TASK))

    def test_order_and_reuse_change_nothing(self):
        pairs = [(doc["question"], " " + choice) for doc in TASK[:4] for choice in doc["choices"]]
        together = self.model.loglikelihood(requests("loglikelihood", pairs), disable_tqdm=True)
        for pair, expected in reversed(list(zip(pairs, together))):
            fresh = self.model.loglikelihood(requests("loglikelihood", [pair]), disable_tqdm=True)
            self.assertEqual(fresh, [expected])

    def test_rolling(self):
        text = (DATA / "dialogue.txt").read_text()[:1500]
        ids = [self.model.prefix_token_id, *tokenize(SMOLLM2, text)]
        scores = log_softmax(evaluate(SMOLLM2, [ids[:-1]]))
        expected = scores[np.arange(len(ids) - 1), ids[1:]].sum()
        # A short window and a long one; the long one holds the text whole.
        (whole,) = self.model.loglikelihood_rolling(requests("rolling", [(text,)]), disable_tqdm=True)
        self.assertAlmostEqual(whole / expected, 1, places=5)
        short = IngotLM(directory=str(SMOLLM2), threads=1, context=64)
        (parts,) = short.loglikelihood_rolling(requests("rolling", [(text,)]), disable_tqdm=True)
        self.assertLess(parts, whole)  # less context, less certain
        self.assertLess(abs(parts / whole - 1), 0.5)

    def test_generate_until(self):
        for prompt in ("The capital of France is", "Once upon a time"):
            said = ingot("run", SMOLLM2, "-p", prompt, "-n", 24).stdout.decode().removesuffix("\n")
            (whole,) = self.model.generate_until(
                requests("generate", [(prompt, {"until": [], "max_gen_toks": 24})]), disable_tqdm=True)
            self.assertEqual(whole, said)
            stop = said[len(said) // 2:][:3]
            (cut,) = self.model.generate_until(
                requests("generate", [(prompt, {"until": [stop], "max_gen_toks": 24})]),
                disable_tqdm=True)
            self.assertEqual(cut, said[:said.find(stop)])
        with self.assertRaises(ValueError):
            self.model.generate_until(
                requests("generate", [("a", {"do_sample": True})]), disable_tqdm=True)

    def test_empty_and_long_contexts(self):
        (empty,) = self.model.loglikelihood(requests("loglikelihood", [("", "Hello")]), disable_tqdm=True)
        self.assertLess(empty[0], 0)
        short = IngotLM(directory=str(SMOLLM2), threads=1, context=32)
        (score,) = short.loglikelihood(
            requests("loglikelihood", [("word " * 200, "again")]), disable_tqdm=True)
        self.assertTrue(np.isfinite(score[0]))


if __name__ == "__main__":
    main()
