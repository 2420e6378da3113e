"""Run the codemod over checked-out repositories, check what it promises, and write docs/corpus.md.

`python -m benchmarks.corpus CHECKOUTS [NAME ...]` reads the repositories named in corpus.toml from
CHECKOUTS/NAME, or a single folder with `--folder PATH`. Nothing of theirs is run.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from migrator.codemod.convert import Conversion, convert
from migrator.codemod.finding import Finding
from migrator.codemod.outcome import outcome_of
from migrator.codemod.result import Bridged, Outcome

PAGE = Path(__file__).parents[1] / "docs" / "corpus.md"
CONFIG = Path(__file__).with_name("corpus.toml")
_MYPY = (
    "--check-untyped-defs", "--ignore-missing-imports", "--no-error-summary",
    "--enable-error-code", "truthy-bool", "--enable-error-code", "unused-awaitable",
)  # fmt: skip
#: What mypy says of a coroutine that nobody awaits.
_UNAWAITED = re.compile(r"\[(unused-coroutine|unused-awaitable|truthy-function)\]|Coroutine\[")
#: What was a plain value before.
_COROUTINE = re.compile(r"Coroutine\[Any, Any, ([^\[\]]*)\]")
_GAVE_UP = "mypy gave up"
_MESSAGE = re.compile(r"^(?P<path>[^:]+):\d+: error: (?P<message>.*)$")


@dataclass(frozen=True)
class Repository:
    """One repository at one commit; `package` is the folder in it that is converted."""

    name: str
    folder: Path
    repo: str = ""
    commit: str = ""


@dataclass
class Result:
    """What the run over one repository came to; `broken` are the promises that did not hold."""

    repository: Repository
    outcome: Outcome
    lines: int
    seconds: float
    broken: list[str] = field(default_factory=list)
    unawaited: list[str] | None = None


def measure(repository: Repository, cache: Path | None) -> Result:
    """Convert one repository and check the result; by mypy too, with a folder for what it keeps."""
    began = time.process_time()
    conversion = convert(repository.folder, package=repository.folder.name)
    outcome = outcome_of(conversion)
    seconds = time.process_time() - began
    modules = conversion.project.modules.values()
    lines = sum(m.source.text.count("\n") + 1 for m in modules)
    result = Result(repository, outcome, lines, seconds)
    result.broken += _promises(conversion, outcome)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / repository.folder.name
        for path, text in conversion.texts.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        result.broken += _settles(conversion, folder)
        if cache is not None:
            # Tests and migrations stay as they are: they speak to the legacy package.
            apart = tuple(f"{folder.name}/{m.path}:" for m in modules if m.name in conversion.apart)
            result.unawaited = unawaited(_mypy(folder, cache), _mypy(repository.folder, cache))
            result.unawaited = [e for e in result.unawaited if not e.startswith(apart)]
    return result


def unawaited(after: Counter[str], before: Counter[str]) -> list[str]:
    """What mypy says of coroutines in the converted package and did not say of plain functions."""
    known = before.copy()
    found = []
    for message in sorted(after.elements()):
        plain = _COROUTINE.sub(r"\1", message)
        if known[plain]:
            known[plain] -= 1
        elif _UNAWAITED.search(message) or message.startswith(_GAVE_UP):
            found.append(message)
    return found


def _promises(conversion: Conversion, outcome: Outcome) -> list[str]:
    broken = [f"failed in {name}" for name in sorted(conversion.failed)]
    for path, text in conversion.texts.items():
        if not path.endswith(".py"):
            continue  # a document whose names of functions are others now
        try:
            compile(text, path, "exec", dont_inherit=True)
        except SyntaxError as error:
            broken.append(f"{path}:{error.lineno} does not compile: {error.msg}")
    totals = outcome.totals
    if totals.seen != totals.native + totals.bridged + totals.left:
        broken.append(f"the sum does not hold: {totals}")
    length = {m.path: m.source.text.count("\n") + 1 for m in conversion.project.modules.values()}
    places: list[Finding | Bridged] = [*outcome.findings, *outcome.bridged, *outcome.notes]
    for place in places:
        if place.path in length and not 1 <= place.line <= length[place.path]:
            broken.append(f"{place.code} points at {place.path}:{place.line}")
    return broken


def _settles(conversion: Conversion, folder: Path) -> list[str]:
    """A second run over what the first one wrote changes nothing."""
    again = convert(folder, package=folder.name)
    return [
        f"{path} changes again in a second run"
        for path, text in conversion.texts.items()
        if path != "asgi.py" and path not in again.copies and again.texts.get(path) != text
    ]


def _mypy(folder: Path, cache: Path) -> Counter[str]:
    """What mypy says of a package, by file and message."""
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *_MYPY, "--cache-dir", str(cache), "-p", folder.name],
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    found: Counter[str] = Counter()
    for line in run.stdout.splitlines():
        match = _MESSAGE.match(line)
        if match is not None:
            found[f"{match['path']}: {match['message']}"] += 1
    if not found and run.returncode == 2:
        found[f"{_GAVE_UP}: {(run.stdout + run.stderr).strip().splitlines()[:1]}"] += 1
    return found


def page(results: list[Result]) -> str:
    """docs/corpus.md."""
    rows = "\n".join(_row(r) for r in results)
    total = Counter[str]()
    for result in results:
        t = result.outcome.totals
        total.update(seen=t.seen, native=t.native, bridged=t.bridged, left=t.left)
    codes = "\n".join(_codes(r) for r in results)
    return f"""# The codemod on public repositories

`python -m benchmarks.corpus CHECKOUTS`, with the repositories of `benchmarks/corpus.toml` checked
out below CHECKOUTS. Nothing of theirs is kept here or run. For each: the codemod does not crash,
all of its output compiles, native + bridged + left is what was seen, every finding points at a
line that exists, and a second run over the output changes nothing. Unawaited is what mypy says of
coroutines in the converted package and not in the original; seconds are of one core.

| repository | lines | sites | native | bridged | left | endpoints native / bridged / legacy | seconds | promises broken | unawaited |
|---|---:|---:|---:|---:|---:|---|---:|---:|---:|
{rows}
| all | {sum(r.lines for r in results)} | {total["seen"]} | {_share(total["native"], total["seen"])} | {_share(total["bridged"], total["seen"])} | {_share(total["left"], total["seen"])} | | {sum(r.seconds for r in results):.0f} | {sum(len(r.broken) for r in results)} | {sum(len(r.unawaited or ()) for r in results)} |

An application whose extensions need Flask keeps it as its frame (AsyncFlask): its endpoints count as
bridged, since Flask's own dispatch runs in the bridge, and its queries by what became of them.

## Why

The most frequent codes: what is to be done by hand, and what runs in the bridge.

| repository | to do | in the bridge |
|---|---|---|
{codes}
"""


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _row(result: Result) -> str:
    t, levels = result.outcome.totals, result.outcome.levels()
    repository = result.repository
    name = f"{repository.repo or repository.name}"
    if repository.commit:
        name += f" @ {repository.commit}"
    unawaited = "–" if result.unawaited is None else str(len(result.unawaited))
    return (
        f"| {name} | {result.lines} | {t.seen} | {_share(t.native, t.seen)} "
        f"| {_share(t.bridged, t.seen)} | {_share(t.left, t.seen)} "
        f"| {levels['native']} / {levels['bridged']} / {levels['legacy']} "
        f"| {result.seconds:.1f} | {len(result.broken)} | {unawaited} |"
    )


def was(row: str, page: str) -> str:
    """What the page says of a row's repository, where it says something else; not of the seconds."""
    _, name, *now = (cell.strip() for cell in row.split("|"))
    for line in page.splitlines():
        _, listed, *then = [cell.strip() for cell in line.split("|")] + [""] * 2
        if listed == name and len(then) > len(now) and then[:6] != now[:6]:
            return f"{then[1]} sites, {' / '.join(then[2:5])}, endpoints {then[5]}"
    return ""


def _codes(result: Result) -> str:
    findings = Counter(f.code for f in result.outcome.findings)
    bridged = Counter(b.code for b in result.outcome.bridged)
    return f"| {result.repository.name} | {_most(findings)} | {_most(bridged)} |"


def _most(codes: Counter[str]) -> str:
    return ", ".join(f"{code} ×{n}" for code, n in codes.most_common(5)) or "–"


def repositories(checkouts: Path, names: list[str]) -> list[Repository]:
    """The repositories of corpus.toml that are checked out."""
    listed = tomllib.loads(CONFIG.read_text())["repository"]
    found = [
        Repository(r["name"], checkouts / r["name"] / r["package"], r["repo"], r["commit"])
        for r in listed
        if not names or r["name"] in names
    ]
    for missing in [r for r in found if not r.folder.is_dir()]:
        print(f"{missing.name}: {missing.folder} is not there, and left out", file=sys.stderr)
    return [r for r in found if r.folder.is_dir()]


def main() -> int:
    """The command; 1 where a promise is broken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("checkouts", type=Path, nargs="?", default=Path("corpus"))
    parser.add_argument("names", nargs="*", help="only these of corpus.toml")
    parser.add_argument("--folder", type=Path, action="append", help="a package of your own")
    parser.add_argument("--no-mypy", action="store_true", help="without the second opinion")
    parser.add_argument("--write", action="store_true", help="write docs/corpus.md")
    options = parser.parse_args()
    if options.folder:
        chosen = [Repository(f.name, f) for f in options.folder]
    else:
        chosen = repositories(options.checkouts, options.names)
    results, known = [], PAGE.read_text()
    with tempfile.TemporaryDirectory() as cache:
        for repository in chosen:
            result = measure(repository, None if options.no_mypy else Path(cache))
            results.append(result)
            print(_row(result), flush=True)
            if before := was(_row(result), known):
                print(f"    docs/corpus.md has {before}", flush=True)
            for problem in (*result.broken, *(result.unawaited or ())):
                print(f"    {problem}", flush=True)
    if options.write:
        PAGE.write_text(page(results))
    return 1 if any(r.broken for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
