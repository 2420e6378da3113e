"""Programs in one application, legacy and converted: what each answers, raises and leaves in its tables."""

from __future__ import annotations

import gc
import importlib
import os
import sqlite3
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
from sqlalchemy.orm import configure_mappers
from werkzeug.test import Client

from migrator.codemod.finding import Finding
from migrator.codemod.outcome import outcome_of
from migrator.runtime.compat.testing import as_wsgi
from migrator.runtime.db.blocking import run_blocking
from migrator.surface import FrameChoice
from tests.codemod.parity import Sides
from tests.codemod.programs.homes import SEED, application

#: The errors that are no HTTP ones.
RAISED = 599


@dataclass(frozen=True)
class Answer:
    """What a request came to."""

    status: int
    body: str
    rows: dict[str, list[Any]]
    #: What was raised, with its place; coroutines that nobody has awaited.
    raised: str
    forgotten: tuple[str, ...]

    def differs(self, converted: Answer) -> str:
        """How the converted side answers another way, or ""."""
        if converted.forgotten:
            return "nobody awaits"
        if (self.status, self.body) != (converted.status, converted.body):
            if converted.status >= 500:
                return "raises" if self.status < 500 else "raises something else"
            return "answers another way"
        return "" if self.rows == converted.rows else "leaves other rows"


@dataclass(frozen=True)
class Difference:
    """A path of a program that both sides answer otherwise."""

    program: str
    path: str
    flavour: str
    frame: FrameChoice
    kind: str
    legacy: Answer
    converted: Answer
    #: The program's modules, and what became of them.
    texts: Mapping[str, str]
    new: Mapping[str, str]

    def __str__(self) -> str:
        both = "\n".join(
            f"{side}: {a.status} {a.body}\n{a.raised}\n{a.rows if self.kind == 'leaves other rows' else ''}"
            for side, a in (("legacy", self.legacy), ("converted", self.converted))
        )
        modules = "\n".join(
            f"# ---- {side}{name}\n{text}"
            for side, texts in (("", self.texts), ("converted ", self.new))
            for name, text in texts.items()
        )
        where = f"{self.path} ({self.flavour}, {self.frame})"
        return f"{where}: the converted side {self.kind}\n{both}\n{modules}"


@dataclass(frozen=True)
class Ran:
    """What a run of programs has shown."""

    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...]
    #: How many of the legacy answers are no errors, and how many answers there are.
    fine: int
    asked: int
    #: Sites that are native, and those seen.
    native: int
    seen: int

    @property
    def untold(self) -> list[Difference]:
        """The differences in programs of whose modules no finding tells."""
        told = {f.path.partition("_")[0] for f in self.findings}
        return [d for d in self.differences if d.program not in told]


def run(
    programs: Mapping[str, Mapping[str, str]],
    paths: Mapping[str, Sequence[str]],
    flavour: str,
    frame: FrameChoice,
) -> Ran:
    """Both sides of an application of these programs, by their names: modules by file, paths."""
    modules = {file: text for texts in programs.values() for file, text in texts.items()}
    views = [file[:-3] for file in modules if file.endswith("_views.py")]
    files = {**application(flavour, views), **modules}
    with _folder() as (root, file):
        filled = {
            name: text.replace("{", "{{").replace("}", "}}").replace("PKG", "{name}")
            for name, text in files.items()
        }
        sides = Sides(root, root.name, filled, frame)
        try:
            asked = [path for found in paths.values() for path in found]
            legacy = importlib.import_module(sides.legacy).create_app()
            configure_mappers()
            models = importlib.import_module(f"{sides.legacy}.models")
            models.create(legacy)
            before = list(_answers(legacy, legacy.config, file, asked))
            models.dispose(legacy)
            with sides.converted() as asgi:
                after = list(_answers(asgi.app, asgi.converted.config, file, asked))
        finally:
            sides.forget()
    differences = [
        Difference(name, path, flavour, frame, kind, old, new, texts, _of(sides, texts))
        for path, old, new in zip(asked, before, after, strict=True)
        for name, texts in programs.items()
        if path in paths[name] and (kind := old.differs(new))
    ]
    outcome = outcome_of(sides.conversion)
    return Ran(
        tuple(differences),
        tuple(outcome.findings),
        sum(answer.status < 400 for answer in before),
        len(asked),
        outcome.totals.native,
        outcome.totals.seen,
    )


def _of(sides: Sides, texts: Mapping[str, str]) -> dict[str, str]:
    return {name: sides.conversion.texts.get(name, "") for name in texts}


@contextmanager
def _folder() -> Iterator[tuple[Path, str]]:
    """A folder on the path and the file of a database in it."""
    with tempfile.TemporaryDirectory(prefix="programs") as name:
        file = f"{name}/rows.db"
        sys.path.insert(0, name)
        os.environ["PROGRAMS_DATABASE"] = f"sqlite:///{file}"
        try:
            yield Path(name), file
        finally:
            sys.path.remove(name)
            del os.environ["PROGRAMS_DATABASE"]


def _answers(app: Any, config: dict[str, Any], file: str, paths: Sequence[str]) -> Iterator[Answer]:
    wsgi = app if isinstance(app, flask.Flask) else as_wsgi(app, run_blocking)
    for path in paths:
        _fresh(file)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            response = Client(wsgi).get(path)
            gc.collect(0)
        error = config.pop("RAISED", None)
        words = [str(w.message) for w in caught]
        yield Answer(
            response.status_code,
            response.text,
            _rows(file),
            _shown(error) if error is not None else "",
            tuple(w for w in words if "never awaited" in w),
        )


def _shown(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return f"{place} {error!r}"


def _fresh(file: str) -> None:
    """The rows of the beginning. Their pages are written anew, so that open connections read them."""
    connection = sqlite3.connect(file, timeout=2)
    tables = [name for (name,) in connection.execute(_TABLES)]
    emptied = "".join(f'DELETE FROM "{name}";' for name in tables)
    connection.executescript(f"PRAGMA synchronous=OFF; BEGIN; {emptied} {SEED} COMMIT;")
    connection.close()


def _rows(file: str) -> dict[str, list[Any]]:
    connection = sqlite3.connect(file, timeout=2)
    tables = [name for (name,) in connection.execute(_TABLES)]
    found = {t: connection.execute(f'SELECT * FROM "{t}" ORDER BY 1, 2').fetchall() for t in tables}
    connection.close()
    return found


_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
