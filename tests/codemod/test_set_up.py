"""Functions that scripts call before there is an event loop: they make the application and set it up."""

from __future__ import annotations

import importlib

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

_MODELS = """
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()

    class Item(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(9))
"""
_VIEWS = """
    from flask import Blueprint
    from {name}.models import Item

    bp = Blueprint("items", __name__)

    @bp.route("/items")
    def items():
        return ",".join(i.name for i in Item.query.order_by(Item.id).all())
"""
#: The application is a module's name, and a function of another module completes it.
_COMPLETED = {
    "__init__.py": """
        from flask import Flask
        from {name}.models import Item, db

        app = Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///completed.db"
        db.init_app(app)

        def fill():
            with app.app_context():
                db.drop_all()
                db.create_all()
                db.session.add_all([Item(name="a"), Item(name="b")])
                db.session.commit()
                return app
    """,
    "models.py": _MODELS,
    "views.py": _VIEWS,
    "main.py": """
        from {name} import fill

        def main(started=print):
            app = fill()
            from {name}.views import bp
            app.register_blueprint(bp)
            started(app.name)
    """,
}
#: A script of the package calls the factory.
_MADE = {
    "__init__.py": "",
    "models.py": _MODELS,
    "views.py": _VIEWS,
    "app.py": """
        from flask import Flask
        from {name}.models import Item, db
        from {name}.views import bp

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///made.db"
            db.init_app(app)
            app.register_blueprint(bp)
            with app.app_context():
                db.create_all()
                Item.query.delete()
                db.session.commit()
            return app
    """,
    "main.py": """
        from {name}.app import create_app
        from {name}.models import Item, db

        def made():
            return create_app()

        def main():
            app = made()
            with app.app_context():
                db.session.add(Item(name="c"))
                db.session.commit()
                return Item.query.count()
    """,
}
_ASKED: list[Request] = [("GET", "/items"), ("GET", "/nothing")]


@pytest.mark.parametrize("frame", FRAMES)
def test_what_registers_blueprints_is_a_plain_function(
    frame: FrameChoice, make_sides: Make
) -> None:
    sides = make_sides(f"completed_{frame}", _COMPLETED, frame)
    surface = sides.conversion.surface
    assert surface is not None
    assert "items.items" in {e.endpoint for e in surface.endpoints}
    names: list[str] = []
    importlib.import_module(f"{sides.legacy}.main").main(names.append)
    legacy = importlib.import_module(sides.legacy).app
    expected = list(sides.answers(legacy, _ASKED))
    with sides.converted() as asgi:
        importlib.import_module(f"{sides.target}.main").main(names.append)
        assert list(sides.answers(asgi.converted, _ASKED)) == expected
    assert names == [sides.legacy, sides.target]
    assert expected[0][3] == b"a,b"


def test_a_finding_says_who_has_to_call_it(make_sides: Make) -> None:
    sides = make_sides("completed_finding", _COMPLETED, "flask")
    found = [f for f in outcome_of(sides.conversion).findings if f.code == "MIG418"]
    assert [(f.path, f.symbol, f.column) for f in found] == [("main.py", "main", 1)]


@pytest.mark.parametrize("frame", FRAMES)
def test_one_that_returns_the_application_can_be_named(
    frame: FrameChoice, make_sides: Make
) -> None:
    main = _COMPLETED["main.py"].replace("started(app.name)", "return app")
    name = f"returned_{frame}"
    sides = make_sides(name, {**_COMPLETED, "main.py": main}, frame)
    (found,) = (f for f in outcome_of(sides.conversion).findings if f.code == "MIG418")
    named = f"{sides.legacy}.main:main"
    assert found.hint.startswith(f"If it returns the application, name it: --app {named}. If not")
    again = convert(sides.root / sides.legacy, application=named, package=sides.target, frame=frame)
    assert not outcome_of(again).findings
    for path, text in again.texts.items():
        (sides.root / sides.target / path).write_text(text, encoding="utf-8")
    with sides.converted() as asgi:
        assert next(sides.answers(asgi.app, _ASKED))[3] == b"a,b"


@pytest.mark.parametrize("frame", FRAMES)
def test_what_calls_the_factory_is_a_plain_function(frame: FrameChoice, make_sides: Make) -> None:
    sides = make_sides(f"made_{frame}", _MADE, frame)
    assert importlib.import_module(f"{sides.legacy}.main").main() == 1
    with sides.converted() as asgi:
        assert importlib.import_module(f"{sides.target}.main").main() == 1
        answers = list(sides.answers(asgi.converted, _ASKED))
    assert answers[0][3] == b"c"


#: Views reach the application by a function that makes it where there is none yet; so does a script.
_REACHED = {
    **_MADE,
    "app.py": _MADE["app.py"]
    + """
        APP = None

        def get_app():
            global APP
            if APP is None:
                APP = create_app()
            return APP
    """,
    "logic.py": """
        from {name}.models import Item

        def titled():
            from {name}.app import get_app
            return len(get_app().name) * "*" + both()

        def both():
            return "+".join(i.name for i in Item.query.order_by(Item.id))

        def script_only():
            return str(Item.query.count())
    """,
    "views.py": _VIEWS
    + """
    from {name}.logic import titled

    @bp.route("/titled")
    def title():
        return titled()
""",
    "main.py": """
        from {name}.app import get_app
        from {name}.logic import both, script_only
        from {name}.models import Item, db

        def main():
            with get_app().app_context():
                db.session.add(Item(name="c"))
                db.session.commit()
                return both() + script_only()
    """,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_what_views_call_is_native_though_it_reaches_the_application(
    frame: FrameChoice, make_sides: Make
) -> None:
    sides = make_sides(f"reached_{frame}", _REACHED, frame, application="app:create_app")
    assert sides.conversion.decisions[f"{sides.legacy}.logic:titled"].asynchronous
    asked: list[Request] = [("GET", "/titled"), ("GET", "/items")]
    assert importlib.import_module(f"{sides.legacy}.main").main() == "c1"
    legacy = importlib.import_module(f"{sides.legacy}.app").get_app()
    expected = [answer[2:4] for answer in sides.answers(legacy, asked)]
    with sides.converted() as asgi:
        assert importlib.import_module(f"{sides.target}.main").main() == "c1"
        assert [answer[2:4] for answer in sides.answers(asgi.converted, asked)] == expected
    assert [status for status, _ in expected] == [200, 200]
