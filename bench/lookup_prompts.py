"""Prompts for prompt lookup: summarising and editing of free texts, and tasks with nothing to copy."""

import pathlib
import re

DATA = pathlib.Path(__file__).resolve().parents[1] / "test/e2e/data"

SUMMARISE = [
    "Summarise the following text in two sentences:\n\n{}",
    "Which sentence of this text is the most important one? Quote it exactly.\n\n{}",
    "List the main points of this text, in its own words:\n\n{}",
]
EDIT = [
    "Correct the spelling of the following text and repeat it without any other change:\n\n{}",
    "Repeat the following text, word for word, with 'the' written in capitals:\n\n{}",
    "Rewrite the following text with shorter sentences, keeping its words:\n\n{}",
]
FRESH = [
    "Write a short story about a lighthouse keeper who finds a strange machine.",
    "Explain how a sailing boat can travel against the wind.",
    "What should I consider before I adopt a dog? Answer in a few paragraphs.",
    "Write a poem about the first snow of the year.",
    "Describe the taste of a ripe mango to somebody who has never eaten one.",
    "Why do the leaves of trees change colour in autumn?",
    "Invent a recipe for a soup with pumpkin and explain every step.",
    "Write a letter to a friend in which you describe a journey by train.",
]


def passages(name, least, most):
    """Paragraphs of a text, joined until they have `least` characters, cut at a word by `most`."""
    out, held = [], ""
    for paragraph in re.split(r"\n+", (DATA / f"{name}.txt").read_text()):
        held = f"{held}\n{paragraph}".strip()
        if len(held) >= least:
            out.append(held if len(held) <= most else held[:held.rindex(" ", 0, most)])
            held = ""
    return out


def texts(least=350, most=700):
    """Passages of all texts, those of the short ones first."""
    return [passage for name in ("dialogue", "manual", "code", "opticks")
            for passage in passages(name, least, most)]


def copying(count, least=350, most=700):
    """[(kind, prompt)]: every template meets every kind of text."""
    templates = [("summarise", t) for t in SUMMARISE] + [("edit", t) for t in EDIT]
    sources = texts(least, most)
    return [(templates[i % len(templates)][0],
             templates[i % len(templates)][1].format(sources[i % len(sources)]))
            for i in range(count)]
