"""`OrderIn.model_validate(given)`: what a class has from another distribution's base is called as it is.

It is no function of the repository that nobody knows by name; only what it calls itself may ask the
database.
"""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.item_app import MADE, item_app
from tests.codemod.parity import FRAMES, Make, Request

VIEWS = (
    """
    from flask import Blueprint, abort, jsonify
    from pydantic import BaseModel, field_validator
    from . import db
    from .models import Item

    bp = Blueprint("views", __name__)

    class Plain(BaseModel):
        name: str

        @classmethod
        def read(cls, given):
            return cls.model_validate(given)

    class Known(BaseModel):
        name: str

        @field_validator("name")
        @classmethod
        def is_known(cls, name):
            return name if Item.query.filter_by(name=name).count() else "unknown"

    class Below(Plain):
        pass

    def count():
        return Item.query.count()

    JOBS = {{"count": count}}

    def plainly(given):
        return Plain.model_validate(given).name, Below.read(given).name, Plain.model_construct(name=2).name
"""
    + MADE
    + """
    @bp.route("/<name>")
    def show(name):
        known = Known.model_validate({{"name": name}})
        return jsonify(known.name, *plainly({{"name": name}}), JOBS["count"]())
"""
)


@pytest.mark.parametrize("frame", FRAMES)
def test_it_is_called_as_it_is(make_sides: Make, frame: FrameChoice) -> None:
    sides = make_sides(f"class_methods_{frame}", {**item_app(), "views.py": VIEWS}, frame)
    requests: list[Request] = [("GET", "/made"), ("GET", "/a"), ("GET", "/b")]
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), requests))
    assert [answer[3] for answer in expected[1:]] == [
        b'["a","a","a",2,1]\n',
        b'["unknown","b","b",2,1]\n',
    ]
    text = sides.conversion.texts["views.py"]
    assert "\ndef plainly(given):" in text
    assert "call(" not in text
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
