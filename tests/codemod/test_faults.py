"""Whatever fails over one file costs that file: it is copied, told, and the rest is converted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migrator.cli import run
from migrator.codemod import convert
from migrator.codemod.findings import calls_from_beside, earlier_releases, wide_listeners
from migrator.plan.function import FunctionEdits
from migrator.types import analysis

SHOP = """
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)

def create_app():
    from shop import reports, views
    app = Flask(__name__)
    db.init_app(app)
    app.register_blueprint(views.bp)
    app.register_blueprint(reports.bp)
    return app
"""
VIEWS = """
from flask import Blueprint
from shop import Item

bp = Blueprint("NAME", __name__)

@bp.get("/NAME")
def NAME():
    return str(Item.query.count())
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "__init__.py").write_text(SHOP)
    for name in ("views", "reports"):
        (root / f"{name}.py").write_text(VIEWS.replace("NAME", name))
    return root


def converted(root: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code of the command, and all that it says."""
    code = run(["codemod", str(root), "--out", str(root.parent / "new")])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def failing(over: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """The original, which fails as soon as it is given that module, or what belongs to it."""

    def failed(*args: Any) -> Any:
        if any(over in names(a) for a in args):
            raise KeyError("total")
        return original(*args)

    return failed


def names(value: Any) -> list[str]:
    """The names of the modules that a value is about."""
    module = getattr(getattr(value, "info", value), "module", value)
    return [getattr(module, "name", "")]


#: Where types are evaluated, edits are planned, findings are looked for.
ROOMS = [(analysis, "bind_parameters"), (FunctionEdits, "native"), (wide_listeners, "is_test")]


@pytest.mark.parametrize(("room", "name"), ROOMS)
def test_a_fault_over_a_file_costs_that_file(
    room: Any,
    name: str,
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(room, name, failing("shop.reports", getattr(room, name)))
    code, said = converted(shop, capsys)
    assert code == 1, said
    assert "reports.py:1:1" in said
    assert "MIG903" in said
    assert "KeyError: 'total'" in said
    new = shop.parent / "new"
    assert (new / "reports.py").read_text() == (shop / "reports.py").read_text()
    assert "await" in (new / "views.py").read_text()
    # Nothing of it is kept: with the fault mended, everything is converted.
    monkeypatch.undo()
    shutil.rmtree(new)
    assert "MIG903" not in converted(shop, capsys)[1]
    assert "await" in (new / "reports.py").read_text()


def test_a_fault_that_no_file_can_be_named_for_ends_the_run(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(convert, "analyse", lambda *_, **__: 1 // 0)
    code, said = converted(shop, capsys)
    assert (code, (shop.parent / "new").exists()) == (3, False)
    assert "error[MIG900]: ZeroDivisionError" in said


def test_the_first_fault_is_shown_to_who_asks_for_it(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MIGRATOR_DEBUG", "1")
    room, name = ROOMS[0]
    monkeypatch.setattr(room, name, failing("shop.reports", getattr(room, name)))
    code, said = converted(shop, capsys)
    assert (code, (shop.parent / "new").exists()) == (3, False)
    assert "Traceback" in said


def test_a_fault_in_a_check_of_the_whole_costs_that_check(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "requirements.txt").write_text("sqlalchemy==1.4.0\n")
    monkeypatch.setattr(earlier_releases, "needed_by", lambda *_: 1 // 0)
    code, said = converted(shop, capsys)
    assert code == 1, said
    assert "The check earlier_releases failed with ZeroDivisionError" in said
    assert "MIG904" in said
    assert "MIG126" not in said
    assert "await" in (shop.parent / "new" / "views.py").read_text()
    # Nothing of it is kept: with the fault mended, the check tells what it finds.
    monkeypatch.undo()
    shutil.rmtree(shop.parent / "new")
    said = converted(shop, capsys)[1]
    assert "MIG126" in said
    assert "MIG904" not in said


def test_a_check_that_fails_without_the_file_as_well_costs_itself(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "requirements.txt").write_text("sqlalchemy==1.4.0\n")
    module = convert.convert(shop).project.modules["shop.reports"]

    def failed(*_: Any, about: Any = module) -> Any:
        raise KeyError("total")

    monkeypatch.setattr(earlier_releases, "needed_by", failed)
    code, said = converted(shop, capsys)
    assert code == 1, said
    assert "reports.py:1:1  Reading this file failed with KeyError: 'total'" in said
    assert "The check earlier_releases failed with KeyError: 'total'" in said
    assert "await" in (shop.parent / "new" / "views.py").read_text()


def test_a_fault_over_a_file_beside_costs_what_would_be_told_of_it(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "reports.py").write_text(
        "from shop import Item\n\ndef total():\n    return Item.query.count()\n"
    )
    (shop.parent / "nightly.py").write_text("from shop.reports import total\ntotal()\n")
    (shop / "__init__.py").write_text(
        SHOP.replace(" reports,", "").replace("    app.register_blueprint(reports.bp)\n", "")
    )
    monkeypatch.setattr(
        calls_from_beside, "_seen_to", failing("../nightly.py", calls_from_beside._seen_to)
    )
    code, said = converted(shop, capsys)
    assert code == 1, said
    assert "../nightly.py:1:1  Reading this file failed with KeyError: 'total'" in said
    assert "await" in (shop.parent / "new" / "reports.py").read_text()
    monkeypatch.undo()
    shutil.rmtree(shop.parent / "new")
    assert "../nightly.py:2:1" in converted(shop, capsys)[1]
