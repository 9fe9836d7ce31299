"""The verbs that the driver reaches through the executable: eval, tokenize, bench, info."""

import json
import math
import os
import unittest

from fake_model import BOS, CONTEXT, FAILED, VOCAB, Case, expected_logits, read_npy, verb


class Eval(Case):
    def logits(self, text, *options):
        out = self.folder / "out.npy"
        verb("eval", "--tokens", self.write("ids", text), "--logits", out, *options)
        return read_npy(out)

    def test_rows_in_reading_order(self):
        shape, values = self.logits("97 98\n\n 256,120 121\t257 \r\n")
        self.assertEqual(shape, (6, VOCAB))
        self.assertEqual(list(values), expected_logits([97, 98]) + expected_logits(
            [256, 120, 121, 257]))

    def test_chunks_and_threads_give_the_same_bytes(self):
        text = " ".join(str(i * 7 % VOCAB) for i in range(600)) + "\n"
        ids = self.write("ids", text)
        seen = set()
        for options in (["--chunk", 1], ["--chunk", 7, "-t", 2], ["--chunk", 128, "-t", 3],
                        ["--chunk", 512], []):
            out = self.folder / "o.npy"
            verb("eval", "--tokens", ids, "--logits", out, *options)
            seen.add(out.read_bytes())
        self.assertEqual(len(seen), 1)

    def test_no_ids_is_an_empty_array(self):
        self.assertEqual(self.logits("\n \n"), ((0, VOCAB), ()))

    def test_malformed_ids(self):
        for text, where, what in (("1 2\n3 x", ":2:3:", "0x78"), ("-1", ":1:1:", "0x2d"),
                                  ("259", ":1:1:", "not in the vocabulary"),
                                  ("1\n99999999999999999999999999", ":2:1:", "vocabulary")):
            out = self.folder / "none.npy"
            errors = verb("eval", "--tokens", self.write("ids", text), "--logits", out,
                          expect=FAILED).stderr.decode()
            self.assertIn(where, errors)
            self.assertIn(what, errors)
            self.assertFalse(out.exists())

    def test_line_longer_than_the_context(self):
        ids = self.write("ids", "1\n" + "2 " * (CONTEXT + 1))
        self.assertIn(b":2:1: the sequence has 1048577 tokens",
                      verb("eval", "--tokens", ids, "--logits", self.folder / "x",
                           expect=FAILED).stderr)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["ids"])

    def test_output_that_cannot_be_written(self):
        ids = self.write("ids", "1")
        verb("eval", "--tokens", ids, "--logits", "/nowhere/x.npy", expect=FAILED)
        errors = verb("eval", "--tokens", ids, "--logits", "/dev/full", expect=FAILED).stderr
        self.assertIn(b"No space left", errors)

    def test_an_old_file_stays_until_the_new_one_is_whole(self):
        out = self.write("out.npy", "old")
        verb("eval", "--tokens", self.write("ids", "1 x"), "--logits", out, expect=FAILED)
        self.assertEqual(out.read_bytes(), b"old")

    def test_perplexity(self):
        text = "abcxyz?" * 30  # 211 ids with BOS
        ids = [BOS] + list(text.encode())
        logits = expected_logits
        for window, options in ((50, ["--window", 50]), (211, []), (211, ["--window", 5000])):
            total, targets = 0.0, 0
            for begin in range(0, len(ids) - window + 1, window):
                part = ids[begin:begin + window]
                rows = logits(part)
                for i in range(window - 1):
                    row = rows[i * VOCAB:(i + 1) * VOCAB]
                    total += math.log(sum(map(math.exp, row))) - row[part[i + 1]]
                    targets += 1
            out = json.loads(verb("eval", "--perplexity", self.write("t", text), "-o", "json",
                                  "--chunk", 13, *options).stdout)
            self.assertEqual(out["tokens"], targets)
            self.assertAlmostEqual(out["nll"], total / targets, places=6)
            self.assertAlmostEqual(out["perplexity"], math.exp(total / targets), delta=1e-4)
        self.assertIn(b"perplexity", verb("eval", "--perplexity", self.folder / "t").stdout)

    def test_text_too_short(self):
        self.assertIn(b"expected at least 2", verb("eval", "--perplexity", self.write("t", ""),
                                                   expect=FAILED).stderr)


class Tokenize(Case):
    def test_ids(self):
        self.assertEqual(verb("tokenize", "a#b", "--ids").stdout, b"256 97 258 98\n")
        self.assertEqual(verb("tokenize", "a#b", "--ids", "--no-special").stdout,
                         b"256 97 35 98\n")
        self.assertEqual(verb("tokenize", "--ids", "--", "-a").stdout, b"256 45 97\n")
        self.assertEqual(verb("tokenize", "--ids", "-f", self.write("t", b"\0\n")).stdout,
                         b"256 0 10\n")
        self.assertEqual(verb("tokenize", "--ids", "").stdout, b"256\n")

    def test_pieces_are_json(self):
        lines = verb("tokenize", 'a"\\\n\u00e9', input=b"").stdout.decode().splitlines()
        self.assertEqual([json.loads(line) for line in lines],
                         ["<bos>", "a", '"', "\\", "\n", "<0xC3>", "<0xA9>"])

    def test_decode_gives_exact_bytes(self):
        self.assertEqual(verb("tokenize", "--decode", "256 97,0 255\n258 10").stdout,
                         b"<bos>a\x00\xff<special>\n")
        self.assertEqual(verb("tokenize", "--decode", input=b"").stdout, b"")
        self.assertIn(b"not in the vocabulary",
                      verb("tokenize", "--decode", "259", expect=FAILED).stderr)

    def test_a_large_text(self):
        data = os.urandom(300000).replace(b"#", b"")
        out = verb("tokenize", "--ids", input=data).stdout
        self.assertEqual([int(i) for i in out.split()[1:]], list(data))


class Bench(Case):
    KEYS = ["test", "depth", "threads", "tokens_per_second", "bytes_per_token",
            "read_ceiling_gbps", "share_of_ceiling", "mac_peak_gmacs", "share_of_mac_peak"]

    def test_rows(self):
        rows = json.loads(verb("bench", "-p", "64,8", "-n", 16, "-d", "0,32", "-t", "1,2", "-r", 2,
                               "-o", "json", "--block-macs", 1000, "--head-macs", 640).stdout)
        self.assertEqual([(r["test"], r["depth"], r["threads"]) for r in rows[:-1]],
                         [(t, d, n) for n in (1, 2) for d in (0, 32) for t in
                          ("pp64", "pp8", "tg16")])
        for row in rows[:-1]:
            self.assertEqual(list(row), self.KEYS)
            speed = row["tokens_per_second"]
            self.assertTrue(0 < speed["min"] <= speed["median"] <= speed["max"])
            self.assertAlmostEqual(
                row["share_of_ceiling"] / (speed["median"] * row["bytes_per_token"] /
                                           (row["read_ceiling_gbps"] * 1e9)), 1, delta=2e-3)
            macs = 1000 + 640 / (1 if row["test"].startswith("tg") else int(row["test"][2:]))
            self.assertAlmostEqual(
                row["share_of_mac_peak"] / (speed["median"] * macs / (row["mac_peak_gmacs"] * 1e9)),
                1, delta=2e-3)
        # 1000 bytes of weights and 4 bytes a position, 16 tokens behind 32.
        self.assertEqual(rows[5]["bytes_per_token"], 1000 + 4 * (32 + 8.5))
        self.assertEqual(list(rows[-1]), ["test", "first_token_ms", "peak_rss_bytes"])
        self.assertEqual(rows[-1]["test"], "start")
        self.assertTrue(0 < rows[-1]["first_token_ms"] < 60000)
        self.assertTrue(100000 < rows[-1]["peak_rss_bytes"] < 1 << 30)

    def test_table(self):
        out = verb("bench", "-p", 0, "-n", 8, "-r", 1).stdout.decode()
        self.assertRegex(out, r"\|\s+tg8 \|\s+0 \|")
        self.assertNotIn("pp", out)
        self.assertIn("start: first token after", out)


class Info(Case):
    def test_json(self):
        info = json.loads(verb("info").stdout)
        self.assertEqual((info["name"], info["vocab_size"]), ("fake", VOCAB))
        self.assertEqual(info["levels"], [{"name": "wishful", "usable": False},
                                          {"name": "plain", "usable": True}])


if __name__ == "__main__":
    unittest.main(verbosity=2)
