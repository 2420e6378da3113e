"""A query that goes where nobody follows it stays a legacy query, or becomes a select for all."""

from __future__ import annotations

import re
import textwrap

from tests.codemod.alike import Alike

HEAD = """
import types

from flask import Blueprint
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)


def customers():
    return Customer.query.order_by(Customer.id)


def shown(thing):
    return str(thing)


def names(things):
    return [thing.name for thing in things]


def numbered(things):
    return things.count() if not isinstance(things, list) else len(things)


def sizes(*things):
    return [len(list(thing)) for thing in things]


def texts(**things):
    return {name: str(thing)[:9] for name, thing in things.items()}


class Box:
    def __init__(self, content):
        self.content = content

    def rows(self):
        return list(self.content)

"""
#: What the body of a view returns; Q is a query.
RETURNED = """
bool(Q.filter_by(name="nobody"))
isinstance(Q, db.Query)
hasattr(Q, "with_entities")
shown(Q or [])
shown(Q)
[1 for _ in (1, 2) if Q]
(lambda: Q)().first().last.number
(lambda query: query.first())(Q).last.number
(Q, 5)[0].first().name
[Q, 5][0].first().name
((1,) + (Q,))[1].first().name
([1] + [Q])[1].first().name
{"n": 1, **{"q": Q}}["q"].first().name
dict(q=Q, n=1)["q"].first().name
{"q": Q, "n": 1}.popitem()[1]
types.SimpleNamespace(q=Q).q.first().name
[names(Q), names(Q.all()), names([])]
[numbered(Q), numbered(["x"])]
sizes(Q, [1], (1, 2))
texts(q=Q, n=1)
[len(Box(Q).rows()), len(Box([1]).rows())]
"""
#: Whole bodies, separated by blank lines.
BODIES = """
(a, b), c = Q, 1
return [a.name, b.name]

[(a, b), c] = [Q.limit(2), 1]
return [a.last.number, b.name]

match Q:
    case None:
        return "none"
    case found:
        return [row.name for row in found]

query = None
def refine():
    nonlocal query
    query = Q.filter_by(name="bob")
refine()
return query.one().last.number

query = []
def refine():
    nonlocal query
    query = Q.filter_by(name="bob")
def read():
    return [row.name for row in query]
refine()
return read()

class Held:
    query = Q
return Held.query.first().last.number

held = {"n": 1}
held.update(q=Q)
return held["q"].first().last.number

held = {"n": 1}
held.update([("q", Q)])
return held["q"].first().last.number

held = [1]
held.insert(0, Q)
return held[0].first().name

held = types.SimpleNamespace()
held.query = Q
return held.query.first().last.number

assert Q, "always true"
while Q:
    return "true"
"""


def test_a_query_is_a_query_wherever_it_goes(alike: Alike) -> None:
    bodies = [f"return {line}" for line in RETURNED.strip().splitlines()]
    bodies += BODIES.strip().split("\n\n")
    views = [
        f"def body{number}():\n{textwrap.indent(body, '    ')}\n"
        f'@bp.route("/{number}")\ndef view{number}():\n    return str(body{number}())\n'
        for number, body in enumerate(bodies)
    ]
    text = HEAD + re.sub(r"\bQ\b", "customers()", "\n".join(views))
    alike(text, [f"/{number}" for number in range(len(bodies))])
