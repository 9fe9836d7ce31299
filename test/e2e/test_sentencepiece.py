"""Ids and texts equal to the sentencepiece library's, from each of the files that hold a model.

Thousands of strings go through the C API of a shared library, a sample through the command line.
"""

import json
import random
import shutil

import sentencepiece

from common import (CACHE, DATA, FAILED, INGOT, INVALID, MISSING, TEXTS, UNSUPPORTED, WORK,
                    TestCase, compile_model, ingot, main, run, tokenize)
from pieces import (PieceLibrary, bpe_json, compile_tokenizer, mistral_v1, train, unigram_json,
                    write_gguf, write_json)
from strings import mixed_strings

# Spaces and user-defined pieces in places that mixed strings rarely have.
CORNERS = ["Hello foo bar <|user|>x <|user|> ab abab \u2460\u2461", "foo bar foo  bar",
           "  lead  trail  ", "\u2581", "\u2581 \u2581", " \u2581x", "http://a", "\u00e9te\u0301t",
           "\uff21\uff22\uff23 \u3000 \ufdfa", "<s>", "a</s>b", "<unk>", "<0x41>"]
WORKING = WORK / "sentencepiece"
MODELS, REFERENCES = {}, {}


def setUpModule():
    """Every model is trained or written, and compiled, once."""
    shutil.rmtree(WORKING, ignore_errors=True)
    WORKING.mkdir(parents=True)

    def add(name, path, vocab):
        compile_tokenizer(path, WORKING, name, vocab)
        MODELS[name] = PieceLibrary(WORKING / name, name)

    bpe = train(WORKING / "bpe.model", model_type="bpe", vocab_size=2600, byte_fallback=True,
                split_digits=True, normalization_rule_name="identity",
                remove_extra_whitespaces=False, allow_whitespace_only_pieces=True,
                user_defined_symbols=["<|user|>", "foo bar", "a", "http://", "\u00e9t"],
                control_symbols=["<ctl>"])
    unigram = train(WORKING / "unigram.model", model_type="unigram", vocab_size=2000,
                    normalization_rule_name="nmt_nfkc", control_symbols=["<ctl>"])
    for name, path in (("v1", mistral_v1()), ("bpe", bpe), ("unigram", unigram)):
        model = sentencepiece.SentencePieceProcessor(model_file=str(path))
        REFERENCES[name] = model
        add(name, path, len(model))
    add("v1json", write_json(WORKING / "v1.json", bpe_json(REFERENCES["v1"])), 32000)
    add("v1gguf", write_gguf(WORKING / "v1.gguf", REFERENCES["v1"]), 32000)
    add("unijson", write_json(WORKING / "uni.json", unigram_json(REFERENCES["unigram"], unigram)),
        len(REFERENCES["unigram"]))


class SentencePieceTest(TestCase):
    strings = mixed_strings(3000, seed=5) + CORNERS

    def check(self, name, reference, strings):
        library, wrong = MODELS[name], []
        for text in strings:
            expected = reference.encode(text)
            found = library.tokenize(text)
            if found != expected:
                wrong.append((text, expected, found))
                continue
            if library.detokenize(expected).decode() != reference.decode(expected):
                wrong.append((text, reference.decode(expected), library.detokenize(expected)))
        print(f"{name}: {len(strings)} strings, {len(wrong)} other than the library's")
        self.assertEqual(wrong[:3], [])

    def test_the_same_ids_and_texts(self):
        for name, reference in REFERENCES.items():
            self.check(name, reference, self.strings)

    def test_bytes_that_are_no_utf8(self):
        chance = random.Random(1)
        noise = [bytes(chance.randrange(256) for _ in range(chance.randrange(1, 40)))
                 for _ in range(1000)]
        for name, reference in REFERENCES.items():
            self.check(name, reference, noise)

    def test_any_ids_decode_alike(self):
        chance = random.Random(2)
        for name, reference in REFERENCES.items():
            for _ in range(1000):
                ids = [chance.choice([chance.randrange(len(reference)), chance.randrange(300)])
                       for _ in range(chance.randrange(1, 12))]
                ids = [i for i in ids if not reference.is_control(i)]
                self.assertEqual(MODELS[name].detokenize(ids).decode(), reference.decode(ids), ids)

    def test_json_and_gguf_are_the_same_model(self):
        for name, of in (("v1json", "v1"), ("v1gguf", "v1"), ("unijson", "unigram")):
            self.check(name, REFERENCES[of], self.strings)

    def test_json_as_its_own_library(self):
        from tokenizers import Tokenizer

        other = Tokenizer.from_file(str(WORKING / "v1.json"))
        for text in self.strings:
            for flags, plain in ((2, False), (3, True)):
                other.encode_special_tokens = plain
                self.assertEqual(MODELS["v1json"].tokenize(text, flags),
                                 other.encode(text, add_special_tokens=False).ids, repr(text))
        # That library adds scores as doubles, so it falls on the other side of some ties.
        other = Tokenizer.from_file(str(WORKING / "uni.json"))
        other.encode_special_tokens = True
        reference, ties = REFERENCES["unigram"], 0
        texts = [s for s in self.strings if s.isascii() and "<" not in s]
        self.assertGreater(len(texts), 200)
        for text in texts:
            found = MODELS["unijson"].tokenize(text)
            expected = other.encode(text, add_special_tokens=False).ids
            ties += found != expected
            self.assertAlmostEqual(sum(map(reference.get_score, found)),
                                   sum(map(reference.get_score, expected)), 3, repr(text))
        self.assertLess(ties, len(texts) / 20)

    def test_texts_without_boundaries(self):
        for text in ("a" * 60000, " " * 30000, "\u4f60\u597d" * 10000, "\ufdfa" * 3000,
                     "abcdefghij" * 4000):
            for name, reference in REFERENCES.items():
                self.assertEqual(MODELS[name].tokenize(text), reference.encode(text), name)

    def test_whole_texts_on_the_command_line(self):
        for text in TEXTS:
            data = (DATA / f"{text}.txt").read_bytes()
            self.assertEqual(tokenize(WORKING / "v1", data),
                             [1] + REFERENCES["v1"].encode(data.decode()))

    def test_special_tokens(self):
        """BOS by default; control pieces are found unless the text is read as plain."""
        v1, directory = REFERENCES["v1"], WORKING / "v1"
        self.assertEqual(tokenize(directory, "Hi"), [1] + v1.encode("Hi"))
        self.assertEqual(tokenize(directory, "<s>Hi</s><unk>"), [1, 1] + v1.encode("Hi") + [2, 0])
        plain = "<s>Hi</s><unk>"
        self.assertEqual(tokenize(directory, plain, "--no-special"), [1] + v1.encode(plain))
        self.assertEqual(tokenize(WORKING / "bpe", "foo bar<ctl>", "--no-special")[1:],
                         REFERENCES["bpe"].encode("foo bar<ctl>"))
        ids = self.folder / "ids.txt"
        ids.write_text("1 " + " ".join(map(str, v1.encode("Hi there"))) + " 2")
        self.assertEqual(ingot("tokenize", directory, "-f", ids, "--decode").stdout,
                         b"<s>Hi there</s>")

    def test_run(self):
        out = ingot("run", WORKING / "v1", "-p", "Hello", "-n", "16").stdout
        self.assertTrue(out.endswith(b"\n"))
        out.decode()  # whole characters
        out = ingot("run", WORKING / "bpe", "-p", "Hello", "-n", "16", "--temp", "2").stdout
        out.decode()

    def test_bos_from_the_folder(self):
        yaml = (WORKING / "v1/model.yaml").read_text()
        self.assertIn("add_bos: true\n  bos: 1\n  eos: [2]", yaml)
        yaml = (WORKING / "v1gguf/model.yaml").read_text()
        self.assertIn("add_bos: true\n  bos: 1\n  eos: [2]", yaml)
        yaml = (WORKING / "v1json/model.yaml").read_text()  # it does not say which token is BOS
        self.assertIn("add_bos: true\n  eos: []", yaml)

    def test_a_folder_as_the_family_comes(self):
        """`config.json` has the ids, `tokenizer_config.json` has empty strings for the tokens."""
        folder = self.folder / "mobile"
        folder.mkdir()
        shutil.copy(mistral_v1(), folder / "tokenizer.model")
        (folder / "config.json").write_text(json.dumps({
            "architectures": ["MobileLLMForCausalLM"], "model_type": "mobilellm",
            "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1,
            "num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 32,
            "vocab_size": 32000, "max_position_embeddings": 256, "rms_norm_eps": 1e-5,
            "hidden_act": "silu", "share_embedding": True, "layer_sharing": False,
            "tie_word_embeddings": False, "bos_token_id": 1, "eos_token_id": 2,
            "rope_theta": 10000.0}))
        v1 = REFERENCES["v1"]
        for add, front in ((None, [1]), (False, [])):
            config = {"bos_token": "", "eos_token": "", "unk_token": ""}
            config |= {} if add is None else {"add_bos_token": add}
            (folder / "tokenizer_config.json").write_text(json.dumps(config))
            compile_model(folder, self.folder / "out", "--weights-from", "random:1", "--quant",
                          "f32", "--force", "--validate", "none")
            text = "<s>Hello</s> world"
            self.assertEqual(tokenize(self.folder / "out", text),
                             front + [1] + v1.encode("Hello") + [2] + v1.encode(" world"))

    def test_damaged_and_unsupported_files(self):
        good = mistral_v1().read_bytes()
        word = train(self.folder / "word.model", model_type="word", vocab_size=500)
        cases = [
            (good[:1000], FAILED, b"field 1 of the model is 15 bytes long, expected at most the 1"),
            (b"\x0a\x05" + good, FAILED, b"at byte"),
            (b"not a model", FAILED, b"error: "),
            (b"", FAILED, b"error: "),
            (word.read_bytes(), UNSUPPORTED, b"the model type is WORD, only BPE and UNIGRAM"),
        ]
        for number, (data, code, text) in enumerate(cases):
            path = self.folder / f"bad{number}.model"
            path.write_bytes(data)
            result = compile_tokenizer(path, self.folder, f"bad{number}", 32000, expect=code)
            self.assertIn(text, result.stderr, number)
            self.assertIn(f"bad{number}.model: error: ".encode(), result.stderr)


class CrossCheck(TestCase):
    """`ingot-spm` asks the library. Here another program stands in its place, beside a link to the
    driver: what it says decides."""

    def compile(self, program, *options, expect):
        root = self.folder / "root"
        (root / "bin").mkdir(parents=True, exist_ok=True)
        built = INGOT.parent.parent
        for name in ("include", "lib"):
            (root / name).symlink_to(built / name)
        (root / "bin/ingot-kernel").symlink_to(built / "bin/ingot-kernel")
        shutil.copy(INGOT, root / "bin/ingot")  # it finds the others beside its own file
        if program:
            (root / "bin/ingot-spm").write_text(program)
            (root / "bin/ingot-spm").chmod(0o755)
        yaml = WORKING / "bpe.yaml"
        return run([root / "bin/ingot", "compile", yaml, "-o", self.folder / "out",
                    "--cache", CACHE, "--weights-from", "random:1", "--quant", "f32", *options], expect=expect).stderr

    def program(self, ids, back):
        return (f"#!/bin/sh\nprintf Hi > $2/text-0\nprintf '{ids}' > $2/ids-0\n"
                f"printf '{back}' > $2/back-0\necho 1\n")

    def right(self):
        return " ".join(map(str, REFERENCES["bpe"].encode("Hi")))

    def test_agreement(self):
        self.compile(self.program(self.right(), "Hi"), expect=0)

    def test_other_ids(self):
        said = self.compile(self.program(self.right() + " 7", "Hi"), expect=INVALID)
        self.assertIn(b"of text 0 ('Hi') is the end, expected 7", said)
        self.assertFalse((self.folder / "out").exists())

    def test_another_text(self):
        said = self.compile(self.program(self.right(), "Ho"), expect=INVALID)
        self.assertIn(b"decodes text 0 to 'Hi', expected 'Ho'", said)

    def test_a_library_that_ends_by_a_signal(self):
        said = self.compile("#!/bin/sh\nkill -SEGV $$\n", expect=INVALID)
        self.assertIn(b"was ended by signal 11", said)

    def test_a_library_that_refuses(self):
        said = self.compile("#!/bin/sh\necho no >&2\nexit 1\n", expect=INVALID)
        self.assertIn(b"ended with exit code 1", said)

    def test_no_program(self):
        self.compile(None, expect=MISSING)

    def test_no_validation(self):
        self.compile("#!/bin/sh\nkill -SEGV $$\n", "--validate", "none", expect=0)


if __name__ == "__main__":
    main()
