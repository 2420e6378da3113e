"""Code that relied on a thread for each request: as many at once, on threads and on one event loop."""

from __future__ import annotations

import asyncio
import importlib
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

APP = {
    "__init__.py": """
        import os
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()
        place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __package__ + ".db")

        class Counter(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            value = db.Column(db.Integer, nullable=False, default=0)

        def fresh():
            db.drop_all()
            db.create_all()
            db.session.add_all([Counter(id=n, value=0) for n in (1, 2, 3)])
            db.session.commit()

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + place
            db.init_app(app)
            from .views import bp
            app.register_blueprint(bp)
            return app
        """,
    "waits.py": """
        import http.client
        import urllib.parse
        import urllib.request

        class Service(http.client.HTTPConnection):
            def text(self):
                self.request("GET", "/")
                return self.getresponse().read().decode()

        def asked(url):
            service = Service(urllib.parse.urlsplit(url).netloc)
            try:
                return service.text()
            finally:
                service.close()

        def fetched(url):
            with urllib.request.urlopen(url) as answer:
                return answer.read().decode()
        """,
    "views.py": """
        import queue
        import threading as th
        import urllib.request
        from threading import Event, RLock, Thread

        from flask import Blueprint, g, jsonify, request

        from . import Counter, db
        from .waits import asked, fetched

        bp = Blueprint("views", __name__)
        one = th.Lock()
        again = RLock()
        few = th.BoundedSemaphore(1)
        changed = th.Condition()
        kept = th.local()
        called, jobs = Event(), queue.Queue()

        @bp.before_request
        def keep():
            kept.name = request.args.get("name", "")

        def add(id):
            counter = db.session.get(Counter, id)
            value = counter.value
            Counter.query.count()
            counter.value = value + 1
            db.session.commit()
            return value + 1

        @bp.post("/locked")
        def locked():
            with one:
                return jsonify(add(1))

        def nested():
            with again:
                return add(2)

        @bp.post("/again")
        def taken_again():
            again.acquire()
            try:
                return jsonify(nested())
            finally:
                again.release()

        @bp.post("/few")
        def some():
            with few:
                return jsonify(add(3))

        @bp.get("/who")
        def who():
            Counter.query.count()
            return jsonify([kept.name, request.args["name"]])

        @bp.get("/call")
        def call():
            Counter.query.count()
            with changed:
                changed.notify_all()
            called.set()
            return jsonify(jobs.get(timeout=5))

        @bp.get("/wait")
        def wait():
            Counter.query.count()
            found = called.wait(5)
            jobs.put("done")
            return jsonify(found)

        @bp.get("/service")
        def service():
            Counter.query.count()
            with urllib.request.urlopen(request.args["url"]) as answer:
                return jsonify(answer.read().decode())

        @bp.get("/service-below")
        def below():
            Counter.query.count()
            return jsonify(fetched(request.args["url"]))

        @bp.get("/plain")
        def plain():
            return jsonify(fetched(request.args["url"]))

        @bp.get("/subclass")
        def of_a_subclass():
            Counter.query.count()
            return jsonify(asked(request.args["url"]))

        @bp.get("/sorted")
        def ordered():
            texts = []
            sorted([request.args["url"]], key=lambda url: texts.append(fetched(url)) or 0)
            return jsonify(texts, Counter.query.count())

        @bp.get("/thread")
        def thread():
            found = []
            helper = Thread(target=lambda: found.append(fetched(request_url)))
            request_url = request.args["url"]
            helper.start()
            helper.join()
            return jsonify(found, Counter.query.count())
        """,
}


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


def at_once(sides: Sides, requests: list[tuple[str, str]]) -> tuple[list[Any], list[Any]]:
    """What all the requests are answered when they are sent together, by the legacy side and by the converted one."""
    legacy = importlib.import_module(sides.legacy)
    app: flask.Flask = legacy.create_app()

    def send(request: tuple[str, str]) -> Any:
        return app.test_client().open(request[1], method=request[0]).get_json()

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
            return [r.json() for r in await asyncio.wait_for(asyncio.gather(*sent), 20)]

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
    "path", ["/service", "/service-below", "/plain", "/subclass", "/sorted", "/thread"]
)
def test_a_service_is_asked_by_several_at_once(path: str, sides: Sides, service: str) -> None:
    expected, found = at_once(sides, [("GET", f"{path}?url={service}")] * 2)
    assert expected == found
    assert "alone" not in str(found)
