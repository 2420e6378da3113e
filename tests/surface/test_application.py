"""Which application is converted, and what happens when that is not clear."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.errors import UnclearApplication
from migrator.index.project import Project
from migrator.surface import Surface
from migrator.surface.read import read_surface

Read = Callable[..., Surface]
Write = Callable[[dict[str, str]], Path]

TWO = {
    "shop.py": """
        from flask import Flask

        site = Flask("site")
    """,
    "office.py": """
        import flask

        def make_office(debug):
            office = flask.Flask("office")
            return office
    """,
}


def test_no_application_is_no_error(write: Write) -> None:
    assert read_surface(Project(write({"models.py": "x = 1\n"}))) is None


def test_several_applications_are_named(write: Write) -> None:
    with pytest.raises(UnclearApplication, match=r"office:make_office, shop:site"):
        read_surface(Project(write(TWO)))


@pytest.mark.parametrize("app", ["shop:site", "office:make_office", "office:make_office()"])
def test_the_one_that_is_named_is_read(app: str, read: Read) -> None:
    site = read(TWO, app).site
    assert f"{site.module}:{site.attribute}" == app.removesuffix("()")


ASKS = """
    from flask import Flask

    def create_app(environment):
        return Flask(environment)
"""


@pytest.mark.parametrize(
    ("app", "arguments", "codes"),
    [
        ("shop:create_app('test',  debug=True)", "'test', debug=True", []),
        ("shop:create_app", "", ["MIG424"]),
        ("", "", ["MIG424"]),
    ],
)
def test_a_factory_gets_the_arguments_that_it_is_named_with(
    app: str, arguments: str, codes: list[str], read: Read
) -> None:
    surface = read({"shop.py": ASKS}, app)
    assert (surface.site.kind, surface.site.arguments) == ("factory", arguments)
    assert [f.code for f in surface.findings] == codes


@pytest.mark.parametrize(
    "app", ["shop:create_app(x)", "shop:create_app('x'", "shop:create_app()()"]
)
def test_arguments_are_literals(app: str, write: Write) -> None:
    with pytest.raises(UnclearApplication, match="literals"):
        read_surface(Project(write({"shop.py": ASKS})), app)


@pytest.mark.parametrize("app", ["nowhere:app", "shop:nothing", "shop"])
def test_a_name_that_is_not_there_is_an_error(app: str, write: Write) -> None:
    with pytest.raises(UnclearApplication):
        read_surface(Project(write(TWO)), app)


def test_the_usual_names_win(read: Read) -> None:
    site = read(
        {**TWO, "main.py": "from flask import Flask\n\ndef create_app():\n    return Flask('x')\n"}
    ).site
    assert (site.module, site.attribute, site.kind) == ("main", "create_app", "factory")


def test_a_factory_around_a_factory_is_the_factory(read: Read) -> None:
    files = {
        "base.py": "from flask import Flask\n\ndef bare():\n    app = Flask('x')\n    return app\n",
        "site.py": """
            from base import bare

            def build():
                app = bare()
                app.add_url_rule("/", "home", lambda: "")
                return app
        """,
    }
    surface = read(files)
    assert surface.site.attribute == "build"
    assert "home" in {e.endpoint for e in surface.endpoints}


ONE_OF_TWO = {
    "real.py": """
        from flask import Flask

        def make_real():
            app = Flask("real")
            app.add_url_rule("/", "home", lambda: "")
            app.add_url_rule("/health", "health", lambda: "")
            return app
    """,
    "closed.py": """
        from flask import Flask

        def make_closed():
            app = Flask("closed")
            app.add_url_rule("/health", "health", lambda: "")
            return app
    """,
    "server.py": """
        import os
        from flask import Flask

        def create_app():
            if "CLOSED" in os.environ:
                from closed import make_closed

                return make_closed()
            from real import make_real

            return make_real()
    """,
    "sample.py": "from flask import Flask\n\napp = Flask('sample')\n",
}


def test_a_factory_that_imports_what_it_calls_gives_the_application_with_most_routes(
    read: Read,
) -> None:
    surface = read(ONE_OF_TWO)
    assert (surface.site.module, surface.site.attribute) == ("server", "create_app")
    assert {"home", "health"} <= {e.endpoint for e in surface.endpoints}


SET_UP_BY_A_FUNCTION = """
    from flask import Flask

    app = Flask("shop")

    def create_app(debug=False):
        app.debug = debug

        @app.route("/orders")
        def orders():
            return []

        db.init_app(app)
        return app
"""


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("", "create_app"),
        ("\n    if __name__ == '__main__':\n        create_app().run()\n", "create_app"),
        ("\n    create_app()\n", "app"),
    ],
    ids=["called by others", "called by a script", "called when imported"],
)
def test_an_application_that_a_function_sets_up_is_that_functions(
    more: str, found: str, read: Read
) -> None:
    surface = read({"shop.py": SET_UP_BY_A_FUNCTION + more})
    assert surface.site.attribute == found
    assert "orders" in [e.endpoint for e in surface.endpoints]


def test_a_function_that_only_gives_the_application_makes_none(read: Read) -> None:
    code = "from flask import Flask\n\napp = Flask('x')\n\ndef create_app():\n    return app\n"
    assert read({"shop.py": code}).site.attribute == "app"


def test_tests_do_not_count(read: Read) -> None:
    files = {
        "site.py": "from flask import Flask\napp = Flask('x')\n",
        "tests/conftest.py": "from flask import Flask\napp = Flask('y')\n",
        "test_site.py": "from flask import Flask\nother = Flask('z')\n",
    }
    assert read(files).site.module == "site"


def test_a_factory_that_needs_arguments_is_used_where_a_script_calls_it(read: Read) -> None:
    files = {
        "shop/__init__.py": """
            from flask import Flask

            def create_app(mode):
                return Flask(__name__)
        """,
        "wsgi.py": "from shop import create_app\napplication = create_app('production')\n",
    }
    site = read(files).site
    assert (site.module, site.attribute, site.kind) == ("wsgi", "application", "object")


@pytest.mark.parametrize(
    ("given", "fills"),
    [
        ("def create_app(site):\n    db.init_app(site)\n", "site:Site"),
        ("def create_app(site: Flask, debug=False):\n    pass\n", "flask.Flask"),
        ("def make_app(site):\n    site.register_blueprint(bp)\n    return site\n", "site:Site"),
    ],
)
def test_a_factory_that_is_given_the_application(given: str, fills: str, read: Read) -> None:
    head = "from flask import Blueprint, Flask\nbp = Blueprint('b', __name__)\n"
    found = read({"site.py": f"{head}class Site(Flask):\n    pass\n{given}"})
    assert (found.site.kind, found.site.fills) == ("filler", fills)


def test_what_only_takes_an_argument_makes_no_application(write: Write) -> None:
    text = "def create_app(name):\n    return lookup(name)\n"
    assert read_surface(Project(write({"site.py": text}))) is None
