"""`migrator scan`: the inventory on the command line, and the three formats say the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

Outcome = tuple[int, str, str]
Migrator = Callable[..., Outcome]

MORE = """

@bp.route("/items", methods=["POST"])
def add():
    from shop.models import db

    db.session.add(Item(name="new"))
    db.session.commit()
    return "", 201
"""


def snapshot(root: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_nothing_is_written_and_nothing_is_left(shop: Path, migrator: Migrator) -> None:
    before = snapshot(shop)
    code, out, err = migrator("scan", shop)
    assert (code, err) == (0, "")
    assert "1 = 1 native + 0 bridged + 0 left" in out
    assert re.search(r"^1 shop +1 +1 +0\.1", out, re.M)
    assert "effort: about 0 hours" in out
    assert snapshot(shop) == before


def test_findings_are_exit_code_one(shop_with_left: Path, migrator: Migrator) -> None:
    code, out, _ = migrator("scan", shop_with_left)
    assert code == 1
    assert "would be left to do by hand" in out
    assert "MIG401 ×2  a URL converter that the target has not" in out
    assert "views.py" in out.partition("files that need most work")[2]


def test_json_is_one_object_and_adds_up(shop_with_left: Path, migrator: Migrator) -> None:
    (shop_with_left / "views.py").write_text((shop_with_left / "views.py").read_text() + MORE)
    code, out, err = migrator("scan", shop_with_left, "--format", "json")
    found = json.loads(out)
    assert (code, err, found["version"]) == (1, "", 1)
    assert found["application"] == "shop.app:create_app"
    assert len(found["sites"]) == found["totals"]["seen"]
    for status in ("native", "bridged", "left"):
        assert sum(s["status"] == status for s in found["sites"]) == found["totals"][status]
    assert [m["model"] for m in found["models"]] == ["Item"]
    assert {e["name"] for e in found["extensions"]} == {"flask_sqlalchemy.SQLAlchemy"}
    assert found["codes"] == [
        {"code": "MIG401", "count": 2, "title": "a URL converter that the target has not"}
    ]
    (step,) = found["order"]
    assert step["group"] == "shop"
    assert sorted(step["endpoints"]) == ["shop.add", "shop.colour", "shop.items"]
    assert step["levels"] == {"native": 2, "bridged": 0, "legacy": 1}
    assert step["writes"] == 1
    effort = found["effort"]
    steps = sum(step["hours"] for step in found["order"])
    assert effort["hours"] == pytest.approx(effort["preparation"] + steps)
    weights = effort["weights"]
    assert step["hours"] == pytest.approx(
        weights["endpoint that reads"]
        + weights["endpoint that writes"]
        + (step["sites"] - 1) * weights["native site"]
        + weights["finding of a new kind"]
        + weights["finding of a known kind"]
    )


def test_the_page_needs_nothing_else(
    shop_with_left: Path, migrator: Migrator, tmp_path: Path
) -> None:
    page = tmp_path / "scan.html"
    code, out, err = migrator("scan", shop_with_left, "--report", page, "--format", "html")
    assert (code, err) == (1, f"report: {page}\n")
    assert page.read_text() == out
    assert out.startswith("<!doctype html>")
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)""", out)
    assert "{%" not in out
    for words in ("Migrate in this order", "shop.colour", "MIG401", "Item", "flask_sqlalchemy"):
        assert words in out


def test_settings_and_options_are_those_of_the_codemod(
    shop_with_left: Path, migrator: Migrator
) -> None:
    assert migrator("scan", shop_with_left, "--ignore", "MIG4")[0] == 0
    assert migrator("scan", shop_with_left, "--exclude", "views.py")[0] in (0, 1)
    (shop_with_left / "pyproject.toml").write_text('[tool.migrator]\nignore = ["MIG401"]\n')
    assert migrator("scan", shop_with_left)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nowhere"], 2, "MIG003"),
        (["shop", "--app", "shop.app:nothing"], 2, "MIG002"),
        (["shop", "--select", "W1"], 2, "MIG001"),
        (["shop", "--report", "no/such/folder.html"], 2, "MIG001"),
    ],
)
def test_mistakes(
    arguments: list[str],
    code: int,
    words: str,
    shop: Path,
    migrator: Migrator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(shop.parent)
    got, out, err = migrator("scan", *arguments)
    assert (got, out) == (code, "")
    assert words in err


RESOURCES = """\
from flask import Blueprint
from flask_restx import Api, Resource

from shop.models import Item

api_bp = Blueprint("api", __name__, url_prefix="/api")
api = Api(api_bp, doc=False)


@api.route("/items")
class Items(Resource):
    def get(self):
        return [item.name for item in Item.query.all()]
"""
#: Of a view in another module; what `g.shelf` is, nobody knows.
GUESSED = """

@bp.route("/shelf")
def shelf():
    from flask import g

    return g.shelf.get()
"""


def test_a_resource_has_its_methods_queries_and_a_name_alike_needs_nobody(
    shop: Path, migrator: Migrator
) -> None:
    (shop / "api.py").write_text(RESOURCES)
    (shop / "views.py").write_text((shop / "views.py").read_text() + GUESSED)
    application = (shop / "app.py").read_text()
    (shop / "app.py").write_text(
        application.replace("import bp", "import bp\nfrom shop.api import api_bp").replace(
            "    return app", "    app.register_blueprint(api_bp)\n    return app"
        )
    )
    _, out, _ = migrator("scan", shop, "--format", "json", "--frame", "flask")
    found = json.loads(out)
    steps = {step["group"]: step for step in found["order"]}
    assert (steps["api"]["sites"], steps["shop"]["sites"]) == (1, 1)
    assert steps["shop"]["needs"] == []
    assert found["effort"]["preparation"] == 0
