"""The sample application and what became of it, over a seeded database, as the compare wants them."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from migrator.runtime.shadow import (
    CaseResult,
    Cases,
    Options,
    Report,
    find_engines,
    load,
    run_cases,
)

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "target_app"
CASES = load(ROOT / "cases")
AREAS = sorted({flow.path.stem for flow in CASES.flows if flow.path is not None})
_SECRET = "the same for both sides"


def seed(url: str) -> None:
    """Make the tables of the sample application, and its rows."""
    from legacy_app import create_app
    from legacy_app.extensions import db
    from legacy_app.seed import seed as fill

    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": _SECRET})
    fill(app)
    with app.app_context():
        db.engine.dispose()


def of_area(*areas: str) -> Cases:
    """The cases of some files."""
    flows = tuple(flow for flow in CASES.flows if flow.path and flow.path.stem in areas)
    return replace(CASES, flows=flows)


def compare(
    url: str,
    cases: Cases,
    *only: str,
    folder: Path = ROOT,
    environment: pytest.MonkeyPatch,
    at_once: int = 0,
) -> Report:
    """Ask both applications over the database at `url`; the target is `folder`'s `target_app`."""
    environment.setenv("DATABASE_URL", url)
    environment.setenv("SECRET_KEY", _SECRET)
    legacy = _legacy(url)
    with imported(folder) as target:
        try:
            return run_cases(legacy, target, cases, options=Options(only=only, at_once=at_once))
        finally:
            if at_once:
                # What a request that was cut off has held is given back here: anywhere else its error (its
                # database is gone) may come in the middle of what Python's parser does, and fails that.
                gc.collect()
            for engine in [*find_engines(legacy), *find_engines(target)]:
                if isinstance(engine, sa.Engine):
                    engine.dispose()


@cache
def _legacy(url: str) -> Any:
    """The legacy application over the database that the environment names: nothing changes it."""
    from legacy_app import create_app

    return create_app()


@contextmanager
def imported(folder: Path = ROOT) -> Iterator[Any]:
    """The target application as it is in `folder` now: fresh modules, forgotten afterwards."""
    _forget()
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        module = importlib.import_module("target_app.asgi")
        assert Path(str(module.__file__)).is_relative_to(folder)
        yield module.app
    finally:
        sys.path.remove(str(folder))
        _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "target_app"]:
        del sys.modules[name]


def told(case: CaseResult) -> str:
    """One line on a request that is no proof, for the message of a failed assertion."""
    differences = "; ".join(
        f"{d.channel} {d.path} {d.kind}: {d.legacy[:80]} | {d.target[:80]}"
        for d in case.comparison.differences[:3]
    )
    notes = "; ".join(case.comparison.notes)
    return f"{case.verdict} {case.title} ({case.request.method} {case.request.target}): {differences} {notes}"
