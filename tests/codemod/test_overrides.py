"""Overrides of one method are coroutine functions together, where all that calls them can await."""

from __future__ import annotations

import re

import pytest

from tests.codemod.alike import HEAD, Alike
from tests.codemod.parity import Sides

ABSTRACT = """
from abc import ABC, abstractmethod

class Discount(ABC):
    @abstractmethod
    def of(self, amount):
        ...
    def label(self):
        return type(self).__name__

class Fixed(Discount):
    def of(self, amount):
        return amount - 1
    def label(self):
        return f"fixed {self.of(3)}"

class Loyal(Discount):
    def of(self, amount):
        return amount - Order.query.count()
    def label(self):
        return f"loyal {Order.query.count()}"

@bp.get("/fixed")
def fixed():
    return jsonify(Fixed().of(10), Fixed().label(), [Fixed().of(n) for n in range(3)])

@bp.get("/loyal")
def loyal():
    return jsonify(Loyal().of(10), Loyal().label())
"""

PROTOCOL = """
from typing import Protocol

class Priced(Protocol):
    def price(self) -> int: ...

class Listed(Priced):
    def price(self) -> int:
        return 7

class Bought(Priced):
    def price(self) -> int:
        return sum(o.amount for o in Order.query.all())

def show(priced: Priced) -> str:
    return f"costs {priced.price()}"

@bp.get("/listed")
def listed():
    return jsonify(Listed().price(), show(Listed()))

@bp.get("/bought")
def bought():
    return jsonify(Bought().price(), show(Bought()))
"""

TEMPLATE_METHOD = """
class Report:
    def rows(self):
        return []
    def title(self):
        return "report"
    def made(self):
        return {"title": self.title(), "rows": self.rows(), "end": self.end()}
    def end(self):
        return len(self.title())

class Orders(Report):
    def rows(self):
        return [o.number for o in Order.query.order_by(Order.id)]

class Customers(Report):
    def title(self):
        return "customers " + Customer.query.order_by(Customer.id).first().name

@bp.get("/orders")
def orders():
    return jsonify(Orders().made())

@bp.get("/customers")
def customers():
    return jsonify(Customers().made(), Report().made(), Report().title())
"""

MIXINS = """
class Base:
    def parts(self):
        return ["base"]

class Plain:
    def parts(self):
        return ["plain", *super().parts()]

class Counting:
    def parts(self):
        return [Order.query.count(), *super().parts()]

class Both(Counting, Plain, Base):
    pass

class One(Plain, Base):
    def parts(self):
        return ["one", *super().parts()]

@bp.get("/both")
def both():
    return jsonify(Both().parts())

@bp.get("/one")
def one():
    return jsonify(One().parts(), Base().parts())
"""

OF_CLASSES = """
class Finder:
    @classmethod
    def find(cls, key):
        return f"{cls.__name__} {key}"
    @staticmethod
    def count():
        return 0

class OrderFinder(Finder):
    @classmethod
    def find(cls, key):
        return Order.query.get(key).number + super().find(key)
    @staticmethod
    def count():
        return Order.query.count()

class Nothing(Finder):
    @classmethod
    def find(cls, key):
        return "nothing"

@bp.get("/found")
def found():
    return jsonify(OrderFinder.find(1), OrderFinder.count())

@bp.get("/others")
def others():
    return jsonify(Finder.find(2), Finder.count(), Nothing.find(3), Nothing.count())
"""

SHARED = {
    "abstract": (ABSTRACT, ["/fixed", "/loyal"], ["of", "label"]),
    "a protocol": (PROTOCOL, ["/listed", "/bought"], ["price"]),
    "a template method": (TEMPLATE_METHOD, ["/orders", "/customers"], ["title", "rows"]),
    "mixins": (MIXINS, ["/both", "/one"], ["parts"]),
    "of classes": (OF_CLASSES, ["/found", "/others"], ["find", "count"]),
}


def colours(pair: Sides, name: str) -> list[str]:
    """How each definition of the methods of this name begins."""
    text = pair.conversion.texts["views.py"]
    return re.findall(rf"((?:async )?def) {name}\(", text)


@pytest.mark.parametrize("shape", SHARED)
def test_all_become_coroutine_functions(shape: str, alike: Alike) -> None:
    code, paths, names = SHARED[shape]
    pair = alike(HEAD + code, paths)
    for name in names:
        assert set(colours(pair, name)) == {"async def"}, name
    # What `super()` comes to in a mixin, its objects know.
    assert "call(" not in pair.conversion.texts["views.py"].replace("call(super()", "")


AT_IMPORT = """
class Rate:
    def now(self):
        return 1

class Stored(Rate):
    def now(self):
        return Order.query.count()

STANDARD = Rate().now()

@bp.get("/rates")
def rates():
    return jsonify(STANDARD, Rate().now(), Stored().now())
"""

AS_A_CALLBACK = """
class Key:
    def of(self, order):
        return order.amount

class Lazy(Key):
    def of(self, order):
        return order.customer.name

@bp.get("/sorted")
def ordered():
    found = Order.query.order_by(Order.id).all()
    return jsonify([o.number for o in sorted(found, key=Key().of)], Lazy().of(found[0]))
"""

GIVEN_AWAY = """
from work_like import done

class Job:
    def run(self):
        return 1

class Counting(Job):
    def run(self):
        return Order.query.count()

@bp.get("/jobs")
def jobs():
    return jsonify(done(Job().run), Counting().run(), Job().run())
"""

PROPERTIES = """
class Shown:
    @property
    def text(self):
        return "shown"

class Total(Shown):
    @property
    def text(self):
        return f"{Order.query.count()} orders"

@bp.get("/texts")
def texts():
    return jsonify(Shown().text, Total().text, [each.text for each in (Shown(), Total())])
"""

STAYS = {
    "at import": (AT_IMPORT, ["/rates"], "now"),
    "as a callback": (AS_A_CALLBACK, ["/sorted"], "of"),
    "given away": (GIVEN_AWAY, ["/jobs"], "run"),
    "properties": (PROPERTIES, ["/texts"], "text"),
}


@pytest.mark.parametrize("shape", STAYS)
def test_what_is_called_where_nothing_awaits_stays_plain(shape: str, alike: Alike) -> None:
    code, paths, name = STAYS[shape]
    library = {"work_like": "def done(job):\n    return job()\n"}
    pair = alike(HEAD + code, paths, extensions=library)
    assert colours(pair, name)[0] == "def"


BY_NAME = """
class Outer:
    def __init__(self, inner):
        self.inner = inner
    def go(self):
        return counted(self.inner)

class Inner:
    def fetched(self):
        return Order.query.count()

def counted(what):
    return what.fetched()

def made(name, *given):
    return globals()[name](*given)

@bp.get("/by/<name>")
def by(name):
    return jsonify(made(name, made("Inner")).go())
"""


def test_a_caller_of_what_is_called_by_name_is_called_by_name_itself(alike: Alike) -> None:
    alike(HEAD + BY_NAME, ["/by/Outer"])


SENDERS = """
from mail_like import deliver

class Sender:
    def sent(self):
        return f"{self.name} sent to {Order.query.count()}"

class Loud(Sender):
    name = "loud"
    def sent(self):
        return super().sent().upper()

class Quiet(Sender):
    name = "quiet"

@bp.get("/loud")
def loud():
    return jsonify(deliver(Loud()))

@bp.get("/quiet")
def quiet():
    return jsonify(Quiet().sent())
"""


def test_other_code_has_the_override_and_not_what_it_overrides(alike: Alike) -> None:
    pair = alike(
        HEAD + SENDERS,
        ["/loud", "/quiet"],
        extensions={"mail_like": "def deliver(sender):\n    return sender.sent()\n"},
    )
    text = pair.conversion.texts["views.py"]
    assert re.findall(r"( +@unbridged\n)? +async def sent", text) == ["", "    @unbridged\n"]
    assert "await Quiet().sent()" in text
