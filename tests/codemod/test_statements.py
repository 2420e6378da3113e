"""Statements in which nothing can be awaited where it stands, or not by all that is in them."""

from __future__ import annotations

import pytest

from tests.codemod.alike import Alike

HEAD = """
import contextlib

from flask import Blueprint
from PKG.models import Customer, Order, db
from sqlalchemy.orm import Session

bp = Blueprint("shop", __name__)


class Plain:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


"""
VIEW = '@bp.route("/<int:key>")\ndef view(key):\n'


@pytest.mark.parametrize(
    ("body", "native"),
    [
        # What a pattern reads may load.
        (
            "match Order.query.get(key):\n"
            "    case Order(customer=Customer(name=name), number=n):\n        return name + n",
            False,
        ),
        (
            "match db.session.get(Order, key):\n    case Order(number=number, amount=amount):\n"
            "        return f'{number}{amount}'",
            True,
        ),
        ("match Order.query.get(key):\n    case Order() as order:\n        return order.customer.name", True),
        (
            "match Order.query.get(key), 1:\n    case [Order() as order, int()]:\n"
            "        return order.customer.name",
            True,
        ),
        ("match Order.query.all():\n    case [first, *rest]:\n        return first.customer.name + str(len(rest))", True),
        ("match {'o': Order.query.get(key)}:\n    case {'o': order, **rest}:\n        return order.customer.name + str(rest)", True),
        ("match key:\n    case 1 | 2 if Order.query.count() > 2:\n        return 'many'", True),
        # The test of a loop is asked again after its body.
        (
            "order = None\nwhile order is None or order.customer.name == 'bob':\n"
            "    order = Order.query.get(key)\n    key += 1\nreturn order.number",
            True,
        ),
        (
            "order = Order.query.get(key)\nwhile order.amount < 60:\n    order.amount += 20\n"
            "    db.session.commit()\nreturn str(order.amount)",
            True,
        ),
        # A variable that a function inside assigns to.
        (
            "order = None\ndef find():\n    nonlocal order\n    order = Order.query.get(key)\n"
            "find()\nreturn order.customer.name",
            True,
        ),
        # A `with` of both kinds.
        (
            "with contextlib.suppress(KeyError), db.session.begin_nested():\n"
            "    order = Order.query.get(key)\n    {}['x']\nreturn order.customer.name",
            True,
        ),
        (
            "with db.session.begin_nested(), Plain() as plain:\n"
            "    return Order.query.get(key).customer.name + str(plain is None)",
            True,
        ),
    ],
)  # fmt: skip
def test_statements(body: str, native: bool, alike: Alike) -> None:
    text = "".join(f"    {line}\n" for line in body.splitlines())
    sides = alike(HEAD + VIEW + text, ["/1", "/2"])
    assert ("async def view" in sides.conversion.texts["views.py"]) is native


def test_a_session_is_entered_where_it_has_a_name(alike: Alike) -> None:
    body = """
    session = Session(db.engine)
    with session:
        return session.query(Order).filter_by(id=key).one().customer.name
"""
    sides = alike(HEAD + VIEW + body, ["/1", "/2"])
    assert "async with session:" in sides.conversion.texts["views.py"]


def test_queries_in_the_body_of_a_class_are_seen(alike: Alike) -> None:
    views = (
        HEAD
        + VIEW
        + """
    class Kept:
        if Order.query.count():
            a = 1
        for order in Order.query.order_by(Order.id):
            b = order.number
        with contextlib.suppress(KeyError):
            c = Order.query.count()
        try:
            d = Order.query.first().number
        except AttributeError:
            d = Order.query.count()
        finally:
            d += ""
        while Order.query.count() < 2:
            pass
        a += Order.query.count()
        assert Order.query.count()

    return f"{Kept.a}{Kept.b}{Kept.c}{Kept.d}"
"""
    )
    sides = alike(views, ["/1"])
    seen = [site for site in sides.conversion.plan.sites if site.path == "views.py"]
    assert len(seen) == views.count("Order.query")


def test_an_f_string_that_shows_its_source_shows_it_as_before(alike: Alike) -> None:
    views = (
        HEAD
        + VIEW
        + """
    order = Order.query.get(key)
    width = 9
    first = f"{ order.customer.name = } {order.number=} {key=}"
    second = f"{order.customer.name=!s} {Order.query.count()=:>{width}} {{'{width=}'}}"
    third = f'''{ {'a': order.customer.name}['a']
 = }'''
    fourth = rf"{order.customer.name=}\\d" "plain" f"{'x' + order.customer.name=}"
    return first + second + third + fourth
"""
    )
    alike(views, ["/1", "/2"])
