"""What fails on the database fails alike, and code that catches it and goes on finds the same."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, StringIO
from typing import Any
from wsgiref.handlers import BaseCGIHandler

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.pool import NullPool
from werkzeug.test import EnvironBuilder

from migrator.runtime.compat import streaming
from migrator.runtime.compat.testing import call_asgi, environ_of, scope_of
from migrator.runtime.db.blocking import run_blocking
from migrator.surface import FrameChoice
from tests.codemod.failing_apps import APP, CROWDED, STREAMS
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
    ("POST", "/pickled"),
    ("POST", "/code"),
    ("POST", "/driver-s"),
    ("POST", "/value/two/99999999999"),
    ("POST", "/value/much-too-long/1"),
    ("POST", "/value/two/1"),
]


@pytest.fixture
def database(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the applications of both sides read where they are made."""
    url = sa.make_url(postgres_url).set(drivername="postgresql+psycopg2")
    monkeypatch.setenv("FAILING_DATABASE", url.render_as_string(hide_password=False))


@pytest.fixture(params=FRAMES)
def sides(request: pytest.FixtureRequest, make_sides: Make, database: None) -> Sides:
    return make_sides("failing", APP, request.param)


@pytest.mark.parametrize("driver", [None, "thread"])
def test_failures(driver: str | None, sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    if driver is not None:
        monkeypatch.setenv("FAILING_ASYNC_DRIVER", driver)
    legacy = importlib.import_module(sides.legacy)
    app = legacy.create_app()
    try:
        for expected, found in sides.both(app, _REQUESTS, legacy.fresh):
            assert expected == found
    finally:
        with app.app_context():
            legacy.db.engine.dispose()


#: How many turns of the event loop after its first part a client leaves; None: when it has all.
_DEPARTURES = [*range(0, 40, 2), None]


async def ask(asgi: Any, path: str, moments: int | None) -> None:
    """Ask for a stream as a client that leaves; a server tells of the end as of a departure."""
    left = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await left.wait()
        for _ in range(moments or 0):
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if moments is not None or not message.get("more_body", True):
            left.set()

    scope = {**scope_of(environ_of(asgi.converted, path)), "asgi": {"spec_version": "2.3"}}
    await asyncio.wait_for(asgi.app(scope, receive, send), 20)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_stream_whose_client_leaves_finishes_what_it_does(
    frame: FrameChoice, make_sides: Make
) -> None:
    sides = make_sides("streams", STREAMS, frame)
    legacy = importlib.import_module(sides.legacy)
    app = legacy.create_app()
    with app.app_context():
        legacy.fresh()
    for moments in _DEPARTURES:
        with app.test_client().get("/some" if moments is None else "/endless") as response:
            for _ in response.response:
                if moments is not None:
                    break
    expected = app.test_client().get("/counts").json
    assert expected == [True, 1, 21, 21]
    with app.app_context():
        legacy.fresh()
        legacy.db.engine.dispose()

    async def main(asgi: Any) -> Any:
        for moments in _DEPARTURES:
            await ask(asgi, "/some" if moments is None else "/endless", moments)
        _, _, body = await call_asgi(asgi.app, scope_of(environ_of(asgi.converted, "/counts")))
        return json.loads(body)

    with sides.converted() as asgi:
        assert run_blocking(main(asgi)) == expected


@pytest.mark.parametrize("frame", FRAMES)
def test_a_stream_that_waits_for_ever_is_cancelled_when_its_client_has_left(
    frame: FrameChoice, make_sides: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = make_sides("streams", STREAMS, frame)
    monkeypatch.setattr(streaming, "_PATIENCE", 0)
    with sides.converted() as asgi:
        module = importlib.import_module(sides.target)
        run_blocking(ask(asgi, "/waiting", 0))
        assert module.ended == ["waiting"]


def over_wsgi(app: Any, path: str) -> tuple[str, bool]:
    """The status of an answer as a server of WSGI gives it, and whether a part of it has come."""
    out = BytesIO()
    environ = dict(EnvironBuilder(path).get_environ())
    BaseCGIHandler(BytesIO(), out, StringIO(), environ, multithread=True).run(app)
    return re.findall(rb"Status: (\d+)", out.getvalue())[0].decode(), b"part" in out.getvalue()


def over_asgi(asgi: Any, path: str) -> tuple[str, bool]:
    """The same as a server of ASGI gives it: what fails before the start, it answers by 500."""
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = scope_of(environ_of(asgi.converted, path))
    with contextlib.suppress(InvalidRequestError):
        run_blocking(asgi.app(scope, receive, send))
    return str(sent[0]["status"] if sent else 500), any(m.get("body") == b"part" for m in sent)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_stream_that_fails_before_its_first_part_is_answered_by_a_500(
    frame: FrameChoice, make_sides: Make
) -> None:
    sides = make_sides("streams", STREAMS, frame)
    app = importlib.import_module(sides.legacy).create_app()
    with sides.converted() as asgi:
        for path, expected in (("/fails/0", ("500", False)), ("/fails/1", ("201", True))):
            assert over_wsgi(app, path) == over_asgi(asgi, path) == expected


def crowd(sides: Sides, path: str, options: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """What the legacy application answers to thirty requests on three threads, and the other at once."""
    legacy = importlib.import_module(sides.legacy)
    app = legacy.create_app(dict(options))
    with ThreadPoolExecutor(3) as threads:
        expected = list(threads.map(lambda _: app.test_client().get(path).json, range(30)))
    with app.app_context():
        legacy.db.engine.dispose()
    converted = importlib.import_module(sides.target).create_app(dict(options))

    async def ask() -> Any:
        _, _, body = await call_asgi(converted, scope_of(environ_of(converted, path)))
        return json.loads(body)

    async def main() -> list[Any]:
        try:
            return await asyncio.gather(*(ask() for _ in range(30)))
        finally:
            await converted.dispose_database()

    return expected, asyncio.run(main())


@pytest.fixture(params=FRAMES)
def crowded(request: pytest.FixtureRequest, make_sides: Make, database: None) -> Sides:
    return make_sides("crowded", CROWDED, request.param)


def test_who_holds_a_connection_gets_another_one_however_many_wait(crowded: Sides) -> None:
    options = {"pool_size": 5, "max_overflow": 3, "pool_timeout": 5}
    expected, found = crowd(crowded, "/second", options)
    assert expected == found == [1] * 30
    options = {"pool_size": 5, "max_overflow": 3, "pool_timeout": 5, "at_once": 3}
    expected, found = crowd(crowded, "/third", options)
    assert expected == found == [1] * 30


def test_a_pool_without_a_limit_has_one_of_requests(crowded: Sides) -> None:
    for options, most in (({"poolclass": NullPool}, 20), ({"max_overflow": -1, "at_once": 6}, 6)):
        expected, found = crowd(crowded, "/open", options)
        # The server still counts some of those that have just been closed.
        assert max(expected) <= 3 + 3
        assert 4 < max(found) <= most + 5
