"""The commands that the documents show are run: every `sh` block, in a copy of the root's layout."""

import re

from common import INGOT, ROOT, TestCase, main, run

DOCUMENTS = ["README.md", "docs/getting-started.md", "docs/targets.md"]


def shell_blocks(path):
    return re.findall(r"^```sh\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)


class Documents(TestCase):
    def setUp(self):
        super().setUp()
        # Commands name build/bin/ingot and write below build/: give them a build/ of their own.
        build = self.folder / "build"
        build.mkdir()
        (build / "bin").symlink_to(INGOT.parent)
        (build / "venv").symlink_to(ROOT / "build/venv")
        for name in ("examples", "runtime", "docs", "Makefile", "cmake"):
            (self.folder / name).symlink_to(ROOT / name)

    def test_make_words_exist(self):
        words = set()
        for name in [*DOCUMENTS, "CONTRIBUTING.md"]:
            for block in shell_blocks(ROOT / name):
                words |= set(re.findall(r"^make +([a-z]+)", block, re.MULTILINE))
        self.assertLessEqual({"demo", "check"}, words)
        for word in sorted(words):
            run(["make", "-n", word], cwd=ROOT)

    def test_commands_run(self):
        count = 0
        for name in DOCUMENTS:
            # One shell for a document, since a later block uses what an earlier one left. `make`
            # and `git` stand outside of it: the first is what runs this test.
            lines = "".join(shell_blocks(ROOT / name)).splitlines(keepends=True)
            script = "".join(line for line in lines if not re.match(r"(make|git|cd)\b", line))
            count += sum(line.startswith("build/bin/ingot") for line in lines)
            with self.subTest(name=name):
                run(["sh", "-eux"], input=script.encode(), cwd=self.folder)
        self.assertGreater(count, 5)


if __name__ == "__main__":
    main()
