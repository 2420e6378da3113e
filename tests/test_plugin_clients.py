"""Tests that ask by Starlette's TestClient, which has a loop and a thread of its own, and that read the log."""

from __future__ import annotations

import pytest

from tests.test_pytest_plugin import run, suite

pytest_plugins = ["pytester"]
__all__ = ["suite"]

SHARED = """
import logging

import pytest
from flask import Flask, jsonify, request
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from shop import Item, db


@pytest.fixture
def app():
    made = Flask(__name__)
    made.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(made)

    @made.get("/items")
    def items():
        return jsonify([item.name for item in Item.query.order_by(Item.id)])

    @made.post("/items/<int:key>")
    def rename(key):
        db.session.get(Item, key).name = request.json["name"]
        db.session.commit()
        return "", 204

    @made.get("/fails")
    def fails():
        raise LookupError("as the view does")

    with made.app_context():
        db.create_all()
        yield made
    made.dispose_database()


@pytest.fixture
def client(app):
    return TestClient(app)


def test_a_request_shares_the_context(app, client):
    item = Item(name="a")
    db.session.add(item)
    db.session.flush()
    assert client.get("/items").json() == ["a"]
    assert client.post("/items/1", json={"name": "b"}).status_code == 204
    assert item in db.session
    assert item.name == "b"
    assert Item.query.one() is item


def test_and_leaves_it_open(app, client):
    db.session.add(Item(name="a"))
    assert client.get("/items").json() == client.get("/items").json() == ["a"]
    db.session.rollback()
    assert client.get("/items").json() == []


def test_what_a_view_raises_comes_out(app, client):
    app.testing = True
    with pytest.raises(LookupError, match="as the view does"):
        client.get("/fails")


def test_a_body_may_be_read_in_parts(app, client):
    db.session.add_all([Item(name=name * 9) for name in "ab"])
    with client.stream("GET", "/items") as response:
        assert b"".join(response.iter_bytes(4)) == b'["aaaaaaaaa","bbbbbbbbb"]\\n'


def test_the_driver_logs_nothing(app, client, caplog):
    caplog.set_level(logging.DEBUG)
    db.session.add(Item(name="a"))
    db.session.commit()
    assert client.get("/items").json() == ["a"]
    assert [record.name for record in caplog.records if record.name != "httpx"] == []
"""

#: An application of nobody's conversion: it has to be answered as it is without the plugin.
PORTALS = """
import asyncio
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient

done = []


@asynccontextmanager
async def lifespan(app):
    done.append("start")
    yield
    done.append("end")


async def hello(request):
    return PlainTextResponse("hello")


async def echo(websocket):
    await websocket.accept()
    await websocket.send_text("so: " + await websocket.receive_text())
    await websocket.close()


app = Starlette(routes=[Route("/", hello), WebSocketRoute("/echo", echo)], lifespan=lifespan)


def test_the_lifespan_runs():
    done.clear()
    with TestClient(app) as client:
        assert client.get("/").text == "hello"
        assert done == ["start"]
    assert done == ["start", "end"]


def test_websockets():
    with TestClient(app).websocket_connect("/echo") as socket:
        socket.send_text("what")
        assert socket.receive_text() == "so: what"


def test_a_portal():
    async def fail():
        raise KeyError("x")

    async def begin(*, task_status):
        task_status.started("begun")
        await asyncio.sleep(0)
        return "ended"

    async def never(*, task_status):
        raise OSError("never")

    with start_blocking_portal() as portal:
        assert portal.call(len, "abc") == 3
        with pytest.raises(KeyError):
            portal.call(fail)
        later = portal.start_task_soon(asyncio.sleep, 0.01, "late")
        task, value = portal.start_task(begin)
        assert value == "begun"
        with pytest.raises(OSError, match="never"):
            portal.start_task(never)
    assert (later.result(), task.result()) == ("late", "ended")


def test_what_is_left_is_cancelled_by_an_error():
    with pytest.raises(ZeroDivisionError), start_blocking_portal() as portal:
        left = portal.start_task_soon(anyio.sleep_forever)
        1 / 0
    assert left.cancelled()
"""


def test_requests_share_what_the_test_has_open(suite: pytest.Pytester) -> None:
    run(suite, SHARED).assert_outcomes(passed=5)


@pytest.mark.parametrize("plugins", [[], ["-p", "migrator.pytest_plugin"]])
def test_portals_are_what_they_were(pytester: pytest.Pytester, plugins: list[str]) -> None:
    pytester.makepyfile(test_portals=PORTALS)
    made = pytester.runpytest_subprocess("-q", "-p", "no:randomly", *plugins, timeout=60)
    made.assert_outcomes(passed=4)
