"""Requests sent together: to the legacy side on threads, to the converted one on its loop."""

from __future__ import annotations

import asyncio
import importlib
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import flask
import httpx

from migrator.runtime.db.blocking import run_blocking
from tests.codemod.parity import Sides


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


@contextmanager
def serving_two() -> Iterator[str]:
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
