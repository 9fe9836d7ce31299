"""What makes an op or a pass complete, read from the .td files; lists what each one lacks.

An op has a section in docs/spec/, a round trip, a negative test for each labelled constraint, and
somebody who gives it its meaning: the reference for `llm`, the emitter for `plan`. A pass has a
source file, a flag and a test that all say the same name.
"""

import re

from tree import ROOT, report

# dialect: (folders whose C++ must know every op, and what that is for)
DIALECTS = {
    "llm": [("dialects/llm/reference", "meaning in the reference"),
            ("compiler/passes", "lowering")],
    "plan": [("codegen/emit", "emission")],
}
OP = re.compile(r'^def \w+?_(\w+Op) ?: ?\w+<"(\w+)"', re.MULTILINE)
PASS = re.compile(r'^def (\w+)Pass ?: ?Pass<"([\w-]+)"', re.MULTILINE)


def joined(folder, pattern):
    return "".join(path.read_text() for path in sorted((ROOT / folder).rglob(pattern)))


def labels_of(section):
    return sorted({int(n) for n in re.findall(r"\bC(\d+):", section)})


def check_ops(dialect, td, spec, positive, negative, code):
    """`code`: [(text of all the C++, what it is for)]."""
    sections = dict(re.findall(rf"^##+ `?{dialect}\.(\w+)`?.*?\n(.*?)(?=^##|\Z)", spec,
                               re.MULTILINE | re.DOTALL))
    problems = []
    for klass, name in OP.findall(td):
        op = f"{dialect}.{name}"
        if name not in sections:
            problems.append(f"{op}: no section in docs/spec/{dialect}-dialect.md")
        for label in labels_of(sections.get(name, "")):
            if f"@{name}_c{label}" not in negative:
                problems.append(f"{op}: no negative test '@{name}_c{label}'")
        if name == "return":
            continue  # ends a region: printed or not, and nothing to compute
        if not re.search(rf"\b{dialect}\.{name}\b", positive):
            problems.append(f"{op}: no round trip in test/dialects/{dialect}")
        for text, what in code:
            if not re.search(rf"\b{klass}\b", text):
                problems.append(f"{op}: no {what} ('{klass}' is not named there)")
    return problems


def check_passes(td, sources, tests):
    problems = []
    for name, flag in PASS.findall(td):
        if re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() != flag:
            problems.append(f"{name}Pass: the flag is '{flag}'")
        if f"{name}.cpp" not in sources:
            problems.append(f"{flag}: no compiler/passes/{name}.cpp")
        if not any(t in (f"{flag}.mlir", f"{flag}-invalid.mlir") for t in tests):
            problems.append(f"{flag}: no test/compiler/passes/{flag}.mlir")
    return problems


def main():
    problems = []
    for dialect, code in DIALECTS.items():
        tests = ROOT / "test/dialects" / dialect
        positive = "".join(p.read_text() for p in sorted(tests.glob("*.mlir"))
                           if not p.stem.endswith("-invalid"))
        spec = ROOT / f"docs/spec/{dialect}-dialect.md"
        problems += check_ops(
            dialect, joined(f"dialects/{dialect}", "*.td"),
            spec.read_text() if spec.exists() else "", positive,
            joined(f"test/dialects/{dialect}", "*-invalid.mlir"),
            [(joined(folder, "*.cpp"), f"{what} in {folder}") for folder, what in code])
    passes = (ROOT / "compiler/passes/Passes.td").read_text()
    problems += check_passes(passes, {p.name for p in (ROOT / "compiler/passes").glob("*.cpp")},
                             {p.name for p in (ROOT / "test/compiler/passes").glob("*.mlir")})
    report(problems, "completeness")


if __name__ == "__main__":
    main()
