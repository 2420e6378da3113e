"""`mount_asyncflask`: FastAPI, then the converted application, then the legacy one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from flask import session
from sqlalchemy.ext.asyncio import AsyncEngine
from werkzeug.test import Client

from migrator.runtime.asyncflask import AsyncFlask, mount_asyncflask
from migrator.runtime.compat import settings_of
from migrator.runtime.compat.testing import as_wsgi
from migrator.runtime.db.blocking import run_blocking
from migrator.runtime.shadow import Verdict, find_engines, load, run_cases
from migrator.runtime.shadow.engines import flask_app, implicit_loads
from tests.runtime.asyncflask.stacks import ASYNC, FLASK, Stack, answer


def shop(stack: Stack, url: str, *, converted: bool) -> Any:
    """The legacy application, or the part of it that was converted."""
    app: flask.Flask = stack.Flask(__name__, instance_relative_config=True)
    app.config.update(SECRET_KEY="k" if not converted else "another", SQLALCHEMY_DATABASE_URI=url)
    db = stack.SQLAlchemy(app)

    class Item(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(20))

    if not converted:
        with app.app_context():
            db.create_all()
            db.session.add(Item(name="lamp"))
            db.session.commit()

    @app.get("/items/<int:ident>/")
    async def item(ident: int) -> Any:
        session["seen"] = [*session.get("seen", []), ident]
        found = db.get_or_404(Item, ident)
        return flask.jsonify((await found if converted else found).name)

    @app.route("/both", methods=["GET"])
    def both() -> Any:
        return flask.jsonify(
            session.get("seen"), flask.url_for("item", ident=1), flask.url_for("old", a="ü")
        )

    @app.get("/absolute")
    def absolute() -> Any:
        try:
            flask.url_for("nowhere")
        except Exception as error:
            return f"{flask.url_for('old', _external=True, _anchor='x')} {type(error).__name__}"
        return ""

    @app.errorhandler(404)
    def missing(error: Any) -> Any:
        return "nothing here", 404

    if converted:
        return app

    @app.get("/old/<a>")
    def old(a: str) -> Any:
        return flask.jsonify(a, flask.url_for("both"), session.get("seen"))

    @app.post("/both")
    def post_both() -> str:
        return "posted"

    return app


class Mounted:
    def __init__(self, url: str) -> None:
        self.legacy = shop(FLASK, url, converted=False)
        with settings_of(self.legacy):
            self.converted: AsyncFlask = shop(ASYNC, url, converted=True)
        self.app = mount_asyncflask(self.legacy, self.converted)

        @self.app.fastapi_app.get("/mine")
        async def mine() -> str:
            return "FastAPI's"

        @self.app.fastapi_app.get("/hand")
        async def by_hand() -> str:
            return "FastAPI's too"

        self.mounted = Client(as_wsgi(self.app, run_blocking), flask.Response)
        self.plain = self.legacy.test_client()

    def ask(self, path: str, **options: Any) -> Any:
        """The answer, which is the one of the legacy application by itself."""
        options["environ_base"] = {"HTTP_USER_AGENT": "x", "REMOTE_ADDR": "127.0.0.1"}
        expected = answer(self.plain.open(path, **options))
        assert answer(self.mounted.open(path, **options)) == expected
        return expected


@pytest.fixture
def mounted(sqlite_url: str) -> Iterator[Mounted]:
    made = Mounted(sqlite_url)
    yield made
    run_blocking(made.converted.dispose_database())
    with made.legacy.app_context():
        made.legacy.extensions["sqlalchemy"].engine.dispose()


def test_nobody_outside_can_tell(mounted: Mounted) -> None:
    for path in ("/items/1/", "/items/1", "/items/9/", "/items/x/", "/both", "/absolute", "/old/a"):
        mounted.ask(path)
        mounted.ask(path, method="HEAD")
    for method in ("POST", "OPTIONS", "PUT"):
        mounted.ask("/both", method=method)
    assert mounted.ask("/nowhere")[2] == b"nothing here"
    assert mounted.ask("/both")[2].startswith(b"[[1,")


def test_path_operations_come_first(mounted: Mounted) -> None:
    assert mounted.mounted.get("/mine").json == "FastAPI's"

    @mounted.app.fastapi_app.get("/both")
    async def taken_over() -> str:
        return "taken over"

    assert mounted.mounted.get("/both").json == "taken over"
    assert mounted.mounted.post("/both").text == "posted"
    assert mounted.mounted.get("/items/1/").json == "lamp"


def test_the_shadow_compare_finds_both_databases(mounted: Mounted) -> None:
    engines = find_engines(mounted.app)
    assert sorted(isinstance(engine, AsyncEngine) for engine in engines) == [False, False, True]
    assert implicit_loads(mounted.app) == [
        mounted.converted.extensions["sqlalchemy"].engines_for(mounted.converted).implicit_loads
    ]
    assert flask_app(mounted.app) is mounted.legacy
    assert implicit_loads(mounted.converted) == implicit_loads(mounted.app)


def test_it_has_the_settings_of_the_legacy_application(mounted: Mounted) -> None:
    assert mounted.converted.config["SECRET_KEY"] == "k"
    assert mounted.converted.instance_path == mounted.legacy.instance_path


CASES = """
version: 1
cases:
  - {request: GET /items/1/, expect: 200}
  - {request: GET /items/9/, expect: 404}
  - {request: GET /both, expect: 200}
  - {request: POST /both, expect: 200}
  - {request: GET /old/a, expect: 200}
"""


def test_the_shadow_compare_runs_on_it(mounted: Mounted, tmp_path: Path) -> None:
    page = tmp_path / "cases.yaml"
    page.write_text(CASES)
    report = run_cases(mounted.legacy, mounted.app, load(page))
    assert [result.verdict for result in report.cases] == [Verdict.IDENTICAL] * 5, report.failures
    served = [result.target.served_by for result in report.cases]
    assert served == ["migrated", "migrated", "migrated", "mount", "mount"]


def test_the_shadow_compare_runs_without_a_mount(sqlite_url: str, tmp_path: Path) -> None:
    legacy = shop(FLASK, sqlite_url, converted=False)
    with settings_of(legacy):
        converted = shop(ASYNC, sqlite_url, converted=True)
    page = tmp_path / "cases.yaml"
    page.write_text("version: 1\ncases:\n  - {request: GET /items/1/, expect: 200}\n")
    report = run_cases(legacy, converted, load(page))
    assert [result.verdict for result in report.cases] == [Verdict.IDENTICAL]
    with legacy.app_context():
        legacy.extensions["sqlalchemy"].engine.dispose()
