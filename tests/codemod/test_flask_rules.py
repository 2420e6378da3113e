"""The Flask parts of a module, before and after; what must not change stands beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.imports import add_imports
from migrator.codemod.rewriting.tree import apply_edits
from migrator.index.project import Project
from migrator.plan.model import Edit
from migrator.surface.read import read_surface

Convert = Callable[..., str]


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    """The text of `site.py` after the Flask rules, other files beside it."""

    def converted(source: str, files: dict[str, str] | None = None) -> str:
        for name, text in {"site.py": source, **(files or {})}.items():
            (tmp_path / name).write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        project = Project(tmp_path)
        surface = read_surface(project, "site:app", "fastapi")
        assert surface is not None
        module = project.modules["site"]
        edits = [Edit(node, (action,)) for node, action in surface.actions.get("site", [])]
        context = Context()
        assert module.source.tree is not None
        text = apply_edits(module.source.text, module.source.tree, edits, context)
        text = add_imports(text, context)
        compile(text, "site.py", "exec")
        return text

    return converted


HEAD = "from flask import Flask\n\napp = Flask(__name__)\n"


def body(text: str) -> str:
    """What follows the line that makes the application."""
    return text.partition("__name__)\n")[2].strip("\n")


def test_routes_get_fastapis_syntax_and_types(convert: Convert) -> None:
    source = HEAD + textwrap.dedent(
        '''
        # Orders, as ever.
        @app.route("/orders/<int:order_id>/<path:rest>", methods=["GET", "POST"], endpoint="o")
        @app.route('/o/<uuid:key>', strict_slashes=False)
        @app.delete("/orders/<float:price>")
        def show(order_id=None, rest="x", key=None, price: float = 1.0):
            """Kept."""
            return  f"{order_id}"   # as written
        '''
    )
    assert body(convert(source)) == textwrap.dedent(
        '''\
        # Orders, as ever.
        @app.api_route("/orders/{order_id:int}/{rest:flask_path}", methods=["GET", "POST"], name="o")
        @app.get('/o/{key:uuid}', strict_slashes=False)
        @app.delete("/orders/{price:float}")
        def show(order_id: int | None = None, rest: str = "x", key: UUID | None = None, price: float = 1.0):
            """Kept."""
            return  f"{order_id}"   # as written'''
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('@app.route("/")', '@app.get("/")'),
        ('@app.route("/", methods=["POST"])', '@app.post("/")'),
        ('@app.route("/", methods=("put",))', '@app.put("/")'),
        (
            '@app.route("/", methods=["GET", "post"])',
            '@app.api_route("/", methods=["GET", "POST"])',
        ),
        ('@app.route("/", endpoint="home", methods=["PATCH"])', '@app.patch("/", name="home")'),
        ('@app.route("/", methods=["HEAD"])', '@app.api_route("/", methods=["HEAD"])'),
    ],
)
def test_methods(before: str, after: str, convert: Convert) -> None:
    assert after in convert(f"{HEAD}\n{before}\ndef view():\n    return ''\n")


@pytest.mark.parametrize(
    "kept",
    [
        "@app.route(ROOT)",
        '@app.route(rule="/")',
        '@app.route("/", **OPTIONS)',
        '@app.route("/", methods=METHODS)',
        '@app.route("/{brace}")',
    ],
)
def test_routes_that_the_target_reads_as_they_are(kept: str, convert: Convert) -> None:
    constants = 'ROOT = "/root"\nOPTIONS = {}\nMETHODS = ["GET"]\n'
    assert kept in convert(f"{HEAD}{constants}\n{kept}\ndef view():\n    return ''\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from flask import g, request", "from migrator.runtime.compat import g, request"),
        (
            "from flask import (\n    g,  # globals\n    request as r,\n)",
            "from migrator.runtime.compat import (\n    g,  # globals\n    request as r,\n)",
        ),
        (
            "from flask_login import current_user",
            "from migrator.runtime.compat.login import current_user",
        ),
        ("from flask.json import jsonify", "from migrator.runtime.compat import jsonify"),
        ("import flask", "import migrator.runtime.compat as flask"),
        ("import flask as f, os", "import migrator.runtime.compat as f, os"),
        ("import flask.json", "import migrator.runtime.compat as flask"),
        (
            "import flask.json as j, os\nj.dump(j.loads(os.sep), 1)",
            "import migrator.runtime.compat.json as j, os\nj.dump(j.loads(os.sep), 1)",
        ),
        ("import flask.json as j\nf = [j]", "import migrator.runtime.compat.json as j\nf = [j]"),
        (
            "from flask.json import dump, load",
            "from migrator.runtime.compat.json import dump, load",
        ),
        ("import flask.json.tag as t\nt.TaggedJSON", "import flask.json.tag as t\nt.TaggedJSON"),
        ("from flask import signals", ""),
        (
            "from flask import signals, g\nprint(signals)",
            "from flask import signals\nfrom migrator.runtime.compat import g\nprint(signals)",
        ),
        (
            "from flask import g, escape",
            "from migrator.runtime.compat import g\nfrom markupsafe import escape",
        ),
        ("import os", "import os"),
        ("from flask_unheard import thing\nthing()", "from flask_unheard import thing\nthing()"),
    ],
)
def test_imports(before: str, after: str, convert: Convert) -> None:
    text = convert(f"{HEAD}\n{before}\n")
    assert body(text).strip() == after
    assert text.startswith("from migrator.runtime.compat import App\n\napp = App(__name__)\n")


def test_flask_by_attribute(convert: Convert) -> None:
    text = convert("import flask\n\napp = flask.Flask(__name__)\nflask.json.dumps(flask.g.x)\n")
    assert text == (
        "import migrator.runtime.compat as flask\n\n"
        "app = flask.App(__name__)\nflask.json.dumps(flask.g.x)\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import flask.helpers\nimport flask.json\nflask.helpers.url_for(flask.json)",
            "url_for(json)",
        ),
        ("import flask.helpers as h\nf = [h.url_for]", "f = [url_for]"),
        ("import flask.helpers as h\nf = [h]", "import flask.helpers as h\nf = [h]"),
    ],
)
def test_flask_by_a_submodule(before: str, after: str, convert: Convert) -> None:
    text = convert(f"{HEAD}\n{before}\n")
    assert text.partition("app = App(__name__)")[2].strip() == after


def test_flask_by_attribute_where_a_part_has_no_counterpart(convert: Convert) -> None:
    text = convert("import flask\n\napp = flask.Flask(__name__)\nflask.signals.x(flask.g)\n")
    assert text == (
        "import flask\nfrom migrator.runtime.compat import App, g\n\n"
        "app = App(__name__)\nflask.signals.x(g)\n"
    )


def test_a_name_that_others_import_keeps_its_old_name(convert: Convert) -> None:
    text = convert(HEAD, {"other.py": "from site import Flask\n"})
    assert text.startswith("from migrator.runtime.compat import App as Flask\n")


def test_a_left_view_leaves_a_comment(convert: Convert) -> None:
    source = HEAD + textwrap.dedent(
        """
        # above
        @app.route("/x/<shade:x>")
        def view(x):
            return ""


        @app.route("/y")
        def other():
            return ""
        """
    )
    assert body(convert(source)) == textwrap.dedent(
        """\
        # above
        # migrator: left on the mount, MIG401: the converter 'shade' is not known


        @app.get("/y")
        def other():
            return \"\""""
    )


def test_a_left_view_that_others_call_loses_its_route_only(convert: Convert) -> None:
    source = HEAD + textwrap.dedent(
        """
        @app.route("/x/<shade:x>")
        def view(x):
            return ""

        @app.route("/y")
        def other():
            return view("a")
        """
    )
    text = body(convert(source))
    assert text.startswith("# migrator: left on the mount, MIG401")
    assert "\ndef view(x):" in text
    assert "<shade:x>" not in text


THINGS = """
from flask.views import MethodView

class Things(MethodView):
    def get(self, x):
        return ""

app.add_url_rule("/things/<RULE:x>", view_func=Things.as_view("things"))
"""


def test_class_based_views(convert: Convert) -> None:
    text = convert(HEAD + THINGS.replace("RULE", "int(min=1)"))
    assert "from migrator.runtime.compat.views import MethodView" in text
    assert "    def get(self, x: int):" in text
    assert '"/things/<int(min=1):x>", view_func=Things.as_view("things")' in text


def test_class_based_views_go_with_their_registration(convert: Convert) -> None:
    text = convert(HEAD + THINGS.replace("RULE", "shade"))
    assert "class Things" not in text
    assert "add_url_rule" not in text
    assert text.count("# migrator: left on the mount, MIG401:") == 2


@pytest.mark.parametrize(
    ("imported", "base", "expected"),
    [
        ("import flask", "flask.views.MethodView", "import migrator.runtime.compat as flask"),
        ("import flask.views", "flask.views.View", "import migrator.runtime.compat as flask"),
        ("import flask.views as v", "v.View", "import migrator.runtime.compat.views as v"),
        ("from flask import views", "views.View", "from migrator.runtime.compat import views"),
    ],
)
def test_ways_to_import_views(imported: str, base: str, expected: str, convert: Convert) -> None:
    code = f"""
{imported}

class Things({base}):
    methods = ["GET"]
    def dispatch_request(self):
        return ""
    get = dispatch_request

app.add_url_rule("/things", view_func=Things.as_view("things"))
"""
    text = convert(HEAD + code)
    assert expected in text
    assert "add_url_rule" in text
    assert "from flask" not in text
    assert "import flask\n" not in text
    assert "flask.views as" not in text


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ('@app.route("/<any(a, b):x>", methods=["POST"])', '@app.post("/<any(a, b):x>")'),
        ('@app.route("/<int(min=1):x>")', '@app.get("/<int(min=1):x>")'),
        ('@app.route("/<x>", defaults={"y": 1})', '@app.get("/{x}", defaults={"y": 1})'),
        ('@app.route("/<x>", strict_slashes=False)', '@app.get("/{x}", strict_slashes=False)'),
        ('@app.route("/<x>", endpoint="e")', '@app.get("/{x}", name="e")'),
    ],
)
def test_rules_that_fastapi_has_no_words_for(route: str, expected: str, convert: Convert) -> None:
    assert expected in convert(HEAD + f"\n{route}\ndef view(x, y=0):\n    return str(x)\n")


def test_a_type_of_the_views_own_keeps_flasks_syntax(convert: Convert) -> None:
    """FastAPI would convert the value, or answer 422; Flask never looked at the type."""
    text = convert(HEAD + '\n@app.route("/<x>")\ndef view(x: int):\n    return x\n')
    assert '@app.get("/<x>")' in text


def test_extensions_are_dropped_from_the_set_up(convert: Convert) -> None:
    source = """
        from flask import Flask
        from flask_migrate import Migrate
        from flask_mail import Mail

        migrate = Migrate()
        mail = Mail()

        def init(app):
            migrate.init_app(app)

        app = Flask(__name__)
        init(app)
        mail.init_app(app)
        """
    assert convert(source) == textwrap.dedent(
        """\
        from migrator.runtime.compat import App
        from flask_mail import Mail

        migrate = None
        mail = Mail()

        def init(app):
            # migrator: MIG410: Flask-Migrate stays with the legacy application
            pass

        app = App(__name__)
        init(app)
        # migrator: MIG411: Flask-Mail stays with the legacy application
        """
    )


def test_supported_extensions_stay(convert: Convert) -> None:
    source = """
        from flask import Flask
        from flask_login import LoginManager
        from flask_sqlalchemy import SQLAlchemy

        app = Flask(__name__)
        db = SQLAlchemy(app)
        login = LoginManager(app)
        """
    assert convert(source) == textwrap.dedent(
        """\
        from migrator.runtime.compat import App
        from migrator.runtime.compat.login import LoginManager
        from migrator.runtime.db import SQLAlchemy

        app = App(__name__)
        db = SQLAlchemy(app)
        login = LoginManager(app)
        """
    )


def test_wsgi_middleware_is_left_to_flask(convert: Convert) -> None:
    text = convert(HEAD + "app.wsgi_app = print(app.wsgi_app)\n")
    assert body(text) == "# migrator: MIG416: WSGI middleware is left to Flask"
