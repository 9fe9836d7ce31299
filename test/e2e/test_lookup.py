"""Prompt lookup changes how many steps a text takes, and nothing else: 50 prompts of SmolLM2."""

import re
import sys

from common import ROOT, SMOLLM2, TestCase, main, run

sys.path.insert(0, str(ROOT / "bench"))
from lookup_prompts import copying  # noqa: E402

PROMPTS, TOKENS = 50, 32
DRAFTED = re.compile(rb"; lookup: (\d+) of (\d+) drafted tokens were right")
SAMPLING = ["--temp", "0.7", "--top-p", "0.95", "--repeat-penalty", "1.05"]


class Lookup(TestCase):
    def generate(self, prompt, *options):
        return run([SMOLLM2 / "smollm2", "--chat", "-p", prompt, "-n", TOKENS, "-t", 1, "--stats",
                    *options])

    def test_output_is_that_of_the_plain_run(self):
        accepted = rejected = 0
        for index, (kind, prompt) in enumerate(copying(PROMPTS, least=250, most=400)):
            # Every fourth is drawn, not greedy; drafts are short, longer and longest in turn.
            options = [*SAMPLING, "--seed", index] if index % 4 == 3 else []
            lookup = (3, 15, 8, 1, 63)[index % 5]
            plain = self.generate(prompt, *options)
            drafted = self.generate(prompt, *options, "--lookup", lookup)
            with self.subTest(index=index, kind=kind, lookup=lookup):
                self.assertEqual(drafted.stdout, plain.stdout)
                self.assertIsNone(DRAFTED.search(plain.stderr))
            if found := DRAFTED.search(drafted.stderr):
                accepted += int(found[1])
                rejected += int(found[2]) - int(found[1])
        print(f"{accepted} drafted tokens were right, {rejected} were wrong")
        self.assertGreater(accepted, 200)  # or the test would say nothing
        self.assertGreater(rejected, 200)


if __name__ == "__main__":
    main()
