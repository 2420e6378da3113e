"""A legacy coroutine function that has no native form: what it calls is awaited all the same, and a finding tells."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

REPORT = """
import asyncio

class Store:
    def get(self, key, default=None):
        return Order.query.filter_by(number=key).first()

def names(kind="N"):
    wanted = Order.query.filter(Order.number.startswith(kind))
    return [o.number for o in wanted.order_by(Order.id)]

def add(number):
    db.session.add(Order(number=number, amount=len(names())))
    db.session.commit()

async def report(shown):
    rows = []
    for name in names():
        rows.append(shown(name))
    add("N9")
    rows.sort(key=lambda row: row.get("kind", {"x": 1})["x"])
    return rows, len(names()), [names(kind) for kind in ("N1", "N2")]

def shown(name):
    return {"n": name, "kind": {"x": len(name)}}

@bp.get("/awaited")
async def awaited():
    return jsonify(await report(shown), Order.query.count())

@bp.get("/run")
def run():
    return jsonify(asyncio.run(report(lambda name: shown(name + "!"))), Store().get("N1").number)
"""


def test_what_a_left_coroutine_function_calls_is_awaited(alike: Alike) -> None:
    sides = alike(HEAD + REPORT, ["/awaited", "/run"])
    outcome = outcome_of(sides.conversion)
    assert "for name in await names():" in sides.conversion.texts["views.py"]
    (told,) = [f for f in outcome.findings if f.code == "MIG511"]
    assert told.message.startswith("This call is left as it was: a lambda")


EXCHANGED = """
def numbers(found):
    return [o.number for o in found.with_transformation(lambda query: query).all()]

def wanted(kind):
    return Order.query.filter(Order.number.startswith(kind)).order_by(Order.id)

def add(number):
    db.session.add(Order(number=number, amount=1))
    db.session.commit()

def large(found, limit):
    return [o.number for o in found.filter(Order.amount > limit).all()]

async def handing(kind):
    add(kind + "9")
    found = wanted(kind)
    return numbers(found), large(found, 1), large(wanted(kind), 0)

async def asking(kind):
    found = Order.query.filter(Order.number.startswith(kind))
    add(kind + "8")
    return numbers(found.order_by(Order.id.desc())), [o.number for o in wanted(kind)]

@bp.get("/handing")
async def hands():
    return jsonify(await handing("N"), Order.query.count())

@bp.get("/asking")
async def asks():
    return jsonify(await asking("N"), Order.query.count())
"""


def test_one_that_exchanges_legacy_queries_awaits_what_it_calls(alike: Alike) -> None:
    sides = alike(HEAD + EXCHANGED, ["/handing", "/asking"])
    outcome = outcome_of(sides.conversion)
    text = sides.conversion.texts["views.py"]
    assert 'await add(kind + "9")' in text
    assert 'await add(kind + "8")' in text
    (told,) = [f for f in outcome.findings if f.code == "MIG512"]
    assert told.message.startswith("This query is left as it was: it exchanges query objects")
