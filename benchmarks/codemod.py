"""The codemod's speed: its time over a package ÷ the time of `libcst.parse_module` alone.

`python -m benchmarks.codemod PACKAGE ... [--write]`: one process, CPU time; the best of the rounds
for libcst, one round for the codemod. `--repeat N` runs it on N copies of the first package side by
side, for how it scales.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.page import write_part

_CODEMOD = """
import resource, sys, time
from pathlib import Path
from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
root = Path(sys.argv[1])
began = time.process_time()
made = convert(root, package=root.name + "_new", application="".join(sys.argv[2:]))
outcome_of(made)
seconds = time.process_time() - began
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
_LIBCST = """
import sys, time
from pathlib import Path
import libcst
texts = []
for path in sorted(Path(sys.argv[1]).rglob("*.py")):
    try:
        texts.append(path.read_bytes().decode())
    except UnicodeDecodeError:
        pass
began = time.process_time()
for text in texts:
    try:
        libcst.parse_module(text)
    except libcst.ParserSyntaxError:
        pass
print(time.process_time() - began, sum(t.count("\\n") + 1 for t in texts))
"""


def measured(script: str, folder: Path, *more: str) -> tuple[float, float]:
    """The two numbers that a script prints, run in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", script, str(folder), *more],
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = run.stdout.split()
    return float(first), float(second)


def row(folder: Path, name: str, *application: str) -> str:
    """One row of the table."""
    libcst, lines = min(measured(_LIBCST, folder) for _ in range(2))
    codemod, memory = measured(_CODEMOD, folder, *application)
    return (
        f"| {name} | {lines:.0f} | {libcst:.1f} | {codemod:.1f} | {codemod / libcst:.2f} "
        f"| {1000 * codemod / (lines / 1000):.0f} | {memory:.0f} |"
    )


def copies(folder: Path, count: int, scratch: Path) -> Path:
    """A package that holds `count` copies of another one, each importing from itself."""
    root = scratch / f"copies{count}"
    root.mkdir()
    (root / "__init__.py").write_text("")
    for number in range(count):
        part = root / f"part{number}"
        shutil.copytree(folder, part, ignore=shutil.ignore_patterns("tests", "__pycache__"))
        for path in part.rglob("*.py"):
            name = f"{root.name}.{part.name}"
            path.write_text(re.sub(rf"\b{folder.name}\b(?=[.:\s])", name, path.read_text()))
    return root


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path, nargs="+")
    parser.add_argument("--repeat", type=int, action="append", default=[])
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    rows = []
    for package in options.packages:
        rows.append(row(package, package.name))
        print(rows[-1], flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for count in options.repeat:
            folder = copies(options.packages[0], count, Path(scratch))
            name = f"{options.packages[0].name} ×{count}"
            # Each copy has an application of its own; one of them is converted as such.
            rows.append(row(folder, name, f"{folder.name}.part0:create_app"))
            print(rows[-1], flush=True)
    if options.write:
        write_part("codemod", _part(rows))


def _part(rows: list[str]) -> str:
    listed = "\n".join(rows)
    return f"""## The codemod

`python -m benchmarks.codemod PACKAGE ... --repeat N`

CPU seconds of one process: the whole codemod over a package (index, types, colours, rewriting,
report) beside `libcst.parse_module` alone over the same files; peak memory of the codemod.

| package | lines | libcst, s | codemod, s | ratio | ms a thousand lines | MiB |
|---|---:|---:|---:|---:|---:|---:|
{listed}
"""


if __name__ == "__main__":
    main()
