"""Names that others have of a module, and hints that name a type by its module: they are what they were."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.item_app import MADE, item_app
from tests.codemod.parity import FRAMES, Make, Request, all_native

VIEWS = (
    """
    from flask import Blueprint, Flask, jsonify
    from sqlalchemy import orm
    from . import db
    from .models import Item

    __all__ = ["Flask", "bp", "names"]
    bp = Blueprint("views", __name__)

    def of_name(name: str) -> orm.Query:
        return Item.query.filter_by(name=name)

    def in_order(query: "orm.Query") -> "orm.Query[Item]":
        return query.order_by(Item.id)

    def names() -> list[str]:
        return [item.name for item in in_order(of_name("a"))]
"""
    + MADE
    + """
    @bp.route("/<name>")
    def show(name):
        return jsonify(in_order(of_name(name)).count(), names())
"""
)
OTHER = """
    from . import views
    from .views import *

    kept = Flask is views.Flask
"""


@pytest.mark.parametrize("frame", FRAMES)
def test_they_are_there(make_sides: Make, frame: FrameChoice) -> None:
    files = {**item_app(), "views.py": VIEWS, "other.py": OTHER}
    sides = make_sides(f"names_{frame}", files, frame)
    all_native(sides)
    requests: list[Request] = [("GET", "/made"), ("GET", "/a"), ("GET", "/b")]
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), requests))
    assert [a[3] for a in expected[1:]] == [b'[1,["a"]]\n', b'[0,["a"]]\n']
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
        assert importlib.import_module(f"{sides.target}.other").kept
    assert "orm.Query" not in sides.conversion.texts["views.py"]
