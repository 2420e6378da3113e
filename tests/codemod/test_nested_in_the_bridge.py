"""A function inside one that runs in the bridge, whose query has no native form: it runs there with it."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.item_app import item_app
from tests.codemod.parity import FRAMES, Make

VIEWS = """
    from flask import Blueprint, jsonify
    from . import db
    from .models import Item

    bp = Blueprint("views", __name__)

    def named(name):
        def first_by(name):
            return Item.query.enable_assertions(False).limit(5).filter_by(name=name).first()

        found = Item.query.enable_assertions(False).limit(5)
        found = found.filter_by(name=name)
        return [item.name for item in found if first_by(item.name)]

    @bp.route("/")
    def show():
        Item.query.delete()
        db.session.add(Item(name="a"))
        db.session.commit()
        return jsonify(named("a"), named("b"))
"""


@pytest.mark.parametrize("frame", FRAMES)
def test_it_runs_in_the_bridge_with_it(make_sides: Make, frame: FrameChoice) -> None:
    sides = make_sides(f"nested_{frame}", {**item_app(), "views.py": VIEWS}, frame)
    expected = list(
        sides.answers(importlib.import_module(sides.legacy).create_app(), [("GET", "/")])
    )
    assert expected[0][3] == b'[["a"],[]]\n'
    with sides.converted() as target:
        assert list(sides.answers(target.app, [("GET", "/")])) == expected
