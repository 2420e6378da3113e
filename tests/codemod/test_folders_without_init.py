"""Folders of a package that have no `__init__.py`: what is imported from them is known all the same."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.surface import FrameChoice
from tests.codemod.item_app import item_app
from tests.codemod.parity import FRAMES, Make, Request

FILES = {
    **item_app("case.views"),
    "tools/items.py": """
        from .. import db
        from ..models import Item

        def clear():
            Item.query.delete()

        def add(name):
            db.session.add(Item(name=name))
            db.session.commit()
    """,
    "case/core.py": """
        from ..models import Item

        def names():
            return [item.name for item in Item.query.order_by(Item.id)]
    """,
    "case/views.py": """
        from flask import Blueprint, jsonify
        from {name} import case
        from . import core as Core
        from .. import tools
        from ..tools import items
        import {name}.tools.items
        import {name}.case.core as third

        bp = Blueprint("case", __name__)

        @bp.post("/")
        def add():
            items.clear()
            items.add("ann")
            tools.items.add("bob")
            {name}.tools.items.add("cy")
            return jsonify(Core.names())

        @bp.get("/")
        def read():
            from . import core
            from .. import case as within
            return jsonify(core.names(), case.core.names(), third.names(), within.core.names())
    """,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_their_functions_are_awaited(make_sides: Make, frame: FrameChoice) -> None:
    sides = make_sides(f"bare_{frame}", FILES, frame)
    assert not sides.conversion.findings
    requests: list[Request] = [("POST", "/"), ("GET", "/")]
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), requests))
    assert [answer[2] for answer in expected] == [200, 200]
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected


def test_no_import_is_written_that_names_no_module(tmp_path: Path) -> None:
    """`my-pay/` is part of no dotted name: what is below it asks for nothing by one."""
    pay = tmp_path / "services" / "my-pay" / "src" / "pay"
    pay.mkdir(parents=True)
    (pay / "__init__.py").write_text("from flask import Flask\n")
    (pay / "database.py").write_text(
        "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n"
    )
    (pay / "filings.py").write_text(
        "from pay.database import db\n\n\n"
        "class Filing(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n\n"
        "    @staticmethod\n    def first():\n        return Filing.query.first()\n"
    )
    conversion = convert(tmp_path)
    text = conversion.texts["services/my-pay/src/pay/filings.py"]
    compile(text, "filings.py", "exec")
    assert not conversion.failed
    assert "my-pay" not in text
    assert "Filing.query.first()" in text
