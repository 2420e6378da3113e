"""Code that relied on a thread for each request: as many at once, on threads and on one event loop."""

from __future__ import annotations

import asyncio
import importlib
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import flask
import httpx
import pytest

from migrator.codemod.outcome import outcome_of
from migrator.runtime.db.blocking import run_blocking
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Sides
from tests.codemod.threaded_apps import APP, EVERYWHERE


@pytest.fixture
def service() -> Iterator[str]:
    """A service that answers two at a time: one alone waits for the other."""
    two = threading.Barrier(2, timeout=5)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                two.wait()
                text = b"both"
            except threading.BrokenBarrierError:
                text = b"alone"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=FRAMES)
def sides(request: pytest.FixtureRequest, make_sides: Make) -> Sides:
    frame: FrameChoice = request.param
    return make_sides("turns", APP, frame)


def shown(response: Any) -> Any:
    """A JSON body alone, or all that tells one answer from another."""
    name = response.headers.get("X-Name")
    if name is None:
        return json.loads(response.text)
    return response.status_code, name, response.text


def at_once(sides: Sides, requests: list[tuple[str, str]]) -> tuple[list[Any], list[Any]]:
    """What all the requests are answered when they are sent together, by the legacy side and by the converted one."""
    legacy = importlib.import_module(sides.legacy)
    app: flask.Flask = legacy.create_app()

    def send(request: tuple[str, str]) -> Any:
        return shown(app.test_client().open(request[1], method=request[0]))

    with app.app_context():
        legacy.fresh()
    with ThreadPoolExecutor(len(requests)) as threads:
        expected = list(threads.map(send, requests))
    with app.app_context():
        legacy.fresh()

    async def main(asgi: Any) -> list[Any]:
        transport = httpx.ASGITransport(asgi.converted)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            sent = [client.request(method, path) for method, path in requests]
            return [shown(r) for r in await asyncio.wait_for(asyncio.gather(*sent), 20)]

    with sides.converted() as asgi:
        return expected, run_blocking(main(asgi))


def test_everything_is_converted(sides: Sides) -> None:
    found = outcome_of(sides.conversion)
    assert not found.findings
    assert {n.code for n in found.notes} <= {"MIG114"}
    assert all(e.level != "legacy" for e in found.endpoints)


@pytest.mark.parametrize("path", ["/locked", "/again", "/few"])
def test_a_lock_keeps_the_next_request_out(path: str, sides: Sides) -> None:
    expected, found = at_once(sides, [("POST", path)] * 8)
    assert sorted(expected) == sorted(found) == list(range(1, 9))


def test_what_is_kept_for_the_thread_is_the_request_s(sides: Sides) -> None:
    expected, found = at_once(sides, [("GET", f"/who?name={n}") for n in range(6)])
    assert expected == found == [[str(n)] * 2 for n in range(6)]


def test_one_request_waits_for_another(sides: Sides) -> None:
    expected, found = at_once(sides, [("GET", "/wait"), ("GET", "/call")])
    assert expected == found == [True, "done"]


@pytest.mark.parametrize(
    "path",
    [
        "/service",
        "/service-below",
        "/plain",
        "/subclass",
        "/sorted",
        "/thread",
        "/mapped",
        "/submitted",
        "/completed",
    ],
)
def test_a_service_is_asked_by_several_at_once(path: str, sides: Sides, service: str) -> None:
    expected, found = at_once(sides, [("GET", f"{path}?url={service}")] * 2)
    assert expected == found
    assert "alone" not in str(found)


@pytest.mark.parametrize("frame", FRAMES)
def test_everywhere(frame: FrameChoice, make_sides: Make) -> None:
    sides = make_sides("everywhere", EVERYWHERE, frame)
    paths = ["who", "bad", "stream", "nested", "critical", "single", "turn"]
    expected, found = at_once(sides, [("GET", f"/{p}?name=n{n}") for n in range(5) for p in paths])
    assert expected == found
    for package in (sides.legacy, sides.target):
        module = importlib.import_module(package)
        assert module.order[::2] == module.order[1::2]
        assert len(module.made) == 1
