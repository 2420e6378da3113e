"""Routes that classes and blueprints put on the application themselves: served as before, and told of."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request, Sides

#: Views of classes, as Flask-Classful has them: each public method is an endpoint, called plainly.
_EXTENSION = """
from flask import make_response, request


class View:
    base = "/"

    @classmethod
    def register(cls, app, prefix=""):
        for name in ("index", "count", "add"):
            if hasattr(cls, name):
                app.add_url_rule(f"{prefix}{cls.base}/{name}", cls.__name__ + "_" + name, cls.proxy(name))

    @classmethod
    def proxy(cls, name):
        def view(**values):
            assert request.method
            return make_response(getattr(cls(), name)(**values))
        return view
"""
_MODELS = """
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()

    class Item(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(9))

    def fill():
        db.drop_all()
        db.create_all()
        db.session.add_all([Item(name="a"), Item(name="b")])
        db.session.commit()
"""
_CLASSES = {
    "__init__.py": """
        import os
        from flask import Flask
        from {name}.models import Item, db

        def register(app):
            from {name}.views import bp, plain
            app.register_blueprint(bp, url_prefix="/v1")
            app.register_blueprint(plain)

        def create_app():
            app = Flask("{name}", instance_relative_config=True)
            os.makedirs(app.instance_path, exist_ok=True)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.join(app.instance_path, "a.db")
            db.init_app(app)
            register(app)
            return app
    """,
    "models.py": _MODELS,
    "views.py": """
        from flask import Blueprint, jsonify
        from flask_kinds import View
        from {name}.models import Item, db

        bp = Blueprint("items", __name__)
        plain = Blueprint("plain", __name__)

        class Base(View):
            model = None

            @classmethod
            def register(cls, app, prefix=""):
                super().register(app, prefix)

            def index(self):
                return jsonify([o.name for o in self.model.query.order_by(self.model.id)])

        class Items(Base):
            base = "/items"
            model = Item

            def count(self):
                return str(Item.query.count())

            def add(self):
                db.session.add(Item(name="new"))
                db.session.commit()
                return self.count()

        Items.register(bp)

        @plain.route("/plain")
        def plainly():
            return str(Item.query.count())
    """,
}
#: Modules as pgAdmin has them: blueprints of a class of one's own, which register others.
_MODULES = {
    "__init__.py": """
        import os
        from flask import Flask
        from {name}.models import db

        APP = None

        def create_app():
            app = Flask("{name}", instance_relative_config=True)
            os.makedirs(app.instance_path, exist_ok=True)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.join(app.instance_path, "a.db")
            db.init_app(app)
            from {name}.browser import MODULES
            for module in MODULES:
                app.register_blueprint(module)
            return app
    """,
    "models.py": _MODELS,
    "modules.py": """
        from flask import Blueprint

        class Module(Blueprint):
            def __init__(self, name, import_name, **options):
                options.setdefault("url_prefix", "/" + name)
                super().__init__(name, import_name, **options)
                self.inner = []

            def register(self, app, options):
                super().register(app, options)
                for module in self.inner:
                    app.register_blueprint(module)
    """,
    "browser.py": """
        from flask import jsonify
        from {name}.models import Item
        from {name}.modules import Module

        class Browser(Module):
            def __init__(self, name, import_name):
                super().__init__(name, import_name)

            def register(self, app, options):
                from {name}.nodes import nodes
                self.inner = [nodes]
                super().register(app, options)

        browser = Browser("browser", __name__)
        MODULES = [browser]

        @browser.route("/names")
        def names():
            return jsonify([i.name for i in Item.query.order_by(Item.id)])
    """,
    "nodes.py": """
        from {name}.models import Item
        from {name}.modules import Module

        nodes = Module("nodes", __name__)

        @nodes.route("/count")
        def count():
            return str(Item.query.count())
    """,
}


@pytest.fixture(autouse=True)
def _extension(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "flask_kinds.py").write_text(_EXTENSION)
    monkeypatch.syspath_prepend(tmp_path / "others")
    monkeypatch.delitem(sys.modules, "flask_kinds", raising=False)


def _same_answers(sides: Sides, asked: list[Request]) -> None:
    legacy = importlib.import_module(sides.legacy).create_app()
    fill = importlib.import_module(f"{sides.legacy}.models").fill
    for expected, given in sides.both(legacy, asked, fill):
        assert expected[2] == 200
        assert given[:4] == expected[:4]


_ASKED: list[Request] = [
    ("GET", "/v1/items/index"),
    ("GET", "/v1/items/add"),
    ("GET", "/plain"),
    ("GET", "/v1/items/count"),
]


@pytest.mark.parametrize("frame", [*FRAMES, "auto"])
def test_classes_that_put_views_on_a_blueprint(frame: FrameChoice, make_sides: Make) -> None:
    _same_answers(make_sides(f"kinds_{frame}", _CLASSES, frame), _ASKED)


def test_they_keep_flask_and_are_told_of(make_sides: Make) -> None:
    sides = make_sides("kinds_told", _CLASSES, "auto")
    made = outcome_of(sides.conversion)
    assert made.flask == "Flask stays the frame: Flask-Kinds works on a Flask application only"
    (note,) = (n for n in made.notes if n.code == "MIG427")
    assert (note.path, note.severity) == ("views.py", "info")
    assert {e.endpoint.endpoint for e in made.endpoints} == {"static", "plain.plainly"}
    asked_for = outcome_of(make_sides("kinds_asked", _CLASSES, "fastapi").conversion)
    assert {f.code for f in asked_for.findings} == {"MIG411", "MIG418"}


@pytest.mark.parametrize("frame", FRAMES)
def test_blueprints_whose_class_registers_others(frame: FrameChoice, make_sides: Make) -> None:
    sides = make_sides(f"modules_{frame}", _MODULES, frame)
    made = outcome_of(sides.conversion)
    assert {e.endpoint.rule for e in made.endpoints if not e.endpoint.static} == {
        "/browser/names",
        "/nodes/count",
    }
    assert not [n.code for n in made.notes if n.code == "MIG427"]
    _same_answers(sides, [("GET", "/browser/names"), ("GET", "/nodes/count")])


def test_routes_whose_registration_is_not_followed(make_sides: Make) -> None:
    hidden = _MODULES["__init__.py"].replace(
        "from {name}.browser import MODULES",
        "import importlib\n"
        "            name = os.environ.get('NO_SUCH_MODULE', 'browser')\n"
        "            MODULES = [getattr(importlib.import_module('{name}.' + name), name)]",
    )
    assert hidden != _MODULES["__init__.py"]
    sides = make_sides("modules_hidden", {**_MODULES, "__init__.py": hidden}, "flask")
    notes = [n for n in outcome_of(sides.conversion).notes if n.code == "MIG427"]
    assert [n.message.partition(":")[0] for n in notes] == [
        "The routes of browser are not listed (1)",
        "The routes of nodes are not listed (1)",
    ]
    _same_answers(sides, [("GET", "/browser/names"), ("GET", "/nodes/count")])


def test_a_class_that_registers_itself_is_no_plugin_of_the_repository(make_sides: Make) -> None:
    """`register(app)` of the package has the name of what the class is asked for."""
    sides = make_sides("kinds_again", _CLASSES, "flask")
    surface = sides.conversion.surface
    assert surface is not None
    assert len(surface.endpoints) == 2


_INHERITED = {
    **_MODULES,
    "modules.py": """
        class Shelf:
            pass
    """,
    "browser.py": """
        from flask_restx import Api, Resource
        from {name}.models import Item

        class Wide(Api):
            def add_named(self, resource, *urls, **options):
                return self.add_resource(resource, *[f"/of{{url}}" for url in urls], **options)

        api = Wide()

        class Names(Resource):
            def get(self):
                return [i.name for i in Item.query.order_by(Item.id)]

        api.add_named(Names, "/names")
        MODULES = []
    """,
    "nodes.py": "",
}


def test_what_an_object_of_ones_own_class_inherits_is_followed(make_sides: Make) -> None:
    made = _INHERITED["__init__.py"].replace(
        "return app", "api.init_app(app)\n            return app"
    )
    made = made.replace("import MODULES", "import MODULES, api")
    sides = make_sides("inherited", {**_INHERITED, "__init__.py": made}, "flask")
    rules = {e.endpoint.rule for e in outcome_of(sides.conversion).endpoints}
    assert "/of/names" in rules
    _same_answers(sides, [("GET", "/of/names")])
