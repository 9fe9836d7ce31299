"""`ingot eval --perplexity` against NumPy over the logits that `ingot eval --logits` writes.

It is the cutting into windows that is tested, so the model is tiny and random, and its tokenizer
makes every byte an id: texts have the length that a case needs, and a context beyond 2048 is cheap.
"""

import json
import math

import numpy as np

from common import DATA, FAILED, USAGE, TestCase, compile_model, evaluate, ingot, main, tokenize
from float_llama import log_softmax
from tiny import Tiny

BOS, EOS = 256, 257
SHORT, LONG = 128, 2560  # contexts on either side of the default window's bound, 2048


def byte_tokenizer():
    """Byte-level BPE without a merge."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [AddedToken(t, normalized=False, special=True) for t in ("<begin>", "<end>")])
    return tokenizer


class Perplexity(TestCase):
    def compiled(self, context, add_bos=False):
        """The folder of a model of so many positions."""
        source = self.folder / f"model-{context}"
        model = Tiny("tiny", vocab=258, context=context, tied=False).write(source)
        byte_tokenizer().save(str(source / "tokenizer.json"))
        model.write_text(model.read_text() + "tokenizer:\n  path: tokenizer.json\n"
                         f"  add_bos: {str(add_bos).lower()}\n  bos: {BOS}\n  eos: [{EOS}]\n")
        directory = self.folder / f"out-{context}"
        compile_model(model, directory)
        return directory

    def text(self, directory, count):
        """A file of so many bytes, and the ids of it."""
        path = self.folder / f"text-{count}.txt"
        path.write_bytes((DATA / "opticks.txt").read_bytes()[:count])
        ids = tokenize(directory, path.read_bytes())
        self.assertEqual(len([i for i in ids if i != BOS]), count)
        return path, ids

    def measure(self, directory, path, *options):
        return json.loads(
            ingot("eval", directory, "--perplexity", path, "-o", "json", *options).stdout)

    def expect(self, directory, path, ids, window, *options):
        """With `options`, the answer is that of whole windows of `window` ids."""
        windows = [ids[i:i + window] for i in range(0, len(ids) - window + 1, window)]
        scores = log_softmax(evaluate(directory, [w[:-1] for w in windows]).astype(np.float64))
        wanted = np.concatenate([w[1:] for w in windows])
        nll = -scores[np.arange(len(wanted)), wanted].mean()
        found = self.measure(directory, path, *options)
        self.assertEqual(list(found), ["tokens", "nll", "perplexity"])
        self.assertEqual(found["tokens"], len(windows) * (window - 1))
        self.assertAlmostEqual(found["nll"] / nll, 1, delta=1e-7)  # it is printed to 9 digits
        self.assertAlmostEqual(found["perplexity"] / math.exp(nll), 1, delta=1e-6)
        return found

    def test_windows(self):
        directory = self.compiled(SHORT)
        path, ids = self.text(directory, 264)
        whole = self.expect(directory, path, ids, SHORT)  # the default: the context; 8 ids dropped
        self.assertEqual(whole["tokens"], 2 * (SHORT - 1))
        self.expect(directory, path, ids, 2, "--window", 2)  # one target a window
        self.expect(directory, path, ids, 66, "--window", 66)  # nothing is left over
        self.expect(directory, path, ids, 53, "--window", 53)  # the last one is one id short
        self.expect(directory, path, ids, SHORT, "--window", SHORT)

        # Neither how a window is fed nor the number of threads changes a digit.
        for options in (["--chunk", 1], ["--chunk", 13], ["-t", 2]):
            self.assertEqual(self.measure(directory, path, *options), whole)

        line = ingot("eval", directory, "--perplexity", path).stdout.decode()
        self.assertIn(f"perplexity {whole['perplexity']:.4f}", line)

    def test_only_window(self):
        directory = self.compiled(SHORT)
        path, ids = self.text(directory, 20)
        found = self.expect(directory, path, ids, 20)
        self.assertEqual(self.measure(directory, path, "--window", 50), found)
        path, ids = self.text(directory, 2)
        self.assertEqual(self.expect(directory, path, ids, 2)["tokens"], 1)
        path, _ = self.text(directory, 1)
        process = ingot("eval", directory, "--perplexity", path, expect=FAILED)
        self.assertIn(b"is 1 tokens long, expected at least 2", process.stderr)

    def test_bos_begins_the_first_window_only(self):
        directory = self.compiled(SHORT, add_bos=True)
        path, ids = self.text(directory, 99)
        self.assertEqual((len(ids), ids[0], ids.count(BOS)), (100, BOS, 1))
        self.expect(directory, path, ids, 25, "--window", 25)  # 4 windows: the BOS counts as an id

    def test_default_is_at_most_2048(self):
        directory = self.compiled(LONG)
        path, ids = self.text(directory, 2200)
        self.assertEqual(self.expect(directory, path, ids, 2048)["tokens"], 2047)
        self.expect(directory, path, ids, 2200, "--window", LONG)  # the only one

    def test_bad_windows(self):
        directory = self.compiled(SHORT)
        path, _ = self.text(directory, 20)
        for window, found, expected in (
                (SHORT + 1, f"is {SHORT + 1}", f"at most {SHORT} (the context)"),
                (1, "is '1'", "from 2"), (0, "is '0'", "from 2"), (-5, "is '-5'", "from 2"),
                ("x", "is 'x'", "a whole number")):
            process = ingot("eval", directory, "--perplexity", path, f"--window={window}",
                            expect=USAGE)
            said = process.stderr.decode()
            self.assertIn(f"'--window' {found}", said)
            self.assertIn(expected, said)
            self.assertEqual(process.stdout, b"")


if __name__ == "__main__":
    main()
