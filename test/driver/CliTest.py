"""`run`, alone and as a verb: text, options, refusals, sidecar weights, signals."""

import os
import pty
import signal
import subprocess
import unittest

from fake_model import (CONTEXT, FAILED, FAKE, MISSING, UNSUPPORTED, USAGE, Case, run, verb)


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
