"""Applications of Flask-OpenAPI3: Flask stays their frame, on the event loop."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.errors import UsageError
from tests.codemod import openapi3_like
from tests.codemod.parity import Make, Request, Sides

FILES = {
    "__init__.py": """
from flask_openapi3 import OpenAPI
from .models import Item, db
from .views import api, things

def create_app():
    app = OpenAPI(__name__, info="items")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + __file__ + ".db"
    db.init_app(app)
    register(app)

    @app.get("/direct", summary="How many")
    def direct():
        return str(Item.query.count())

    with app.app_context():
        db.create_all()
    return app

def register(app):
    app.register_api(api, url_prefix="/items")
    app.register_api_view(things)
""",
    "models.py": """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
""",
    "views.py": """
from flask import jsonify
from flask_openapi3 import APIBlueprint, APIView
from pydantic import BaseModel
from .models import Item, db

api = APIBlueprint("items", __name__)
things = APIView(url_prefix="/things")

class Path(BaseModel):
    id: int

class Named(BaseModel):
    name: str

class Search(BaseModel):
    q: str = ""

@api.get("/")
def index(query: Search):
    found = Item.query.filter(Item.name.contains(query.q)).order_by(Item.id)
    return jsonify([item.name for item in found])

@api.get("/<int:id>")
def one(path: Path):
    return Item.query.get_or_404(path.id).name

@api.post("/", responses={200: Named})
def made(body: Named):
    db.session.add(Item(name=body.name))
    db.session.commit()
    return {"count": Item.query.count()}

@api.get("/plain")
def plain():
    return "plain"

@things.route("/<int:id>")
class Thing:
    @things.doc(summary="One")
    def get(self, path: Path):
        return Item.query.get_or_404(path.id).name

    @things.doc(summary="No more")
    def delete(self, path: Path):
        Item.query.filter_by(id=path.id).delete()
        db.session.commit()
        return str(Item.query.count())
""",
}
REQUESTS: list[Request] = [
    ("POST", "/items/", {"json": {"name": "a"}}),
    ("POST", "/items/", {"json": {"name": "b"}}),
    ("POST", "/items/", {"json": {}}),
    ("GET", "/items/"),
    ("GET", "/items/?q=b"),
    ("GET", "/items/1"),
    ("GET", "/items/9"),
    ("GET", "/items/plain"),
    ("GET", "/direct"),
    ("GET", "/things/2"),
    ("DELETE", "/things/2"),
    ("DELETE", "/things/1"),
    ("GET", "/openapi.json"),
]


@pytest.fixture
def openapi(make_sides: Make) -> Iterator[Sides]:
    sys.modules["flask_openapi3"] = openapi3_like
    yield make_sides("openapi", {path: text.strip() for path, text in _braced().items()})
    for name in ("flask_openapi3", "migrator.runtime.asyncflask.openapi3"):
        sys.modules.pop(name, None)


def _braced() -> dict[str, str]:
    return {path: text.replace("{", "{{").replace("}", "}}") for path, text in FILES.items()}


def test_both_sides_answer_alike(openapi: Sides) -> None:
    expected = list(openapi.answers(importlib.import_module(openapi.legacy).create_app(), REQUESTS))
    assert [a[2] for a in expected] == [200, 200, 422, 200, 200, 200, 404, *[200] * 6]
    with openapi.converted() as target:
        assert list(openapi.answers(target.app, REQUESTS)) == expected


def test_its_routes_are_listed_and_an_api_view_is_told(openapi: Sides) -> None:
    made = outcome_of(openapi.conversion)
    listed = {level.endpoint.endpoint for level in made.endpoints}
    assert {"direct", "items.index", "items.one", "items.made", "items.plain"} <= listed
    assert [(f.code, f.path) for f in (*made.findings, *made.notes)] == [("MIG427", "views.py")]
    assert "AsyncOpenAPI(__name__" in openapi.conversion.texts["__init__.py"]
    text = openapi.conversion.texts["views.py"]
    assert "async def one(path: Path)" in text
    assert "\ndef plain():" in text


def test_it_is_no_application_of_fastapi(make_sides: Make) -> None:
    with pytest.raises(UsageError, match="flask_openapi3"):
        make_sides("openapi", _braced(), "fastapi")
