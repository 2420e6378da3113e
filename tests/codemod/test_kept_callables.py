"""Functions and lambdas that an object is given by a name, and that are called where its type is not known."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.item_app import MADE, item_app
from tests.codemod.parity import FRAMES, Make, Request

VIEWS = (
    """
    from dataclasses import dataclass, field
    from typing import Callable
    from flask import Blueprint, current_app, jsonify
    from . import db
    from .models import Item

    bp = Blueprint("views", __name__)

    def count(*, name):
        return Item.query.filter_by(name=name).count()

    def of_name(name):
        return Item.query.filter_by(name=name).first() is not None

    def nothing(name):
        return 0

    @dataclass(frozen=True)
    class Parts:
        first: Callable[[str], int]
        second: Callable[[str], int] = field(default=nothing)
        third: Callable[[str], int] = nothing
        fourth: Callable[[str], int] = nothing

    class Holder:
        pass

    def made():
        return Parts(
            first=lambda name: count(name=name), second=lambda name: count(name=name), third=of_name
        )

    def held():
        holder = Holder()
        holder.fifth = lambda name: count(name=name)
        holder.sixth = of_name
        return holder

    def known(key, cls, make):
        found = current_app.extensions.setdefault(key, make())
        if isinstance(found, cls):
            return found
        return make()
"""
    + MADE
    + """
    @bp.route("/<name>")
    def show(name):
        parts = known("parts", Parts, made)
        holder = known("holder", Holder, held)
        return jsonify(
            parts.first(name), parts.second(name), parts.third(name), parts.fourth(name),
            holder.fifth(name), holder.sixth(name), Item.query.count(),
        )
"""
)


@pytest.mark.parametrize("frame", FRAMES)
def test_they_are_called_as_what_they_are(make_sides: Make, frame: FrameChoice) -> None:
    sides = make_sides(f"kept_{frame}", {**item_app(), "views.py": VIEWS}, frame)
    requests: list[Request] = [("GET", "/made"), ("GET", "/a"), ("GET", "/b")]
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), requests))
    assert [a[3] for a in expected[1:]] == [
        b"[1,1,true,0,1,true,1]\n",
        b"[0,0,false,0,0,false,1]\n",
    ]
    assert "parts.fourth(name)" in sides.conversion.texts["views.py"]
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
