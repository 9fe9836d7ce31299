"""Every code folder has a README of at most one screen (60 lines)."""

from tree import ROOT, SOURCES, files, read, report

SCREEN = 60


def main():
    folders = {str(f.parent) for f in files()
               if f.suffix in SOURCES | {".py"} and str(f.parent) != "."}
    problems = []
    for folder in sorted(folders):
        path = ROOT / folder / "README.md"
        if not path.exists():
            if not any((ROOT / parent / "README.md").exists() for parent in parents(folder)):
                problems.append(f"{folder}: no README.md, here or above")
        elif read(path.relative_to(ROOT)).count("\n") > SCREEN:
            problems.append(f"{folder}/README.md: longer than a screen ({SCREEN} lines)")
    report(problems, "readmes")


def parents(folder):
    """The folders whose README may speak for this one: not the root of several layers."""
    parts = folder.split("/")
    first = 2 if parts[0] in ("codegen", "compiler", "dialects") else 1
    return ["/".join(parts[:i]) for i in range(len(parts) - 1, first - 1, -1)]


if __name__ == "__main__":
    main()
