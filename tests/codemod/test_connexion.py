"""Connexion: what its documents name is converted, and answers as the legacy application does.

The stand-ins in `connexion_like` are as much of connexion 2 and 3 as that takes; neither can be
installed beside the other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from migrator.codemod import fingerprint
from migrator.codemod.convert import Conversion, convert
from migrator.codemod.outcome import outcome_of
from migrator.errors import UsageError

HERE = Path(__file__).parent / "connexion_like"
ROOT = Path(__file__).parents[2]

FLASK_SQLALCHEMY = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
Base, Column, Integer, String, ForeignKey = db.Model, db.Column, db.Integer, db.String, db.ForeignKey
relationship = db.relationship
"""
PLAIN = """
import os

from sqlalchemy import Column, ForeignKey, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, relationship, scoped_session, sessionmaker

engine = create_engine("sqlite:///" + os.environ["DATABASE"])
Session = scoped_session(sessionmaker(bind=engine))
Base = declarative_base()
"""
MODELS = """

class Box(Base):
    __tablename__ = "box"
    id = Column(Integer, primary_key=True)
    label = Column(String(20))
    items = relationship("Item", backref="box", order_by="Item.id")


class Item(Base):
    __tablename__ = "item"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    box_id = Column(ForeignKey("box.id"))


class Key(Base):
    __tablename__ = "keys"
    id = Column(Integer, primary_key=True)
    text = Column(String(20))
    used = Column(Integer, default=0)
"""
FILES = {
    "__init__.py": "",
    "items.py": """
        import json

        from IMPORTED
        from depot.models import Box, Item

        class Gone(Exception):
            pass

        def search():
            items = SESSION.query(Item).order_by(Item.id)
            return {"items": [{"id": i.id, "name": i.name, "box": i.box.label} for i in items]}

        def post(body):
            box = SESSION.query(Box).filter_by(label=body["label"]).first()
            if box is None:
                return {"error": "no such box"}, 409
            SESSION.add(Item(name=body["name"], box=box))
            SESSION.commit()
            return {"label": box.label, "items": [i.name for i in box.items]}, 201

        def get(item_id):
            return {"name": one(item_id).name}

        def take(item_id):
            SESSION.delete(one(item_id))
            SESSION.commit()
            return "", 204

        def one(item_id):
            item = SESSION.get(Item, int(item_id))
            if item is None:
                raise Gone(item_id)
            return item

        class Counter:
            def total(self):
                return {"total": SESSION.query(Item).count()}

        counter = Counter()

        async def boxes():
            return {"boxes": [b.label for b in SESSION.query(Box)]}

        def gone(*given):
            with application().app_context():
                left = SESSION.query(Item).count()
            return json.dumps({"gone": str(given[-1]), "left": left}), 410, {"Content-Type": "application/json"}

        def application():
            from depot.app import cnx

            return cnx.app
    """,
    "keys.py": """
        from IMPORTED
        from depot.items import application
        from depot.models import Key

        def check(key, required_scopes=None):
            with application().app_context():
                found = SESSION.query(Key).filter_by(text=key).first()
                if found is None:
                    return None
                found.used += 1
                SESSION.commit()
                return {"uid": found.id}
    """,
    "app.py": """
        import os

        import connexion

        from IMPORTED
        from depot.items import Gone, gone
        from depot.models import Base, Box, Item, Key

        cnx = connexion.FlaskApp(__name__, specification_dir="api")
        cnx.app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.environ["DATABASE"]
        cnx.add_api("depot.json")
        cnx.add_error_handler(Gone, gone)
        START

        def seed():
            if SESSION.query(Box).count() == 0:
                box = Box(label="first", items=[Item(name="nail"), Item(name="screw")])
                SESSION.add_all([box, Key(text="secret")])
                SESSION.commit()

        with cnx.app.app_context():
            CREATE
            seed()
    """,
}
DOCUMENT = """
{"openapi": "3.0.0", "info": {"title": "depot", "version": "1"},
 "components": {"securitySchemes": {"key": {"type": "apiKey", "x-apikeyInfoFunc": "depot.keys.check"}}},
 "paths": {
  "/items": {"get": {"operationId": "depot.items.search"}, "post": {"operationId": "depot.items.post"}},
  "/items/{item_id}": {"get": {"operationId": "depot.items.get"},
                       "delete": {"operationId": "depot.items.take", "security": [{"key": []}]}},
  "/boxes": {"get": {"operationId": "depot.items.boxes"}},
  "/total": {"get": {"operationId": "depot.items.counter.total"}}}}
"""


def written(folder: Path, session: str = "db.session") -> Path:
    """The package `depot`, over Flask-SQLAlchemy or over a registry of its own."""
    extension = session == "db.session"
    words = {
        "SESSION": session,
        "IMPORTED": f"depot.models import {session.partition('.')[0]}",
        "START": "db.init_app(cnx.app)" if extension else "",
        "CREATE": "db.create_all()" if extension else "Base.metadata.create_all(Session.bind)",
    }
    package = folder / "depot"
    (package / "api").mkdir(parents=True)
    for path, text in FILES.items():
        text = textwrap.dedent(text).lstrip("\n")
        for word, meant in words.items():
            text = text.replace(word, meant)
        (package / path).write_text(text)
    models = (FLASK_SQLALCHEMY if extension else PLAIN) + MODELS
    (package / "models.py").write_text(models.lstrip("\n"))
    (package / "api" / "depot.json").write_text(DOCUMENT.lstrip("\n"))
    return package


def converted(package: Path, **options: Any) -> Conversion:
    conversion = convert(package, package="target", **options)
    for path in conversion.copies:
        place = package.parent / "target" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((package / path).read_bytes())
    for path, text in conversion.texts.items():
        place = package.parent / "target" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return conversion


def asked(folder: Path, name: str, version: str) -> Any:
    """The answers of an application and the rows that it leaves, in a process of its own."""
    database = folder / f"{name.partition('.')[0]}.db"
    path = os.pathsep.join(map(str, (HERE / version, folder, ROOT)))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(HERE / "asked.py"), name, str(database)],
        env={**os.environ, "PYTHONPATH": path, "DATABASE": str(database)},
        cwd=folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("session", ["db.session", "Session"])
@pytest.mark.parametrize("version", ["two", "three"])
def test_both_sides_answer_alike(version: str, session: str, tmp_path: Path) -> None:
    package = written(tmp_path, session)
    conversion = converted(package)
    outcome = outcome_of(conversion)
    assert outcome.findings == ()
    assert (outcome.totals.seen, outcome.totals.native, outcome.totals.left) == (8, 7, 0)
    expected = asked(tmp_path, "depot.app:cnx", version)
    found = asked(tmp_path, "target.asgi:app", version)
    statuses = [status for status, _ in expected["answers"]]
    assert statuses[:7] == [200, 201, 409, 200, 401, 204, 410]
    boxes = 8
    if version == "two":
        # Connexion 2 can't call `async def` handlers; AsyncFlask can.
        assert (statuses[boxes], found["answers"][boxes][0]) == (500, 200)
        expected["answers"][boxes] = found["answers"][boxes]
    assert found == expected


def test_what_connexion_calls_is_a_plain_function(tmp_path: Path) -> None:
    conversion = converted(written(tmp_path))
    items, keys = conversion.texts["items.py"], conversion.texts["keys.py"]
    for text, name in [
        *[(items, name) for name in ("search", "post", "get", "take", "total", "gone")],
        (keys, "check"),
    ]:
        definition = text.index(f"async def {name}(")
        assert text[:definition].rstrip().endswith("@unbridged"), name
    assert "@unbridged\nasync def one" not in items
    surface = conversion.surface
    assert surface is not None
    assert ("/items/<item_id>", ("DELETE",), "depot.items:take") in {
        (e.rule, e.methods, e.function) for e in surface.endpoints
    }


def test_an_own_resolver_may_name_anything(tmp_path: Path) -> None:
    package = written(tmp_path)
    app = (package / "app.py").read_text()
    (package / "app.py").write_text(
        app.replace('add_api("depot.json")', 'add_api("depot.json", resolver=find)').replace(
            "cnx = ", "def find(name):\n    return HANDLERS[name]\n\ncnx = "
        )
    )
    document = (package / "api" / "depot.json").read_text()
    (package / "api" / "depot.json").write_text(document.replace("depot.items.", "made-up/"))
    items = package / "items.py"
    items.write_text(items.read_text().replace("def search", "def listing"))
    text = converted(package).texts["items.py"]
    assert "@unbridged\nasync def listing(" in text


def test_documents_name_the_converted_functions(tmp_path: Path) -> None:
    package = written(tmp_path)
    api = package / "api"
    (api / "more.yaml").write_text(
        "openapi: 3.0.0\r\n"
        "paths:\r\n"
        "  /a:\r\n"
        "    get: {operationId: 'depot.items.search', tags: [depot.items]}\r\n"
        "  /b:\r\n"
        "    x-openapi-router-controller: depot.items  # where\r\n"
        "    get:\r\n"
        "      operationId: counter.total\r\n"
        '      x-own: "depot.items.search"\r\n'
        "  /c:\r\n"
        "    get:\r\n"
        "      operationId: elsewhere.items.search\r\n"
    )
    (api / "colours.yml").write_text("depot.items: 1\n")
    conversion = converted(package)
    assert conversion.texts["api/more.yaml"] == (api / "more.yaml").read_bytes().decode().replace(
        "'depot.items.search'", "'target.items.search'"
    ).replace("controller: depot.items ", "controller: target.items ")
    assert "api/colours.yml" not in conversion.texts
    change = next(c for c in outcome_of(conversion).changes if c.path == "api/depot.json")
    assert change.before == DOCUMENT.lstrip("\n")
    assert change.after == DOCUMENT.lstrip("\n").replace("depot.", "target.")


def test_a_document_that_is_not_below_the_folder(tmp_path: Path) -> None:
    package = written(tmp_path)
    (package / "api" / "depot.json").rename(tmp_path / "depot.json")
    app = package / "app.py"
    app.write_text(app.read_text().replace('specification_dir="api"', 'specification_dir=".."'))
    findings = outcome_of(converted(package)).findings
    assert [f.code for f in findings] == ["MIG425"]
    for version in ("two", "three"):
        assert asked(tmp_path, "depot.app:cnx", version)["answers"][0][0] == 200
        # The legacy functions would answer, over the legacy sessions.
        with pytest.raises(AssertionError, match="is a function of the legacy application"):
            asked(tmp_path, "target.asgi:app", version)


def test_in_place(tmp_path: Path) -> None:
    package = written(tmp_path)
    conversion = convert(package, package="depot")
    assert "api/depot.json" not in conversion.texts
    for path, text in conversion.texts.items():
        (package / path).write_text(text)
    for version in ("two", "three"):
        answers = asked(tmp_path, "depot.asgi:app", version)["answers"]
        assert [status for status, _ in answers][:4] == [200, 201, 409, 200]
        (tmp_path / "depot.db").unlink()


def test_an_application_of_connexion_that_is_none_of_flask(tmp_path: Path) -> None:
    package = written(tmp_path, "Session")
    app = package / "app.py"
    app.write_text("from connexion import AsyncApp\n\ncnx = AsyncApp(__name__)\n")
    (finding,) = outcome_of(convert(package, package="target")).findings
    assert (finding.code, finding.path, finding.line) == ("MIG109", "app.py", 3)


def test_fastapi_can_not_be_the_frame(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="fastapi was asked for"):
        convert(written(tmp_path), package="target", frame="fastapi")


def test_a_document_is_part_of_what_a_kept_result_was_made_of(tmp_path: Path) -> None:
    package = written(tmp_path)
    before = fingerprint.folder(package)
    document = package / "api" / "depot.json"
    document.write_text(document.read_text().replace("items.get", "items.one"))
    assert fingerprint.folder(package) != before
