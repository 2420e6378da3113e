"""Containers that several names stand for: what is put in by one of them is taken out by the others."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

SERVICES = """
TABLE = {"a": len}
STEPS = [len]

def run(key):
    return TABLE[key]()
"""
SIZE = """
def size():
    return Order.query.count()
"""
#: What a module says, and what a view of it answers. Each by itself: they are bridged together.
SHAPES = {
    "below the display": (
        """
TABLE = {"a": len}
TABLE["b"] = size
""",
        'TABLE["b"]()',
    ),
    "a list": (
        """
STEPS = [len]
STEPS.append(size)
""",
        "STEPS[1]()",
    ),
    "an imported one": (
        """
from PKG.services import STEPS, TABLE, run
TABLE["b"] = size
STEPS.append(size)
""",
        'TABLE["b"](), run("b"), STEPS[1](), TABLE["a"]("xy")',
    ),
    "imported in a function": (
        """
def fill():
    from PKG.services import TABLE
    TABLE["b"] = size

fill()
from PKG.services import run
""",
        'run("b")',
    ),
    "by another name": (
        """
TABLE = {"a": len}
OTHER = TABLE
OTHER["b"] = size
""",
        'TABLE["b"]()',
    ),
    "by another name in a function": (
        """
TABLE = {"a": {"x": len}}

def fill():
    inner = TABLE["a"]
    inner["y"] = size

fill()
""",
        'TABLE["a"]["y"]()',
    ),
    "an attribute's": (
        """
class Tools:
    def __init__(self):
        self.table = {"a": len}
        table = self.table
        table["b"] = self.size
    def size(self):
        return Order.query.count()
""",
        'Tools().table["b"]()',
    ),
    "an argument": (
        """
TABLE = {"a": len}

def register(table, f):
    table["b"] = f

register(TABLE, size)
""",
        'TABLE["b"]()',
    ),
    "a class's": (
        """
class Tools:
    table = {"a": len}
    steps = [len]
    def size(self):
        return Order.query.count()
    table["b"] = size
    steps.append(size)
    def run(self):
        return self.table["b"](self)
""",
        'Tools.table["b"](None), Tools.steps[1](None), Tools().run()',
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_one_name_puts_in_the_others_take_out(alike: Alike, shape: str) -> None:
    filled, asked = SHAPES[shape]
    view = f'@bp.get("/asked")\ndef asked():\n    return jsonify({asked})\n'
    alike(f"{HEAD}{SIZE}{filled}\n{view}", ["/asked"], services=SERVICES)
