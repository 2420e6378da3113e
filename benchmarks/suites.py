"""Run the test suites of public repositories before and after their conversion, test by test.

`python -m benchmarks.suites CHECKOUTS [NAME ...]` takes the repositories of corpus.toml that
CHECKOUTS/suites.toml says how to run, a table each with the fields of `Suite`. Each is copied, given
an environment of its own with today's Flask and SQLAlchemy, tested, converted in place by `migrator
codemod --write` and tested again, by the same tests, which stay as they are.

What takes somebody's code of some years ago to today's packages has lines of that code: it is kept
beside the checkouts, and not here.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine

from benchmarks.corpus import Repository, repositories
from migrator.embedded import create_database, drop_database, postgres

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "suites.md"
CONFIG = "suites.toml"
_GIT = ("git", "-c", "user.name=suites", "-c", "user.email=suites@localhost", "-c", "gc.auto=0")


@dataclass(frozen=True)
class Suite:
    """How the tests of one repository are run, as suites.toml has it."""

    #: What pip installs beside migrator and pytest.
    requirements: tuple[str, ...]
    #: Arguments of pytest: files and folders, more options, and tests that need what is not there.
    tests: tuple[str, ...] = ("tests",)
    options: tuple[str, ...] = ()
    deselect: tuple[str, ...] = ()
    #: Whether each of `tests` is a run of its own; the row is their sum.
    apart: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    #: In which files (a glob), what is replaced, by what; with nothing to be replaced, a new file.
    edits: tuple[tuple[str, str, str], ...] = ()
    #: Whether each run has a database of its own at DATABASE_URL.
    postgresql: bool = False
    #: An SQL file beside suites.toml that fills that database, of statements alone.
    dump: str = ""
    #: Where benchmarks.models finds what describes the tables.
    models: str = ""
    #: Why tests that pass before can't pass after, whatever is done.
    by_design: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Suite:
        settings: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in table.items()
        }
        return cls(**settings)


@dataclass(frozen=True)
class Run:
    """One run of a suite: how each test ended, and the seconds it took."""

    ended: Mapping[str, str]
    seconds: float

    @property
    def passed(self) -> frozenset[str]:
        return frozenset(test for test, how in self.ended.items() if how == "passed")


@dataclass(frozen=True)
class Comparison:
    """A repository's suite before and after."""

    repository: Repository
    before: Run
    after: Run

    @property
    def lost(self) -> list[str]:
        """The tests that passed before and don't any more."""
        return sorted(self.before.passed - self.after.passed)

    @property
    def row(self) -> str:
        kept = len(self.before.passed & self.after.passed)
        r = self.repository
        return (
            f"| {r.repo} @ {r.commit} | {len(self.before.ended)} | {len(self.before.passed)} "
            f"| {len(self.after.passed)} | {kept} "
            f"| {self.before.seconds:.0f} / {self.after.seconds:.0f} |"
        )


class Workshop:
    """The folder that one repository is run in."""

    def __init__(self, repository: Repository, suite: Suite, work: Path) -> None:
        self.repository = repository
        self.suite = suite
        self.folder = work / repository.name
        self.checkout = repository.folder.parent
        self.source = self.folder / "source"
        self.python = self.folder / "venv" / "bin" / "python"

    def compare(self) -> Comparison:
        """Before, conversion, after."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._install()
        self.copy()
        before = self._run("before")
        self._convert()
        after = self._run("after", "-p", "migrator.pytest_plugin")
        return Comparison(self.repository, before, after)

    @property
    def installed(self) -> list[str]:
        """What pip is asked for."""
        return [*self.suite.requirements, "pytest", "-e", f"{ROOT}[mount,postgres,sqlite]"]

    def _install(self) -> None:
        record = self.folder / "requirements.json"
        if record.exists() and json.loads(record.read_text()) == self.installed:
            return
        venv.create(self.folder / "venv", with_pip=True, clear=True)
        _do([str(self.python), "-m", "pip", "install", "-q", *self.installed], ROOT)
        record.write_text(json.dumps(self.installed))

    def copy(self) -> None:
        """Copy the checkout and edit it, into a git repository of its own."""
        shutil.rmtree(self.source, ignore_errors=True)
        shutil.copytree(
            self.checkout, self.source, symlinks=True, ignore=shutil.ignore_patterns(".git")
        )
        for pattern, old, new in self.suite.edits:
            self._edit(pattern, old, new)
        _do([*_GIT, "init", "-q"], self.source)
        _do([*_GIT, "add", "--all", "--force"], self.source)
        _do([*_GIT, "commit", "-q", "-m", "source"], self.source)

    def _edit(self, pattern: str, old: str, new: str) -> None:
        if not old:
            (self.source / pattern).parent.mkdir(parents=True, exist_ok=True)
            (self.source / pattern).write_text(new)
            return
        texts = {path: path.read_text() for path in sorted(self.source.glob(pattern))}
        if not any(old in text for text in texts.values()):
            raise SystemExit(f"{self.repository.name}: nowhere in {pattern}: {old}")
        for path, text in texts.items():
            path.write_text(text.replace(old, new))

    def _convert(self) -> None:
        _do([*_GIT, "clean", "-fdxq"], self.source)
        _do([*_GIT, "checkout", "-q", "."], self.source)
        package = self.source / self.repository.folder.name
        # The tests speak to Flask (its url_for, its contexts), whatever the extensions need.
        options = ["--frame", "flask", "--write", "--format", "json"]
        arguments = ["-m", "migrator", "codemod", str(package), *options]
        run = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        (self.folder / "codemod.json").write_text(run.stdout)
        if run.returncode > 1:
            raise SystemExit(f"{self.repository.name}: {run.stderr}")

    def _run(self, name: str, *options: str) -> Run:
        if not self.suite.apart:
            return self._run_of(name, self.suite.tests, *options)
        runs = [
            self._run_of(f"{name}.{number}", [tests], *options)
            for number, tests in enumerate(self.suite.tests, 1)
        ]
        ended = {test: how for run in runs for test, how in run.ended.items()}
        return Run(ended, sum(run.seconds for run in runs))

    def _run_of(self, name: str, tests: Iterable[str], *options: str) -> Run:
        results = self.folder / f"{name}.xml"
        results.unlink(missing_ok=True)
        with self._database() as url, (self.folder / f"{name}.log").open("w") as log:
            began = time.monotonic()
            command = [
                str(self.python), "-m", "pytest", *tests, "-q", "--tb=short",
                "-o", "addopts=", "-o", "junit_family=xunit1", "-p", "no:cacheprovider",
                f"--junitxml={results}", *(f"--deselect={d}" for d in self.suite.deselect),
                *self.suite.options, *options,
            ]  # fmt: skip
            subprocess.run(
                command,
                cwd=self.source,
                env={**os.environ, **url, **self.suite.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
            seconds = time.monotonic() - began
        return Run(_ended(results), seconds)

    def _fill(self, url: str) -> None:
        if not self.suite.dump:
            return
        statements = (self.checkout.parent / self.suite.dump).read_text()
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.connection.cursor().execute(statements)

    @contextlib.contextmanager
    def _database(self) -> Iterator[dict[str, str]]:
        """The setting that names an empty database, where the suite wants one."""
        if not self.suite.postgresql:
            yield {}
            return
        with postgres() as server:
            drop_database(server, self.repository.name)
            url = create_database(server, self.repository.name)
            # Without a driver, SQLAlchemy 2.1 takes psycopg 3.
            url = url.replace("postgresql:", "postgresql+psycopg2:", 1)
            self._fill(url)
            yield {"DATABASE_URL": url}


def suites(checkouts: Path) -> dict[str, Suite]:
    """The suites that can be run, by the name of their repository; SystemExit without any."""
    path = checkouts / CONFIG
    if not path.is_file():
        raise SystemExit(f"{path} is not there: a table for each repository, with what Suite has")
    return {name: Suite.of(table) for name, table in tomllib.loads(path.read_text()).items()}


def _do(command: list[str], folder: Path) -> None:
    subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _ended(results: Path) -> dict[str, str]:
    """How each test of a JUnit file ended; a test with an error in its teardown has not passed."""
    ended: dict[str, str] = {}
    if not results.exists():
        return ended
    for case in ET.parse(results).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        how = next(
            (k for k in ("error", "failure", "skipped") if case.find(k) is not None), "passed"
        )
        if ended.get(name, "passed") == "passed":
            ended[name] = how
    return ended


def rows_of(page: str) -> dict[str, str]:
    """The rows of a page, by repository and commit."""
    lines = [line for line in page.splitlines() if line.startswith("| ") and " @ " in line]
    return {line.split("|")[1].strip(): line for line in lines}


def page(rows: Iterable[str], by_design: Mapping[str, Iterable[str]]) -> str:
    """docs/suites.md: its rows, and by repository why tests that passed can't pass any more."""
    reasons = "".join(f"- {name}: {why}\n" for name, found in by_design.items() for why in found)
    listed = f"\nBy design, these don't pass any more:\n\n{reasons}" if reasons else ""
    table = "\n".join(rows)
    return f"""# The test suites of public repositories, before and after

`python -m benchmarks.suites CHECKOUTS`: each repository that `CHECKOUTS/suites.toml` names is copied,
taken to today's Flask and SQLAlchemy by the few edits that stand there, tested, converted in place by
`migrator codemod --frame flask --write`, and tested again with the [plugin](testing.md): by the same
tests, unchanged, over the async driver. None of their code is kept here, and so none of the edits: the
command's docstring says what that file has. Where it names a part of a suite, the row is of that part: of the
3490 tests of notifications-api, those below `tests/app` in billing, complaint, dao, delivery, email_branding,
inbound_number, inbound_sms, job, letter_branding, letters, organisation, platform_stats, provider_details,
service_invite, template, template_folder, template_statistics, upload and user. That part and CTFd's suite were
run folder by folder (`apart`), and their rows are sums. The seconds are by the clock, of whatever else the machine
had to do meanwhile too. `--write` writes this page; where only some repositories are named, the rows of the others
stay.

| repository | tests | passed before | passed after | of them the same | seconds |
|---|---:|---:|---:|---:|---:|
{table}
{listed}"""


def main() -> int:
    """The command; 1 where a test was lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("names", nargs="*", help="only these of suites.toml")
    parser.add_argument(
        "--work", type=Path, default=Path(tempfile.gettempdir()) / "migrator-suites",
        help="where the copies and their environments lie; kept for the next run",
    )  # fmt: skip
    parser.add_argument("--write", action="store_true", help="write docs/suites.md")
    options = parser.parse_args()
    checkouts = options.checkouts.resolve()
    known_suites = suites(checkouts)
    known, rows, lost = rows_of(PAGE.read_text()), [], False
    for repository in repositories(checkouts, []):
        if repository.name not in known_suites:
            continue
        if options.names and repository.name not in options.names:
            rows += [r for r in [known.get(f"{repository.repo} @ {repository.commit}")] if r]
            continue
        comparison = Workshop(repository, known_suites[repository.name], options.work).compare()
        rows.append(comparison.row)
        lost = lost or bool(comparison.lost)
        print(comparison.row, flush=True)
        for test in comparison.lost:
            print(f"    {comparison.after.ended.get(test, 'not run')}: {test}", flush=True)
    if options.write:
        by_design = {name: suite.by_design for name, suite in known_suites.items()}
        PAGE.write_text(page(rows, by_design))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
