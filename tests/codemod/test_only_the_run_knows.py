"""Names that only the run gives a meaning: imports that a condition chooses, and what modules are given at run time.

Whichever function it is, it is awaited where it became asynchronous, and called where it did not.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.item_app import item_app
from tests.codemod.parity import FRAMES, Make, Request

HEAD = {
    **item_app(),
    "stored.py": """
        from .models import Item

        def number():
            return Item.query.count()

        class Numbers:
            def all(self):
                return [Item.query.count()]
    """,
    "fixed.py": """
        def number():
            return 7

        class Numbers:
            def all(self):
                return [7]
    """,
}

#: What `chosen.py` says, by what it is.
CHOSEN = {
    "a_condition": """
        import os
        if os.environ.get("NO_SUCH_NAME"):
            from .fixed import Numbers, number
        else:
            from .stored import Numbers, number
    """,
    "a_condition_the_other_way": """
        import os
        if not os.environ.get("NO_SUCH_NAME"):
            from .fixed import Numbers, number
        else:
            from .stored import Numbers, number
    """,
    "an_error": """
        try:
            from .stored import Numbers, number, no_such_name
        except ImportError:
            from .fixed import Numbers, number
    """,
    "names_of_another_module": """
        from . import stored
        globals().update(vars(stored))
    """,
    "names_when_asked": """
        import importlib

        def __getattr__(name):
            return getattr(importlib.import_module("{name}.stored"), name)
    """,
    "set_from_outside": "",
}

VIEWS = """
    from flask import Blueprint, jsonify
    import {name}.chosen
    from {name} import chosen, stored
    {more}

    bp = Blueprint("views", __name__)

    @bp.route("/imported")
    def imported():
        from {name}.chosen import Numbers, number
        return jsonify(number(), Numbers().all())

    @bp.route("/attributes")
    def attributes():
        return jsonify(chosen.number(), chosen.Numbers().all())

    @bp.route("/values")
    def values():
        from {name}.chosen import number
        kept = {{"number": number}}
        return jsonify(kept["number"](), list(map(lambda f: f(), [chosen.number])))

    @bp.route("/whole_name")
    def whole_name():
        return jsonify({name}.chosen.number(), {name}.chosen.Numbers().all())
"""


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("kind", CHOSEN)
def test_whichever_it_is_is_called_as_it_is(
    make_sides: Make, kind: str, frame: FrameChoice
) -> None:
    outside = kind == "set_from_outside"
    more = "chosen.number, chosen.Numbers = stored.number, stored.Numbers" if outside else ""
    files = {**HEAD, "chosen.py": CHOSEN[kind], "views.py": VIEWS.replace("{more}", more)}
    sides = make_sides(f"{kind}_{frame}", files, frame)
    paths = ("/imported", "/attributes", "/values", "/whole_name")
    requests: list[Request] = [("GET", path) for path in paths]
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), requests))
    assert [answer[2] for answer in expected] == [200] * 4
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected


@pytest.mark.parametrize("frame", FRAMES)
def test_modules_that_a_condition_chooses(make_sides: Make, frame: FrameChoice) -> None:
    views = """
        import os
        from flask import Blueprint, jsonify
        if os.environ.get("NO_SUCH_NAME"):
            from . import fixed as first
            from . import stored as second
        else:
            from . import stored as first
            from . import fixed as second

        bp = Blueprint("views", __name__)

        @bp.route("/")
        def show():
            return jsonify([m.number() for m in (first, second)], first.number(), second.number())
    """
    sides = make_sides(f"modules_{frame}", {**HEAD, "views.py": views}, frame)
    expected = list(
        sides.answers(importlib.import_module(sides.legacy).create_app(), [("GET", "/")])
    )
    assert expected[0][2:4] == (200, b"[[0,7],0,7]\n")
    with sides.converted() as target:
        assert list(sides.answers(target.app, [("GET", "/")])) == expected


def _findings(root: Path, files: dict[str, str]) -> list[tuple[str, int, str]]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    found = outcome_of(convert(root, package="converted")).findings
    return [(f.path, f.line, f.message) for f in found if f.code == "MIG127"]


SHOP = """
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)


def create_app():
    from shop.views import bp

    app = Flask(__name__)
    db.init_app(app)
    app.register_blueprint(bp)
    return app
"""
BP = "from flask import Blueprint\n\nbp = Blueprint('v', __name__)\n"


def test_a_folder_above_the_one_on_the_path_is_told_once(tmp_path: Path) -> None:
    views = f"{BP}from shop import Item\nfrom shop.tools import count\n"
    files = {"src/shop/__init__.py": SHOP, "src/shop/views.py": views, "src/shop/tools.py": ""}
    [(path, line, message)] = _findings(tmp_path, files)
    assert (path, line) == ("src/shop/__init__.py", 13)
    assert all(part in message for part in ("`shop.views`", "2 more imports", "src/"))


def test_a_module_called_as_another_distribution_is_none_of_these(tmp_path: Path) -> None:
    shop = {
        "shop/__init__.py": SHOP,
        "shop/views.py": f"{BP}from flask.json import dumps\nfrom requests import get\nimport redis\n",
        "shop/web/__init__.py": "",
        "shop/web/flask/__init__.py": "",
        "shop/web/flask/json.py": "def loads(): ...\n",
        "shop/requests.py": "from requests import get\n",
        "shop/redis.py": "",
    }
    assert not _findings(tmp_path, shop)


def test_a_script_beside_a_package_that_imports_its_modules_bare(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": SHOP,
        "shop/views.py": BP,
        "shop/tools.py": "from shop import Item\n\n\ndef count():\n    return Item.query.count()\n",
        "run.py": "from tools import count\n\nfrom shop import create_app\n",
    }
    [(path, line, message)] = _findings(tmp_path, files)
    assert (path, line) == ("run.py", 1)
    assert "shop/tools.py" in message
    # What wraps a distribution, and has its name, imports it: that is what the name means.
    files["shop/tools.py"] = f"import tools\n{files['shop/tools.py']}"
    assert not _findings(tmp_path, files)


def test_a_call_of_which_nothing_is_known(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": SHOP,
        "shop/views.py": f"""{BP}
from shop import Item


class Numbers:
    def number(self):
        return Item.query.count()


def numbers():
    raise LookupError


@bp.route("/known")
def known():
    return str(Numbers().number())


@bp.route("/")
def show():
    return str(numbers().number())
""",
    }
    [(path, line, message)] = _findings(tmp_path, files)
    assert (path, line) == ("shop/views.py", 24)
    assert "Numbers.number" in message
