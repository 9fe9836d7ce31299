"""Two compiles give the same bytes, whatever the folder, the time, the environment, the cache."""

import os

from common import CACHE, SMOLLM2, TestCase, compile_model, hash_tree, main, smollm2_gguf
from tiny import DEFAULT


class Determinism(TestCase):
    def assertSameTree(self, first, second):
        a, b = hash_tree(first), hash_tree(second)
        self.assertEqual(a.keys(), b.keys())
        self.assertEqual([name for name in a if a[name] != b[name]], [], "files that differ")

    def test_smollm2_cold_and_warm(self):
        """The fixture began with an empty cache; this one finds it filled, from another place."""
        out = self.folder / "some/where else"
        out.parent.mkdir(parents=True)
        environment = dict(os.environ, TZ="Asia/Tokyo", LC_ALL="C.UTF-8", HOME=str(self.folder))
        compile_model(smollm2_gguf(), out, "--name", "smollm2", "--emit", "exe,lib,so",
                      cwd=self.folder, env=environment, umask=0o077)
        self.assertSameTree(SMOLLM2, out)

    def test_two_empty_caches(self):
        path = DEFAULT.write(self.folder / "model")
        options = ("--emit", "exe,lib,so,obj,asm,cpp,mlir")
        compile_model(path, self.folder / "a", *options, cache=self.folder / "cache-a")
        compile_model(path, self.folder / "b", *options, cache=self.folder / "cache-b", cwd="/")
        self.assertSameTree(self.folder / "a", self.folder / "b")

    def test_resolved_yaml_compiles_to_the_same(self):
        path = DEFAULT.write(self.folder / "model")
        compile_model(path, self.folder / "a")
        compile_model(self.folder / "a/model.yaml", self.folder / "b")
        self.assertSameTree(self.folder / "a", self.folder / "b")

    def test_resolved_yaml_of_the_gguf_compiles_to_the_same(self):
        out = self.folder / "again"
        compile_model(SMOLLM2 / "model.yaml", out, "--emit", "exe,lib,so", cache=CACHE)
        self.assertSameTree(SMOLLM2, out)


if __name__ == "__main__":
    main()
