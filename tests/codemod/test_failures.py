"""What fails on the database fails alike, and code that catches it and goes on finds the same."""

from __future__ import annotations

import importlib

import pytest
import sqlalchemy as sa

from tests.codemod.failing_apps import APP
from tests.codemod.parity import FRAMES, Make, Request, Sides

_REQUESTS: list[Request] = [
    ("GET", "/retried"),
    ("GET", "/retried-where-invalidated"),
    ("GET", "/cut-unhandled"),
    ("POST", "/cut-by-itself"),
    ("POST", "/cut/query"),
    ("POST", "/cut/commit"),
    ("POST", "/cut/rollback"),
    ("POST", "/nowait"),
    ("POST", "/timeout"),
    *(
        ("POST", f"/raised/{code}")
        for code in ("40P01", "40001", "25P02", "57P03", "P0001", "ZZ999")
    ),
    ("POST", "/taken"),
    ("POST", "/code"),
    ("POST", "/driver-s"),
    ("POST", "/value/two/99999999999"),
    ("POST", "/value/much-too-long/1"),
    ("POST", "/value/two/1"),
]


@pytest.fixture(params=FRAMES)
def sides(
    request: pytest.FixtureRequest,
    make_sides: Make,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Sides:
    url = sa.make_url(postgres_url).set(drivername="postgresql+psycopg2")
    monkeypatch.setenv("FAILING_DATABASE", url.render_as_string(hide_password=False))
    return make_sides("failing", APP, request.param)


def test_failures(sides: Sides) -> None:
    legacy = importlib.import_module(sides.legacy)
    app = legacy.create_app()
    try:
        for expected, found in sides.both(app, _REQUESTS, legacy.fresh):
            assert expected == found
    finally:
        with app.app_context():
            legacy.db.engine.dispose()
