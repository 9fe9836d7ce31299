"""A Hugging Face folder with a tokenizer.json: its ids, and its chat template against jinja2.

The model is tiny and random, the tokenizer and the template are SmolLM2's own.
"""

import ctypes
import json

from jinja2.sandbox import ImmutableSandboxedEnvironment

from common import TestCase, compile_model, main, smollm2_gguf, tokenize
from strings import mixed_strings
from test_tokenizer import Library, huggingface_tokenizer
from tiny import Tiny

ROLES = {"system": 0, "user": 1, "assistant": 2}


class Message(ctypes.Structure):
    _fields_ = [("role", ctypes.c_uint32), ("reserved", ctypes.c_uint32),
                ("text", ctypes.c_char_p), ("bytes", ctypes.c_size_t)]


def render(library, messages, prompt):
    array = (Message * len(messages))(*[
        Message(ROLES[role], 0, text.encode(), len(text.encode())) for role, text in messages])
    count = ctypes.c_size_t(8192)
    ids = (ctypes.c_int32 * count.value)()
    status = library.lib.ingot_chat_render(library.model, array, ctypes.c_size_t(len(messages)),
                                           int(prompt), ids, ctypes.byref(count))
    if status:
        raise AssertionError(f"ingot_chat_render returned {status}")
    return list(ids[:count.value])


class Chat(TestCase):
    def setUp(self):
        super().setUp()
        import gguf

        self.special, self.plain = huggingface_tokenizer(smollm2_gguf())
        reader = gguf.GGUFReader(str(smollm2_gguf()))
        self.template = reader.get_field("tokenizer.chat_template").contents()
        model = Tiny("talker", vocab=self.special.get_vocab_size(), hidden=32, ffn=32, blocks=1,
                     heads=2, kv_heads=1, head_dim=16)
        yaml = model.write(self.folder / "model")
        self.special.save(str(self.folder / "model" / "tokenizer.json"))
        text = yaml.read_text() + (
            "tokenizer:\n  path: tokenizer.json\n  add_bos: false\n  bos: 1\n  eos: [2]\n"
            f"  chat_template: {json.dumps(self.template)}\n")
        yaml.write_text(text)
        self.out = self.folder / "out"
        compile_model(yaml, self.out, "--emit", "exe,so", "--validate", "none")

    def test_ids_and_conversations(self):
        for text in mixed_strings(60, seed=5):
            self.assertEqual(tokenize(self.out, text), self.special.encode(text).ids, repr(text))

        library = Library(self.out / "libtalker.so", "talker")
        template = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True).from_string(self.template)
        conversations = [
            [("user", "Hi")], [("system", "Be brief."), ("user", "Why?")],
            [("user", "One"), ("assistant", "Two"), ("user", "\n\n three 33 <|im_end|>")],
            [("user", "  'tis a \u4f60\u597d \U0001f600 test\n"), ("assistant", "")],
            [("user", "x " * 900), ("assistant", "y" * 1500)],
        ]
        for messages in conversations:
            for prompt in (False, True):
                marked = [{"role": role, "content": f"\0{i}\0"}
                          for i, (role, _) in enumerate(messages)]
                text = template.render(messages=marked, add_generation_prompt=prompt,
                                       bos_token="<|im_start|>", eos_token="<|im_end|>")
                found = render(library, messages, prompt)
                self.assertEqual(found, self.expected(text, messages), messages)

    def expected(self, text, messages):
        """Special tokens of the template are cut out by hand; what stands between them, a
        stranger's special tokens included, is plain text."""
        import re

        names = [t for t in self.special.get_vocab() if t.startswith("<|") and t.endswith("|>")]
        ids = []
        for part in re.split("(" + "|".join(map(re.escape, names)) + ")", text):
            if part in names:
                ids.append(self.special.token_to_id(part))
                continue
            for i, (_, content) in enumerate(messages):
                part = part.replace(f"\0{i}\0", content)
            ids += self.plain.encode(part).ids
        return ids


if __name__ == "__main__":
    main()
