"""The executable that `ingot compile` writes, linked with the model of FakeModel.cpp.

ctest sets INGOT_FAKE (the folder with `fake`, `fake-no-tokenizer`, `fake-no-level`, `fake-sidecar`).
No test needs the compiler.
"""

import json
import math
import os
import pathlib
import pty
import signal
import struct
import subprocess
import tempfile
import time
import unittest

FAKE = pathlib.Path(os.environ["INGOT_FAKE"])
DONE, FAILED, USAGE, UNSUPPORTED, MISSING = 0, 1, 2, 3, 5
VOCAB, CONTEXT, BOS, SPECIAL = 259, 1 << 20, 256, 258


def run(*arguments, program="fake", expect=DONE, input=b"", **kwargs):
    process = subprocess.run([FAKE / program, *map(str, arguments)], input=input,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, **kwargs)
    if process.returncode != expect:
        raise AssertionError(f"exit code {process.returncode}, expected {expect}: {arguments}\n"
                             f"{process.stderr.decode(errors='replace')}")
    return process


def verb(name, *arguments, **kwargs):
    return run("--ingot-verb", name, *arguments, **kwargs)


def read_npy(path):
    """Shape and flat values, by the format's specification."""
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\x00"
    length = struct.unpack("<H", data[8:10])[0]
    header = eval(data[10:10 + length])
    assert (10 + length) % 64 == 0 and data[9 + length:10 + length] == b"\n"
    assert header["descr"] == "<f4" and header["fortran_order"] is False
    values = struct.unpack(f"<{math.prod(header['shape'])}f", data[10 + length:])
    return header["shape"], values


def expected_logits(ids):
    """What FakeModel.cpp computes, as float32 values."""
    rows = []
    for position, last in enumerate(ids):
        before = ids[position - 1] if position else 0
        successor = {ord("z"): 257, ord("m"): SPECIAL, SPECIAL: ord("n"), ord("!"): ord("!")}.get(
            last, last + 1 if ord("a") <= last < ord("z") else ord("a"))
        rows.extend((before * 31 + v * 17) % 64 / 64 + (12 if v == successor else 0)
                    for v in range(VOCAB))
    return rows


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path


class Run(Case):
    def test_completion_only_and_one_newline(self):
        self.assertEqual(run("-p", "abc").stdout, b"defghijklmnopqrstuvwxyz\n")

    def test_special_tokens_are_left_out(self):
        self.assertEqual(run("-p", "k", "-n", 4).stdout, b"lmn\n")

    def test_count(self):
        self.assertEqual(run("-p", "a", "-n", 3).stdout, b"bcd\n")
        self.assertEqual(run("-p", "a", "-n", 0).stdout, b"\n")
        self.assertEqual(run("-p", "x", "-n", -1).stdout, b"yz\n")

    def test_prompt_from_file_and_from_standard_input(self):
        path = self.write("prompt.txt", "w")
        self.assertEqual(run("-f", path).stdout, b"xyz\n")
        self.assertEqual(run(input=b"w").stdout, b"xyz\n")

    def test_a_value_may_look_like_an_option(self):
        self.assertEqual(run("-p", "-w").stdout, b"xyz\n")
        self.assertEqual(run("-p--help", "-n1").stdout, b"q\n")
        self.assertEqual(run("--prompt=--w", "--count=1").stdout, b"x\n")

    def test_threads_chunks_and_lookup_do_not_change_the_text(self):
        for options in (["-t", 1], ["-t", 2], ["-t", 3], ["--lookup", 4], ["--level", "plain"]):
            self.assertEqual(run("-p", "abcdefabcdef", *options).stdout,
                             b"ghijklmnopqrstuvwxyz\n", options)

    def test_chat_is_one_turn_of_the_user(self):
        self.assertEqual(run("--chat", "-p", "What follows w").stdout, b"wxyz\n")

    def test_sampling_depends_on_the_seed_alone(self):
        def text(*more):
            return run("-p", "a", "-n", 40, "--temp", 5, *more).stdout
        self.assertEqual(text("--seed", 7), text("--seed", 7))
        self.assertNotEqual(text("--seed", 7), text("--seed", 8))
        self.assertEqual(text("--top-k", 1)[:11], b"bcdefghijkl")
        self.assertEqual(text("--min-p", 1)[:11], b"bcdefghijkl")

    def test_repeat_penalty_reaches_the_sampler(self):
        self.assertEqual(run("-p", "!", "-n", 4).stdout, b"!!!!\n")
        self.assertNotEqual(run("-p", "!", "-n", 4, "--repeat-penalty", 100).stdout, b"!!!!\n")

    def test_statistics_only_when_asked_or_on_a_terminal(self):
        self.assertEqual(run("-p", "w").stderr, b"")
        self.assertIn(b"tokens/s", run("-p", "w", "-v").stderr)
        master, slave = pty.openpty()
        process = subprocess.run([FAKE / "fake", "-p", "w"], stdout=subprocess.PIPE, stderr=slave,
                                 timeout=60)
        os.close(slave)
        self.assertEqual(process.stdout, b"xyz\n")
        self.assertIn(b"tokens/s", os.read(master, 4096))
        os.close(master)

    def test_help_and_version(self):
        self.assertIn(b"--repeat-penalty", run("--help").stdout)
        self.assertIn(b"written by hand", run("--version").stdout)
        for name in ("run", "eval", "tokenize", "bench"):
            self.assertIn(b"usage:", verb(name, "--help").stdout)
            self.assertIn(b"Ingot", verb(name, "--version").stdout)

    def test_interrupt_ends_the_line(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([FAKE / "fake", "-p", "!"], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
            self.assertEqual(process.stdout.read(3), b"!!!")
            process.send_signal(number)
            rest, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 128 + number, errors)
            self.assertTrue(rest.endswith(b"!\n") or rest == b"\n", rest[-10:])

    def test_a_reader_that_went_away(self):
        process = subprocess.Popen([FAKE / "fake", "-p", "!"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdout.read(1)
        process.stdout.close()
        errors = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(60), FAILED)
        self.assertIn(b"standard output", errors)


class Refusals(Case):
    def check(self, code, text, *arguments, **kwargs):
        errors = run(*arguments, expect=code, **kwargs).stderr.decode()
        self.assertIn(text, errors)
        self.assertTrue(errors.startswith("fake: error: "), errors)

    def test_bad_options(self):
        for text, *words in (
            ("unknown option '--tmp'", "--tmp", "1"), ("unknown option '-x'", "-x"),
            ("'--temp' is 'hot', expected a number", "--temp", "hot"),
            ("'--temp' is 'nan'", "--temp", "nan"), ("'--temp' is '-1'", "--temp", "-1"),
            ("'--top-p' is '1.5', expected a number from 0 to 1", "--top-p", "1.5"),
            ("'-t' is '0', expected a whole number from 1 to 256", "-t", "0"),
            ("'-t' is '257'", "-t", "257"), ("'-n' is '1.5'", "-n", "1.5"),
            ("'-n' is '99999999999999999999'", "-n", "99999999999999999999"),
            ("'--lookup' is '65'", "--lookup", "65"), ("'--seed' is '-1'", "--seed", "-1"),
            ("'-n' needs a value", "-n"), ("'--chat' takes no value", "--chat=yes"),
            ("unexpected argument 'stray'", "stray"),
            ("'-p' and '-f' exclude each other", "-p", "a", "-f", "b"),
            ("'--level' is 'fast', expected one of 'wishful', 'plain'", "-p", "a", "--level", "fast"),
            ("the weights are embedded", "-p", "a", "--weights", "x"),
        ):
            self.check(USAGE, text, *words)

    def test_bad_options_of_other_verbs(self):
        for text, *words in (
            ("needs run, eval", ), ("needs run, eval", "cook"),
            ("expected '--tokens' and '--logits'", "eval"),
            ("expected '--tokens' and '--logits'", "eval", "--tokens", "x"),
            ("excludes '--tokens'", "eval", "--tokens", "x", "--perplexity", "y"),
            ("'--chunk' is '513'", "eval", "--chunk", "513"),
            ("'--window' is '1'", "eval", "--window", "1"),
            ("'--window' goes with", "eval", "--tokens", "x", "--logits", "y", "--window", "8"),
            ("'-o' is 'xml'", "eval", "--perplexity", "x", "-o", "xml"),
            ("excludes '--ids'", "tokenize", "--ids", "--decode", "1"),
            ("exclude each other", "tokenize", "-f", "x", "text"),
            ("'-p' is '1,,2'", "bench", "-p", "1,,2"), ("'-d' is '-1'", "bench", "-d", "-1"),
            ("'-o' is 'xml'", "bench", "-o", "xml"),
            ("do not fit the context", "bench", "-p", str(CONTEXT), "-d", "1"),
        ):
            self.check(USAGE, text, "--ingot-verb", *words)

    def test_missing_files(self):
        for words in (["-f", "/nowhere/x"], ["--ingot-verb", "tokenize", "-f", "/nowhere/x"],
                      ["--ingot-verb", "eval", "--tokens", "/nowhere/x", "--logits", "y"],
                      ["--ingot-verb", "eval", "--perplexity", "/nowhere/x"]):
            self.check(FAILED, "cannot open '/nowhere/x'", *words)
        self.check(FAILED, "cannot read", "-f", self.folder)

    def test_what_the_model_lacks(self):
        for words in (["-p", "a"], ["--ingot-verb", "tokenize", "a"],
                      ["--ingot-verb", "eval", "--perplexity", "x"]):
            self.check(UNSUPPORTED, "without a tokenizer", *words, program="fake-no-tokenizer")

    def test_no_level_runs_here(self):
        self.check(MISSING, "cannot create a session", "-p", "a", program="fake-no-level")
        self.check(MISSING, "", "--ingot-verb", "bench", program="fake-no-level")
        self.check(MISSING, "cannot create", "-p", "a", "--level", "wishful")

    def test_prompt_too_long(self):
        self.check(FAILED, f"expected at most {CONTEXT} (the context)", "-f",
                   self.write("long", b"a" * CONTEXT))


class Sidecar(Case):
    IMAGE = bytes([1, 2, 3]) + bytes(65533)

    def test_given_by_path_and_by_descriptor(self):
        path = self.write("w", self.IMAGE)
        self.assertEqual(run("-p", "x", "--weights", path, program="fake-sidecar").stdout, b"yz\n")
        with open(path, "rb") as file:
            self.assertEqual(run("-p", "x", "--weights", f"/dev/fd/{file.fileno()}",
                                 program="fake-sidecar", pass_fds=[file.fileno()]).stdout, b"yz\n")

    def test_found_beside_the_executable(self):
        program = self.folder / "copy"
        program.write_bytes((FAKE / "fake-sidecar").read_bytes())
        program.chmod(0o755)
        self.assertIn(b"cannot open", run("-p", "x", program=program, expect=FAILED).stderr)
        self.write("fake.weights", self.IMAGE)
        self.assertEqual(run("-p", "x", program=program).stdout, b"yz\n")

    def test_another_models_weights(self):
        for data in (self.IMAGE[:-1], self.IMAGE + b"x", b"x" + self.IMAGE[1:], b""):
            run("-p", "x", "--weights", self.write("w", data), program="fake-sidecar",
                expect=FAILED)


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


class SteadyState(Case):
    def test_generating_makes_no_system_calls_but_write_and_futex(self):
        if subprocess.run(["which", "strace"], stdout=subprocess.DEVNULL).returncode:
            self.skipTest("no strace")
        log = self.folder / "log"
        subprocess.run(["strace", "-f", "-o", log, FAKE / "fake", "-p", "!", "-n", "200", "-t", "2"],
                       stdout=subprocess.DEVNULL, check=True, timeout=60)
        calls = [line.split(None, 1)[1] for line in log.read_text().splitlines()]
        writes = [i for i, call in enumerate(calls) if call.startswith("write(1,")]
        between = {call.split("(")[0].split()[-1] if "resumed" not in call else "futex"
                   for call in calls[writes[0]:writes[-1]]}
        self.assertLessEqual(between, {"write", "futex"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
