"""The codemod's speed: its time over a package ÷ the time of `libcst.parse_module` alone.

`python -m benchmarks.codemod PACKAGE ... [--write]`: CPU time; the best of the rounds for libcst, one
round for the codemod. `NAME=PACKAGE` gives a package another name in the tables. `--repeat N` runs it on N copies
of the first package side by side, `--lines N` on one module of N lines, for how it scales. A second table says what takes the time, a third one what a further run and further processes
bring to each package.
"""

from __future__ import annotations

import argparse
import ast
import compileall
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import migrator
from benchmarks.page import write_part

#: Prints the seconds, the peak memory, how often functions were evaluated, and each phase's seconds.
_CODEMOD = """
import resource, sys, time
from collections import Counter
from pathlib import Path
import migrator.codemod.jobs
from migrator.codemod import convert, outcome
seconds = Counter()
def timed(phase, module, name):
    function = getattr(module, name)
    def run(*args, **kwargs):
        began = time.process_time()
        result = function(*args, **kwargs)
        seconds[phase] += time.process_time() - began
        return result
    setattr(module, name, run)
for phase, names in {
    "index": ["Project", "Models"],
    "surface": ["read_surface"],
    "types": ["analyse"],
    "colours": ["Decisions", "place"],
    "plan": ["make_plan", "own_name_edits", "plan_renaming"],
    "rewriting": ["_rewritten"],
}.items():
    for name in names:
        timed(phase, convert, name)
timed("report", outcome, "outcome_of")
root = Path(sys.argv[1])
began = time.process_time()
made = convert.convert(root, package=root.name + "_new", application="".join(sys.argv[2:]))
outcome.outcome_of(made)
whole = time.process_time() - began
print(whole, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, made.state.evaluations)
print(*(f"{phase}={spent / whole}" for phase, spent in seconds.items()))
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


#: The one module that `--lines` makes, and what it repeats.
_MODULE = """from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Customer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))


class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    customer_id = db.Column(db.ForeignKey("customer.id"))
    customer = db.relationship(Customer, backref="orders")


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db.init_app(app)
"""
_VIEW = """

def orders_NUMBER(name):
    query = Order.query.filter(Order.id > NUMBER)
    if name:
        query = query.join(Customer).filter(Customer.name == name)
    return query.order_by(Order.id)


@app.route("/orders/NUMBER/<name>")
def view_NUMBER(name):
    found = []
    for order in orders_NUMBER(name).limit(10).all():
        found.append({"id": order.id, "customer": order.customer.name})
    return jsonify(found=found, first=orders_NUMBER(None).first().id)
"""
#: The phases of a run, as `_CODEMOD` calls them.
_PHASES = ("index", "surface", "types", "colours", "plan", "rewriting", "report")


def printed(script: str, folder: Path, *more: str) -> list[str]:
    """What a script prints, run in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", script, str(folder), *more],
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.split()


def measured(script: str, folder: Path, *more: str) -> tuple[float, float]:
    """The two numbers that a script prints."""
    first, second = printed(script, folder, *more)
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


def row(folder: Path, name: str, *application: str) -> tuple[str, str]:
    """One row of the first table, and one of the second."""
    libcst, lines = min(measured(_LIBCST, folder) for _ in range(2))
    seconds, memory, evaluations, *phases = printed(_CODEMOD, folder, *application)
    codemod = float(seconds)
    shares = {phase: float(part) for phase, _, part in (p.partition("=") for p in phases)}
    listed = " | ".join(f"{100 * shares.get(phase, 0):.0f} %" for phase in _PHASES)
    return (
        f"| {name} | {lines:.0f} | {libcst:.1f} | {codemod:.1f} | {codemod / libcst:.2f} "
        f"| {1000 * codemod / (lines / 1000):.0f} | {float(memory):.0f} |",
        f"| {name} | {listed} | {evaluations} |",
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


def one_module(lines: int, scratch: Path) -> Path:
    """A package of one module, as long as that and nothing but queries."""
    root = scratch / f"lines{lines}"
    root.mkdir()
    count = (lines - _MODULE.count("\n")) // _VIEW.count("\n")
    views = (_VIEW.replace("NUMBER", str(number)) for number in range(count))
    (root / "__init__.py").write_text(_MODULE + "".join(views))
    return root


def _named(word: str) -> tuple[str, Path]:
    name, _, folder = word.rpartition("=")
    return name or Path(folder).name, Path(folder)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=_named, nargs="+")
    parser.add_argument("--repeat", type=int, action="append", default=[])
    parser.add_argument("--lines", type=int, action="append", default=[])
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    # As an installer does: otherwise each command compiles migrator anew where nothing may be written.
    compileall.compile_dir(Path(migrator.__file__).parent, quiet=1)
    rows, phases, more = [], [], []

    def add(folder: Path, name: str, *application: str) -> None:
        first, second = row(folder, name, *application)
        rows.append(first)
        phases.append(second)
        print(first, second, sep="\n", flush=True)

    with tempfile.TemporaryDirectory() as made:
        scratch = Path(made)
        for name, package in options.packages:
            add(package, name)
            more.append(again(package, name, scratch))
            print(more[-1], flush=True)
        for count in options.repeat:
            name, package = options.packages[0]
            folder = copies(package, count, scratch)
            name = f"{name} ×{count}"
            # Each copy has an application of its own; one of them is converted as such.
            application = f"{folder.name}.part0:create_app"
            add(folder, name, application)
            more.append(again(folder, name, scratch, application))
            print(more[-1], flush=True)
        for lines in options.lines:
            folder = one_module(lines, scratch)
            add(folder, "one module")
            more.append(again(folder, f"one module, {lines} lines", scratch))
            print(more[-1], flush=True)
    if options.write:
        write_part("codemod", _part(rows, phases, more))


def _part(rows: list[str], phases: list[str], more: list[str]) -> str:
    listed, shares, again = ("\n".join(part) for part in (rows, phases, more))
    return f"""## The codemod

`python -m benchmarks.codemod PACKAGE ... --repeat N --lines N`

CPU seconds of one process: the whole codemod over a package (index, types, colours, rewriting,
report) beside `libcst.parse_module` alone over the same files, neither with what it imports; peak
memory of the codemod.

| package | lines | libcst, s | codemod, s | ratio | ms a thousand lines | MiB |
|---|---:|---:|---:|---:|---:|---:|
{listed}

What takes the time: the parser and what is defined (index), the Flask application read from its source
(surface), the evaluation of all functions until no type changes (types), what is native and which options
load ahead (colours), the edits (plan), the new texts (rewriting), the sum (report). A function is
evaluated again when a type that it reads has changed.

| package | {" | ".join(_PHASES)} | evaluations |
|---|{"---:|" * (len(_PHASES) + 1)}
{shares}

CPU seconds of the command itself, the start of Python included, its modules compiled as an
installed package's are: a first run; a second one, where
nothing has changed; a third one, where one statement of one function has: evaluations of functions,
rewritten files and, of the changed file, rewritten statements are taken from the run before; index,
surface, decisions and Python's imports (a tenth of a second) are not. The last column is the part of a first run's CPU time that the
processes of `--jobs` share out: a fifth of it makes two idle cores 1.1 times as fast as one, half 1.3.

| package | first run, s | nothing changed | one function changed | in processes |
|---|---:|---:|---:|---:|
{again}
"""


if __name__ == "__main__":
    main()
