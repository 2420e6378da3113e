"""Levels of endpoints: what makes one bridged or legacy, and the chain of calls that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from migrator.codemod.result import EndpointLevel

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


def levels(tmp_path: Path, *code: str) -> dict[str, EndpointLevel]:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "app.py").write_text(HEAD + "\n\n".join(code))
    outcome = outcome_of(convert(root))
    totals = outcome.totals
    assert totals.seen == totals.native + totals.bridged + totals.left
    return {e.endpoint.endpoint: e for e in outcome.endpoints}


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
