"""Calls that wait, by names that the user gives: executed, requests at once, the event loop goes on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.findings.unused_settings import unused_settings
from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.at_once import at_once
from tests.codemod.parity import FRAMES, Make, Sides
from tests.codemod.small_package import files, write

SDK = """
from urllib.request import urlopen

class Users:
    def get(self, url):
        return call(url)

class Client:
    def __init__(self, retries=1):
        self.users = Users()

    def fetch(self, url):
        return call(url)

    other = fetch

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

def call(url):
    with urlopen(url) as answer:
        return answer.read().decode()

def connect():
    return Client()
"""
WAITING = (
    "company.sdk.call",
    "company.sdk.Client.fetch",
    "company.sdk.Client.users.get",
    "company.sdk.connect().other",
)
VIEWS = """
    from concurrent.futures import ProcessPoolExecutor
    from contextlib import closing
    from flask import Blueprint, jsonify, request
    from company import sdk
    from company.sdk import Client, call as called
    from . import Item

    bp = Blueprint("views", __name__)
    shared = Client()
    made = sdk.connect()

    class Mine(Client):
        def both(self, url):
            return self.fetch(url)

        def fetch(self, url):
            return super().fetch(url)

    class Plain(Client):
        pass

    def typed(client: sdk.Client, url):
        return client.fetch(url)

    @bp.get("/function")
    def function():
        Item.query.count()
        return jsonify(called(request.args["url"]), Item.query.count())

    @bp.get("/method")
    def method():
        Item.query.count()
        return jsonify(shared.fetch(url=request.args["url"]))

    @bp.get("/plain")
    def plain():
        return jsonify(typed(Client(2), request.args["url"]))

    @bp.get("/hanging")
    def hanging():
        Item.query.count()
        return jsonify(shared.users.get(request.args["url"]))

    @bp.get("/given")
    def given():
        Item.query.count()
        return jsonify(made.other(request.args["url"]))

    @bp.get("/with")
    def entered():
        Item.query.count()
        with sdk.Client() as client:
            return jsonify(client.fetch(request.args["url"]))

    @bp.get("/closing")
    def closed():
        Item.query.count()
        with closing(sdk.Client()) as client:
            return jsonify(client.fetch(request.args["url"]))

    @bp.get("/entered")
    def of_a_subclass():
        Item.query.count()
        with Plain() as client:
            return jsonify(client.fetch(request.args["url"]))

    @bp.get("/inherited")
    def inherited():
        Item.query.count()
        return jsonify(Mine().both(request.args["url"]))

    @bp.get("/process")
    def process():
        Item.query.count()
        with ProcessPoolExecutor(1) as pool:
            return jsonify(pool.submit(called, request.args["url"]).result())
    """
APP = {
    "__init__.py": """
        import os
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()
        place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __package__ + ".db")

        class Item(db.Model):
            id = db.Column(db.Integer, primary_key=True)

        def fresh():
            db.drop_all()
            db.create_all()

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + place
            db.init_app(app)
            from .views import bp
            app.register_blueprint(bp)
            return app
        """,
    "views.py": VIEWS,
}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "company").mkdir()
    (tmp_path / "company" / "__init__.py").write_text("")
    (tmp_path / "company" / "sdk.py").write_text(SDK)
    yield
    for name in ("company", "company.sdk"):
        sys.modules.pop(name, None)


@pytest.fixture(params=FRAMES)
def sides(request: pytest.FixtureRequest, make_sides: Make, company: None) -> Sides:
    frame: FrameChoice = request.param
    return make_sides("own", APP, frame, waiting=WAITING)


@pytest.mark.parametrize(
    "path",
    [
        "/function",
        "/method",
        "/plain",
        "/hanging",
        "/given",
        "/with",
        "/closing",
        "/entered",
        "/inherited",
        "/process",
    ],
)
def test_a_service_is_asked_by_several_at_once(path: str, sides: Sides, service: str) -> None:
    expected, found = at_once(sides, [("GET", f"{path}?url={service}")] * 2)
    assert expected == found
    assert "alone" not in str(found)


def test_all_names_are_met(sides: Sides) -> None:
    made = sides.conversion
    file = sides.root / "pyproject.toml"
    assert not [*unused_settings(made, file, [*WAITING, "company.sdk.Client.*"], ["company"])]
    found = outcome_of(made)
    assert not found.findings
    assert not [n for n in found.notes if n.code == "MIG112"]


@pytest.mark.parametrize(
    ("waiting", "call", "waits"),
    [
        ("company.sdk.call", "sdk.call(1)", True),
        ("company.sdk.call", "sdk.calls(1)", False),
        ("company.sdk.Client.*", "sdk.Client().anything(1)", True),
        ("company.sdk.Client.*", "sdk.Client().part.anything(1)", False),
        ("company.sdk.Client.part.*", "sdk.Client().part.anything(1)", True),
        ("company.sdk.Client", "sdk.Client(1)", True),
        ("company.sdk.Client.fetch", "sdk.Client.fetch(1)", True),
        ("company.sdk.Client.fetch", "sdk.Client().part.fetch(1)", False),
        ("company.sdk.connect().fetch", "sdk.connect(1).fetch(1)", True),
        ("company.sdk.connect().fetch", "sdk.connect.fetch(1)", False),
        ("company.sdk.Client.session().fetch", "sdk.Client().session().fetch(1)", True),
        ("company.sdk.Client.session().fetch", "sdk.Client().session.fetch(1)", False),
    ],
)
def test_what_a_name_means(waiting: str, call: str, waits: bool, tmp_path: Path) -> None:
    texts = files("")
    texts["views.py"] += f"from company import sdk\n\n@bp.get('/')\ndef one():\n    return {call}\n"
    root = write(tmp_path, texts)
    made = convert(root, package="shop_async", waiting=[waiting])
    assert ("in_thread" in made.texts["views.py"]) is waits
    unused = [*unused_settings(made, tmp_path / "pyproject.toml", [waiting], [])]
    assert [(f.path, f.code) for f in unused] == (
        [] if waits else [("../pyproject.toml", "MIG193")]
    )


@pytest.mark.parametrize(
    ("name", "used"),
    [("company", True), ("company.sdk.Client", True), ("compan", False), ("sdk", False)],
)
def test_parts_that_are_kept_are_imported(name: str, used: bool, tmp_path: Path) -> None:
    texts = files("def f():\n    from company import sdk\n")
    made = convert(write(tmp_path, texts), package="shop_async", keep_parts=[name])
    unused = [*unused_settings(made, tmp_path / "shop" / "pyproject.toml", [], [name])]
    assert [(f.path, f.code) for f in unused] == ([] if used else [("pyproject.toml", "MIG193")])


@pytest.mark.parametrize(
    ("call", "waits"),
    [
        ("redis.from_url('x').blpop('jobs')", True),
        ("redis.Redis().get('key')", False),
        ("AsyncResult('7').get(timeout=3)", True),
        ("ThreadPool(2).apply_async(print).get()", True),
        ("futures.ProcessPoolExecutor().submit(print).result()", True),
    ],
)
def test_what_others_begin_is_waited_for(call: str, waits: bool, tmp_path: Path) -> None:
    texts = files("")
    texts["views.py"] += (
        "import redis\nfrom celery.result import AsyncResult\nfrom concurrent import futures\n"
        "from multiprocessing.pool import ThreadPool\n"
        f"@bp.get('/')\ndef one():\n    return {call}\n"
    )
    made = convert(write(tmp_path, texts), package="shop_async")
    assert ("in_thread" in made.texts["views.py"]) is waits


NOTED = """
import tenacity, backoff
from company import sdk
from tenacity import retry, stop_after_attempt, wait_fixed
from celery import shared_task

@bp.get("/")
def one(client=None, job=None):
    {code}
    return str(Order.query.count())
"""


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("sdk.make().fetch(1)", 1),
        ("sdk.make().fetched(1)", 0),
        ("sdk.make().get(1)", 0),
        ("job.pool.submit(print).result()", 1),
        ("@retry(stop=stop_after_attempt(3))\n    def f(): ...", 0),
        ("@retry\n    def f(): ...", 0),
        ("@retry(wait=wait_fixed(2))\n    def f(): ...", 1),
        ("@retry(wait=wait_fixed(2))\n    async def f(): ...", 0),
        ("@retry(wait=wait_fixed(2), sleep=print)\n    def f(): ...", 0),
        ("for attempt in tenacity.Retrying(wait=wait_fixed(2)): ...", 1),
        ("@backoff.on_exception(backoff.expo, ValueError)\n    def f(): ...", 1),
        ("@shared_task\n    @retry(wait=wait_fixed(2))\n    def f(): ...", 0),
    ],
)
def test_what_may_wait_is_told(code: str, count: int, tmp_path: Path) -> None:
    root = write(tmp_path, files(NOTED.format(code=code)))
    waiting = ["company.sdk.Client.fetch", "company.sdk.Client.get"]
    made = outcome_of(convert(root, package="shop_async", waiting=waiting))
    assert [n.code for n in made.notes].count("MIG112") == count


LIBRARY = """
from time import sleep
from sqlalchemy import create_engine, text
from sqlalchemy.orm import sessionmaker

Session = sessionmaker(bind=create_engine("sqlite://"))
KEPT = []

def main():
    with Session.begin() as session:
        KEPT.append(lambda: session.execute(text("select 1")))
        session.execute(text("select 1"))
    sleep(0.01)

def outer():
    return main()
"""


def test_what_waits_in_the_bridge_below_a_coroutine_function_awaits_nothing(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "jobs.py").write_text(LIBRARY)
    made = convert(root)
    assert not made.failed
    text = made.texts["jobs.py"]
    assert "async def main():\n    def bridged():" in text
    assert "        in_thread(sleep, 0.01)\n" in text
