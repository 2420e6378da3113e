"""Programs in one application, legacy and converted: what each answers, raises and leaves in its tables."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import configure_mappers

from migrator.codemod.finding import Finding
from migrator.codemod.outcome import outcome_of
from migrator.errors import EditError
from migrator.surface import FrameChoice
from tests.codemod.alike import without_the_net
from tests.codemod.parity import Sides
from tests.codemod.programs.asking import Answer, answers
from tests.codemod.programs.databases import Database, databases
from tests.codemod.programs.homes import HOMES, application

#: What the application is told of its databases.
_VARIABLES = ("PROGRAMS_DATABASE", "PROGRAMS_ARCHIVE")


@dataclass(frozen=True)
class Ground:
    """What programs run on: the kind of their application, its frame, its database."""

    flavour: str
    frame: FrameChoice
    database: str = "sqlite"
    #: Without the net of requests, which catches loads that were overlooked.
    bare: bool = False

    def __str__(self) -> str:
        return f"{self.flavour}, {self.frame}, {self.database}{', bare' if self.bare else ''}"


@dataclass(frozen=True)
class Difference:
    """What both sides of a program answer otherwise."""

    program: str
    path: str
    ground: Ground
    kind: str
    legacy: Answer
    converted: Answer
    #: The program's modules, and what became of them.
    texts: Mapping[str, str]
    new: Mapping[str, str]

    def __str__(self) -> str:
        both = "\n".join(
            f"{side}: {a.status} {a.body}\n{a.raised}{' '.join(a.forgotten)}\n{a.rows if self.kind == 'leaves other rows' else ''}"
            for side, a in (("legacy", self.legacy), ("converted", self.converted))
        )
        modules = "\n".join(
            f"# ---- {side}{name}\n{text}"
            for side, texts in (("", self.texts), ("converted ", self.new))
            for name, text in texts.items()
        )
        where = f"{self.path} ({self.ground})"
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
    programs: Mapping[str, Mapping[str, str]], paths: Mapping[str, Sequence[str]], ground: Ground
) -> Ran:
    """Both sides of an application of these programs, by their names: modules by file, paths."""
    modules = {file: text for texts in programs.values() for file, text in texts.items()}
    views = [file[:-3] for file in modules if file.endswith("_views.py")]
    files = {**application(ground.flavour, views), **modules}
    with _folder(ground) as (root, database):
        filled = {
            name: text.replace("{", "{{").replace("}", "}}").replace("PKG", "{name}")
            for name, text in files.items()
        }
        sides = Sides(root, root.name, filled, ground.frame)
        outcome = outcome_of(sides.conversion)
        for finding in outcome.findings:
            # What migrator itself fails at is told, and is a fault all the same.
            assert finding.code != EditError.code, f"{finding}\n{files[finding.path]}"
        try:
            asked = [path for found in paths.values() for path in found]
            legacy = importlib.import_module(sides.legacy).create_app()
            configure_mappers()
            models = importlib.import_module(f"{sides.legacy}.models")
            models.create(legacy)
            before = list(answers(legacy, legacy, sides.legacy, database, asked))
            models.dispose(legacy)
            with sides.converted() as asgi, without_the_net() if ground.bare else nullcontext():
                app = asgi.converted
                after = list(answers(app, asgi.app, sides.target, database, asked))
        finally:
            sides.forget()
    differences = [
        Difference(name, path, ground, kind, old, new, texts, _of(sides, texts))
        for path, old, new in zip(asked, before, after, strict=True)
        for name, texts in programs.items()
        if path in paths[name] and (kind := old.differs(new))
    ]
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
def _folder(ground: Ground) -> Iterator[tuple[Path, Database]]:
    """A folder on the path and an empty database."""
    with (
        tempfile.TemporaryDirectory(prefix="programs") as name,
        databases(ground.database, HOMES[ground.flavour].seeds) as database,
    ):
        sys.path.insert(0, name)
        said = dict(zip(_VARIABLES, database.urls, strict=False))
        os.environ.update(said)
        try:
            yield Path(name), database
        finally:
            sys.path.remove(name)
            for variable in said:
                del os.environ[variable]
