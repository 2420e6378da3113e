"""The storefront's surface is read whole."""

from __future__ import annotations

from pathlib import Path

import pytest

import legacy_app
from migrator.index.project import Project
from migrator.surface import Surface
from migrator.surface.read import read_surface


@pytest.fixture(scope="module")
def surface() -> Surface:
    found = read_surface(Project(Path(legacy_app.__file__).parent))
    assert found is not None
    return found


def test_endpoints_are_those_of_its_url_map(surface: Surface, tmp_path: Path) -> None:
    app = legacy_app.create_app(
        {"SECRET_KEY": "test", "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'unused.db'}"}
    )
    true = set()
    for rule in app.url_map.iter_rules():
        methods = set(rule.methods or ()) - {"OPTIONS"}
        methods -= {"HEAD"} if "GET" in methods else set()
        true.add((rule.endpoint, rule.rule, tuple(sorted(methods))))
    assert {(e.endpoint, e.rule, e.methods) for e in surface.endpoints} == true
    assert len(surface.endpoints) == len(list(app.url_map.iter_rules()))


def test_every_view_is_a_function_that_was_read(surface: Surface) -> None:
    assert all(e.certain for e in surface.endpoints)
    assert all(e.function or e.static for e in surface.endpoints)


def test_few_endpoints_stay_and_each_has_a_reason(surface: Surface) -> None:
    left = [e for e in surface.endpoints if e.refusal is not None]
    assert {e.refusal.code for e in left if e.refusal} <= {"MIG401", "MIG402"}
    assert len(left) <= 0.05 * len(surface.endpoints)


def test_every_function_that_flask_calls_is_an_entry(surface: Surface) -> None:
    kinds = {k for entry in surface.entries.values() for k in entry.kinds}
    assert kinds >= {
        "view",
        "hook",
        "teardown",
        "error_handler",
        "loader",
        "context_processor",
        "template_helper",
        "url_processor",
        "command",
    }
