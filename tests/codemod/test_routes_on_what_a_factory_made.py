"""Routes on what a module has made by a factory: another one of the factory's has none of them. Executed, in both frames."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

MADE = """
    import os
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()

    class Item(db.Model):
        id = db.Column(db.Integer, primary_key=True)

    def create_app():
        app = Flask(__name__)
        place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __name__ + ".db")
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + place
        db.init_app(app)
        with app.app_context():
            db.create_all()
        return app
"""
APART = {
    "__init__.py": "",
    "made.py": f"{MADE}\n    shop = create_app()\n",
    # It puts routes on the application that it imports, by a decorator of its own alone.
    "server.py": """
        from {name}.made import Item, shop as application

        def register(url):
            def wrapper(fn):
                @application.get("/data" + url, endpoint=fn.__name__)
                def handler(**values):
                    return {{"data": fn(**values)}}
                return handler
            return wrapper

        @register("/items")
        def items():
            return Item.query.count()
    """,
}
ONE = {
    "__init__.py": f"""{MADE}
    app = create_app()

    @app.route("/data/items")
    def items():
        return {{{{"data": Item.query.count()}}}}
""",
}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    ("files", "module", "name"), [(ONE, "", "app"), (APART, ".server", "application")]
)
def test_the_one_with_the_routes_is_served(
    make_sides: Make, frame: FrameChoice, files: dict[str, str], module: str, name: str
) -> None:
    sides = make_sides(f"made_{name}_{frame}", files, frame)
    requests: list[Request] = [("GET", "/data/items"), ("GET", "/nowhere")]
    legacy = getattr(importlib.import_module(sides.legacy + module), name)
    expected = list(sides.answers(legacy, requests))
    assert [answer[2] for answer in expected] == [200, 404]
    assert sides.conversion.surface is not None
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected


@pytest.mark.parametrize("frame", FRAMES)
def test_a_server_s_own_name_for_it_changes_nothing(make_sides: Make, frame: FrameChoice) -> None:
    files = {
        "__init__.py": MADE.replace(
            "return app",
            "from .views import bp\n        app.register_blueprint(bp)\n        return app",
        ),
        "views.py": """
            from flask import Blueprint
            from . import Item

            bp = Blueprint("shop", __name__)

            @bp.get("/data/items")
            def items():
                return {{"data": Item.query.count()}}
        """,
        "wsgi.py": "from . import create_app\n\napp = create_app()\n",
    }
    sides = make_sides(f"served_{frame}", files, frame)
    assert "create_app" in sides.conversion.texts["asgi.py"]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_class_of_applications_that_the_factory_defines(
    make_sides: Make, frame: FrameChoice
) -> None:
    own = """
        class Own(Flask):
            pass

        app = Own(__name__)

        @app.get("/data/items")
        def items():
            return {{"data": Item.query.count()}}

"""
    files = {"__init__.py": MADE.replace("        app = Flask(__name__)\n", own)}
    sides = make_sides(f"defined_{frame}", files, frame)
    assert not sides.conversion.findings
    requests: list[Request] = [("GET", "/data/items"), ("GET", "/nowhere")]
    legacy = importlib.import_module(sides.legacy).create_app()
    expected = list(sides.answers(legacy, requests))
    assert [answer[2] for answer in expected] == [200, 404]
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected


GETTER = """
    application = None

    def get_app():
        global application
        if application is None:
            application = create_app()
        return application
"""
KEPT = {
    "__init__.py": "",
    "made.py": f"{MADE}\n{GETTER}",
    "rest.py": """
        from flask.views import MethodView
        from {name}.made import Item, get_app

        app = get_app()

        class Items(MethodView):
            def get(self):
                return {{"data": Item.query.count()}}

        app.add_url_rule("/data/items", view_func=Items.as_view("items"))
    """,
    "a_page.py": """
        from . import made

        app = made.get_app()

        @app.get("/page")
        def page():
            return {{"page": made.Item.query.count()}}
    """,
    "wsgi.py": """
        from . import made

        app = made.get_app()
        from . import a_page, rest
    """,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_a_factory_that_keeps_what_it_makes_has_one_application(
    make_sides: Make, frame: FrameChoice
) -> None:
    sides = make_sides(f"kept_{frame}", KEPT, frame)
    requests: list[Request] = [("GET", "/data/items"), ("GET", "/page"), ("GET", "/nowhere")]
    legacy = importlib.import_module(sides.legacy + ".wsgi").app
    expected = list(sides.answers(legacy, requests))
    assert [answer[2] for answer in expected] == [200, 200, 404]
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
    surface = sides.conversion.surface
    assert surface is not None
    assert {e.endpoint for e in surface.endpoints} >= {"items", "page"}


@pytest.mark.parametrize("frame", FRAMES)
def test_one_of_two_calls_makes_the_application(make_sides: Make, frame: FrameChoice) -> None:
    either = 'Flask(__name__, static_folder="files") if os.environ.get("SHOP") else Flask(__name__)'
    files = {"__init__.py": ONE["__init__.py"].replace("Flask(__name__)", either)}
    sides = make_sides(f"either_{frame}", files, frame)
    requests: list[Request] = [("GET", "/data/items"), ("GET", "/nowhere")]
    legacy = importlib.import_module(sides.legacy).app
    expected = list(sides.answers(legacy, requests))
    assert [answer[2] for answer in expected] == [200, 404]
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected


#: The routes are put on by an object that has made the application, and keeps it.
BY_AN_OBJECT = {
    "__init__.py": MADE,
    "interface.py": """
        from {name} import Item, create_app

        class Pages:
            def __init__(self, app):
                app.add_url_rule("/data/items", view_func=self.items)

            def items(self):
                return {{"data": Item.query.count()}}

        class Interface:
            def __init__(self):
                self.app = create_app()
                Pages(self.app)
    """,
    "wsgi.py": """
        from .interface import Interface

        def make_interface():
            return Interface()

        interface = make_interface()
        app = interface.app
    """,
}
#: A function inside of another one returns what a factory has made: the outer one does not.
BY_A_FUNCTION_INSIDE = {
    "__init__.py": MADE.replace(
        "return app",
        '@app.get("/data/items")\n'
        "        def items():\n"
        '            return {{"data": Item.query.count()}}\n\n'
        "        return app",
    ),
    "commands.py": """
        from . import create_app

        def for_commands():
            def factory():
                return create_app()

            return factory
    """,
}
HOLDER = """
    class Holder:
        def __init__(self, app):
            self.app = app

    db = SQLAlchemy()
"""
#: The application is reached by another object that hangs on it, as with connexion.
HANGING = {
    "__init__.py": MADE.replace("def create_app():", "def create_simple_app():")
    .replace(
        "        return app",
        """        app.frame = Holder(app)
        return app

    def create_whole_app():
        frame = create_simple_app().frame
        application = frame.app

        @application.after_request
        def after(response):
            response.headers["Made"] = "whole"
            return response

        @frame.app.get("/data/items")
        def items():
            return {{"data": Item.query.count()}}

        return application

    def settings():
        frame = create_simple_app().frame
        return frame
""",
    )
    .replace("    db = SQLAlchemy()", HOLDER),
}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    ("files", "served"),
    [
        (BY_AN_OBJECT, ".wsgi:app"),
        (BY_A_FUNCTION_INSIDE, ":create_app"),
        (HANGING, ":create_whole_app"),
    ],
    ids=["object", "inside", "hanging"],
)
def test_the_application_is_the_one_that_is_finished(
    make_sides: Make, frame: FrameChoice, files: dict[str, str], served: str
) -> None:
    sides = make_sides(f"finished{served.strip('.:').replace(':', '_')}_{frame}", files, frame)
    module, _, name = served.partition(":")
    legacy = getattr(importlib.import_module(sides.legacy + module), name)
    requests: list[Request] = [("GET", "/data/items"), ("GET", "/nowhere")]
    expected = list(sides.answers(legacy if name == "app" else legacy(), requests))
    assert [answer[2] for answer in expected] == [200, 404]
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected


@pytest.mark.parametrize("frame", FRAMES)
def test_a_helper_that_returns_an_application_is_no_factory(
    make_sides: Make, frame: FrameChoice
) -> None:
    files = {
        "__init__.py": MADE,
        "server.py": """
            from . import Item, create_app

            app = create_app()

            @app.get("/data/items")
            def items():
                return {{"data": Item.query.count()}}
        """,
        "filling.py": """
            from . import Item, db

            def initial_data():
                from . import create_app

                app = create_app()
                with app.app_context():
                    if not Item.query.count():
                        db.session.add(Item())
                        db.session.commit()
                return app
        """,
    }
    sides = make_sides(f"helped_{frame}", files, frame)
    assert "initial_data" not in sides.conversion.texts["asgi.py"]
    requests: list[Request] = [("GET", "/data/items"), ("GET", "/nowhere")]
    legacy = importlib.import_module(sides.legacy + ".server").app
    expected = list(sides.answers(legacy, requests))
    assert [answer[2] for answer in expected] == [200, 404]
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
