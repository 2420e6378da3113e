"""Names that a base or a default reads where the definition stands, and that mean something else further down."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

SERVICES = """
from PKG.models import Order

class Tools:
    def count(self):
        return Order.query.count()
    def names(self):
        return [o.customer.name for o in Order.query.order_by(Order.id)]

def rows():
    return Order.query
"""
#: What a module says, and what a view of it answers.
SHAPES = {
    "a class below the imported one": (
        """
from PKG.services import Tools

class Tools(Tools):
    def count(self):
        return super().count() + 1
""",
        "Tools().count(), Tools().names()",
    ),
    "a class below the one of its name": (
        """
class Tools:
    def count(self):
        return Order.query.count()

class Tools(Tools):
    def count(self):
        return super().count() + 1
""",
        "Tools().count()",
    ),
    "a base that is defined again": (
        """
class Base:
    def rows(self):
        return 3

class First(Base):
    pass

class Base:
    def rows(self):
        return Order.query.count()

class Second(Base):
    pass
""",
        "First().rows(), Second().rows(), Base().rows()",
    ),
    "a default that is imported": (
        """
from PKG.services import rows

def rows(before=rows):
    return before().filter(Order.amount > 20)
""",
        "rows().count()",
    ),
    "a default that is defined again": (
        """
def size():
    return 1

def asked(f=size, *, other=size):
    return [f(), other()]

def size():
    return Order.query.count()
""",
        "asked(), asked(size), size()",
    ),
    "a default that gives a query later": (
        """
def found():
    return [1, 2]

def asked(f=found):
    return f().count(1)

def found():
    return Order.query
""",
        "asked(), found().count()",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_they_mean_what_they_meant_there(alike: Alike, shape: str) -> None:
    defined, asked = SHAPES[shape]
    view = f'@bp.get("/asked")\ndef asked_for():\n    return jsonify({asked})\n'
    alike(f"{HEAD}{defined}\n{view}", ["/asked"], services=SERVICES)
