"""The codemod's speed: its time over a package ÷ the time of `libcst.parse_module` alone.

`python -m benchmarks.codemod PACKAGE ... [--write]`: CPU time; the best of the rounds for libcst, one
round for the codemod. `--repeat N` runs it on N copies of the first package side by side, for how it
scales. A second table has what a further run and further processes bring to each package.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import resource
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


#: Rewrites in two processes; the CPU seconds of the parent and of these.
_JOBS = """
import resource, sys, time
from pathlib import Path
import migrator.codemod.jobs
from migrator.codemod.convert import convert
root = Path(sys.argv[1])
began = time.process_time()
convert(root, package=root.name + "_new", jobs=2, application="".join(sys.argv[2:]))
own = time.process_time() - began
children = resource.getrusage(resource.RUSAGE_CHILDREN)
print(own, children.ru_utime + children.ru_stime)
"""


def command(folder: Path, cache: Path, *application: str) -> float:
    """The CPU seconds of `migrator codemod` on a folder, the start of Python and imports included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    app = ["--app", *application] if application else []
    subprocess.run(
        [sys.executable, "-m", "migrator", "codemod", str(folder), "--format", "json", *app],
        capture_output=True,
        check=False,
        env={**os.environ, "MIGRATOR_CACHE_DIR": str(cache)},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def change_a_function(folder: Path) -> None:
    """Add a statement to the longest function of the folder's largest module."""
    path = max(folder.rglob("*.py"), key=lambda p: p.stat().st_size)
    text = path.read_text()
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]
    longest = max(functions, key=lambda n: (n.end_lineno or 0) - n.lineno)
    last = longest.body[-1]
    lines = text.splitlines(keepends=True)
    lines.insert(last.lineno - 1, f"{' ' * last.col_offset}changed = 1\n")
    path.write_text("".join(lines))


def again(folder: Path, name: str, scratch: Path, *application: str) -> str:
    """One row of the second table: what the runs after the first one cost, and what is shared out."""
    copy = scratch / "again" / folder.name
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
    cache = scratch / "cache"
    first = command(copy, cache, *application)
    same = command(copy, cache, *application)
    change_a_function(copy)
    changed = command(copy, cache, *application)
    own, children = measured(_JOBS, copy, *application)
    shutil.rmtree(copy)
    return (
        f"| {name} | {first:.1f} | {100 * same / first:.0f} % | {100 * changed / first:.0f} % "
        f"| {100 * children / (own + children):.0f} % |"
    )


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
    rows, more = [], []
    with tempfile.TemporaryDirectory() as made:
        scratch = Path(made)
        for package in options.packages:
            rows.append(row(package, package.name))
            more.append(again(package, package.name, scratch))
            print(rows[-1], more[-1], sep="\n", flush=True)
        for count in options.repeat:
            folder = copies(options.packages[0], count, scratch)
            name = f"{options.packages[0].name} ×{count}"
            # Each copy has an application of its own; one of them is converted as such.
            application = f"{folder.name}.part0:create_app"
            rows.append(row(folder, name, application))
            more.append(again(folder, name, scratch, application))
            print(rows[-1], more[-1], sep="\n", flush=True)
    if options.write:
        write_part("codemod", _part(rows, more))


def _part(rows: list[str], more: list[str]) -> str:
    listed, again = "\n".join(rows), "\n".join(more)
    return f"""## The codemod

`python -m benchmarks.codemod PACKAGE ... --repeat N`

CPU seconds of one process: the whole codemod over a package (index, types, colours, rewriting,
report) beside `libcst.parse_module` alone over the same files; peak memory of the codemod.

| package | lines | libcst, s | codemod, s | ratio | ms a thousand lines | MiB |
|---|---:|---:|---:|---:|---:|---:|
{listed}

CPU seconds of the command itself, the start of Python included: a first run; a second one, where
nothing has changed; a third one, where one statement of one function has: evaluations of functions
and rewritten files are taken from the run before; index, surface, decisions and Python's imports
(half a second) are not. The last column is the part of a first run's CPU time that the
processes of `--jobs` share out: a fifth of it makes two idle cores 1.1 times as fast as one, half 1.3.

| package | first run, s | nothing changed | one function changed | in processes |
|---|---:|---:|---:|---:|
{again}
"""


if __name__ == "__main__":
    main()
