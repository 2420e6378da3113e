"""Levels of endpoints: what makes one bridged or legacy, and the chain of calls that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from migrator.codemod.result import EndpointLevel, Outcome
from migrator.surface import FrameChoice

HEAD = """\
from flask import Flask, g, render_template, jsonify
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
app = Flask(__name__)


class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)

    @property
    def others(self):
        return Item.query.filter(Item.id != self.id).count()


def names():
    return [item.name for item in Item.query.all()]


def counted(item):
    return {"others": item.others}


"""


def outcome(tmp_path: Path, *code: str, frame: FrameChoice = "fastapi") -> Outcome:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "app.py").write_text(HEAD + "\n\n".join(code))
    found = outcome_of(convert(root, frame=frame))
    totals = found.totals
    assert totals.seen == totals.native + totals.bridged + totals.left
    return found


def levels(tmp_path: Path, *code: str, frame: FrameChoice = "fastapi") -> dict[str, EndpointLevel]:
    return {e.endpoint.endpoint: e for e in outcome(tmp_path, *code, frame=frame).endpoints}


@pytest.mark.parametrize(
    ("body", "level", "reason"),
    [
        ('return "hello"', "native", ""),
        ("return jsonify(names())", "native", ""),
        (
            'return render_template("x.html", item=Item.query.first())',
            "bridged",
            "view → render_template: templates load lazily",
        ),
        (
            "return counted(Item.query.first())",
            "bridged",
            "view → counted → Item.others: @property needs a plain function",
        ),
    ],
    ids=["no query", "native calls", "template", "property"],
)
def test_a_view_by_what_it_calls(tmp_path: Path, body: str, level: str, reason: str) -> None:
    found = levels(tmp_path, f'@app.route("/")\ndef view():\n    {body}\n')["view"]
    assert (found.level, found.reason) == (level, reason)


def test_a_hook_does_not_count(tmp_path: Path) -> None:
    hook = "@app.before_request\ndef load():\n    g.others = counted(Item.query.first())\n"
    view = '@app.route("/")\ndef view():\n    return jsonify(names())\n'
    assert levels(tmp_path, hook, view)["view"].level == "native"


def test_a_decorator_counts(tmp_path: Path) -> None:
    decorator = (
        "from functools import wraps\n\n\ndef checked(view):\n    @wraps(view)\n"
        "    def wrapper(*args, **kwargs):\n        counted(Item.query.first())\n"
        "        return view(*args, **kwargs)\n    return wrapper\n"
    )
    view = '@app.route("/")\n@checked\ndef view():\n    return "x"\n'
    found = levels(tmp_path, decorator, view)["view"]
    assert found.level == "bridged"
    assert found.chain[:3] == ("view", "wrapper", "counted")


def test_what_the_mount_keeps_is_legacy_with_its_reason(tmp_path: Path) -> None:
    view = '@app.route("/<shade:x>")\ndef view(x):\n    return jsonify(names())\n'
    found = levels(tmp_path, view)
    assert found["view"].level == "legacy"
    assert found["view"].reason == "the converter 'shade' is not known"
    assert found["static"].level == "native"


def test_a_decorator_does_not_lend_one_view_the_level_of_another(tmp_path: Path) -> None:
    guard = """
from functools import wraps


def guarded(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        g.item = Item.query.first()
        return view(*args, **kwargs)
    return wrapper
"""
    plain = '@app.get("/plain")\n@guarded\ndef plain():\n    return jsonify(names())\n'
    page = '@app.get("/page")\n@guarded\ndef page():\n    return render_template("page.html")\n'
    found = levels(tmp_path, guard, plain, page)
    assert (found["plain"].level, found["page"].level) == ("native", "bridged")


@pytest.mark.parametrize(
    ("kept", "body", "level", "reason"),
    [
        (
            'KEPT = {"a": lambda: Item.query.count()}',
            'return str(KEPT["a"]())',
            "bridged",
            "view → KEPT['a']: a lambda that loads is kept and called elsewhere",
        ),
        (
            'KEPT = {"a": lambda: Item.query.count()}',
            'return str(asked("a"))',
            "bridged",
            "view → asked → KEPT[key]: a lambda that loads is kept and called elsewhere",
        ),
        (
            'KEPT = {"a": functools.partial(names)}',
            'return str(KEPT["a"]())',
            "bridged",
            "view → names: it is passed on as a value (to functools.partial) in <module>",
        ),
        ('KEPT = {"a": names}', 'return str(KEPT["a"]())', "native", ""),
        ('KEPT = {"a": lambda: "a"}', 'return str(KEPT["a"]())', "native", ""),
        ('KEPT = {"a": lambda: Item.query.count()}', "return str(names())", "native", ""),
    ],
    ids=["a lambda", "in a callee", "a partial", "a function", "no query", "never called"],
)
def test_what_a_registry_holds_counts_where_it_is_called(
    tmp_path: Path, kept: str, body: str, level: str, reason: str
) -> None:
    asked = "def asked(key):\n    return KEPT[key]()\n"
    view = f'@app.route("/")\ndef view():\n    {body}\n'
    found = levels(tmp_path, f"import functools\n\n{kept}\n", asked, view)["view"]
    assert (found.level, found.reason) == (level, reason)


def test_on_flask_the_reason_tells_what_is_bridged_inside(tmp_path: Path) -> None:
    page = '@app.get("/page")\ndef page():\n    return render_template("page.html")\n'
    plain = '@app.get("/plain")\ndef plain():\n    return jsonify(names())\n'
    found = outcome(tmp_path, page, plain, frame="flask")
    assert found.flask == "Flask stays the frame, as was asked for"
    awaited = "everything that it calls is awaited; Flask serves it"
    assert {e.endpoint.endpoint: (e.level, e.reason) for e in found.endpoints} == {
        "static": ("bridged", awaited),
        "page": ("bridged", "page → render_template: templates load lazily"),
        "plain": ("bridged", awaited),
    }
