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


#: How an object comes by a callable, which each way has a name of its own for.
WAYS = {
    "by_its_place": "return Below(lambda name: count(name=name))",
    "by_a_constructor": "return Given(lambda name: count(name=name))",
    "of_a_function": "return Given(of_name)",
    "by_a_method": "h = Taker()\n        h.take(lambda name: count(name=name))\n        return h",
    "by_another": "return given(lambda name: count(name=name))",
    "of_a_tuple": "return Pair(lambda name: count(name=name))",
    "annotated": "h = Holder()\n        h.FIND: Callable = lambda name: count(name=name)\n        return h",
    "set": "h = Holder()\n        setattr(h, 'FIND', lambda name: count(name=name))\n        return h",
    "of_two": "h = Holder()\n        h.FIND, h.other = of_name, 1\n        return h",
    "in_its_dict": "h = Holder()\n        vars(h)['FIND'] = lambda name: count(name=name)\n        return h",
    "by_keywords": "return SimpleNamespace(**{{'FIND': lambda name: count(name=name)}})",
    "chosen": "return Parts(FIND=(lambda name: count(name=name)) if bp else None)",
    "by_default": "return Default()",
    "of_a_variable": "found = lambda name: count(name=name)\n        return Parts(FIND=found)",
    "of_a_local": """h = Holder()
        def inner(name):
            return count(name=name)
        h.FIND = inner
        return h""",
}
ONE_WAY = """
    class Given_FIND:
        def __init__(self, FIND):
            self.FIND = FIND

    class Taker_FIND:
        def take(self, FIND=None):
            self.FIND = FIND or None

    @dataclass
    class Parts_FIND:
        FIND: object

    @dataclass
    class Below_FIND(Parts_FIND):
        other: object = None

    @dataclass
    class Default_FIND:
        FIND: Callable = field(default=lambda name: count(name=name))

    class Pair_FIND(NamedTuple):
        FIND: object

    def given_FIND(FIND):
        return Given_FIND(FIND)

    def made_FIND():
        MADE
"""
START = """
    from dataclasses import dataclass, field
    from types import SimpleNamespace
    from typing import Callable, NamedTuple
    from flask import Blueprint, current_app, jsonify
    from . import db
    from .models import Item

    bp = Blueprint("views", __name__)

    def count(*, name):
        return Item.query.filter_by(name=name).count()

    def of_name(name):
        return Item.query.filter_by(name=name).count()

    class Holder:
        pass
"""


@pytest.mark.parametrize("frame", FRAMES)
def test_however_they_got_there(make_sides: Make, frame: FrameChoice) -> None:
    text = START + MADE
    for way, made in WAYS.items():
        one = ONE_WAY.replace("MADE", made)
        for name in ("Given", "Taker", "Parts", "Below", "Default", "Pair", "given"):
            one = one.replace(f"{name}(", f"{name}_FIND(").replace("_FIND_FIND", "_FIND")
        text += one.replace("FIND", way)
    asked = ", ".join(
        f"current_app.extensions.setdefault('{w}', made_{w}()).{w}(name) + 0" for w in WAYS
    )
    text += f"""
    @bp.route("/<name>")
    def show(name):
        return jsonify({asked}, Item.query.count())
"""
    sides = make_sides(f"ways_{frame}", {**item_app(), "views.py": text}, frame)
    requests: list[Request] = [("GET", "/made"), ("GET", "/a"), ("GET", "/b")]
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), requests))
    assert [sum(map(int, a[3].strip(b"[]\n").split(b","))) for a in expected[1:]] == [
        len(WAYS) + 1,
        1,
    ]
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
