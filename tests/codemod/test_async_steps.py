"""What asynchronous context managers, generators and iterators of the application's own give: queries, sessions, rows."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

MANAGERS = (
    HEAD
    + """
from contextlib import asynccontextmanager

class Asked:
    async def __aenter__(self):
        return Order.query
    async def __aexit__(self, *error):
        pass

class Unit:
    def __init__(self, session):
        self.session = session
    async def __aenter__(self):
        return self
    async def __aexit__(self, kind, *error):
        if kind:
            self.session.rollback()
        else:
            self.session.commit()
        return True
    def rows(self):
        return self.session.query(Order)

class Kept:
    async def __aenter__(self):
        return db.session
    async def __aexit__(self, *error):
        db.session.commit()

@asynccontextmanager
async def rows():
    yield Order.query, Customer.query.first()

@bp.get("/asked")
async def asked():
    async with Asked() as found, rows() as (more, customer):
        return jsonify(found.count(), found.first().customer.name, more.count(), customer.total())

@bp.get("/units")
async def units():
    first = Order.query.first()
    async with Unit(db.session) as unit:
        count = unit.rows().count()
        unit.session.add(Customer(name="kept"))
    async with Unit(db.session) as other:
        other.session.add(Customer(name="lost"))
        raise KeyError
    return jsonify(count, first.number, first.customer.name, Customer.query.count())

@bp.get("/kept")
async def kept():
    async with Kept() as session:
        first = session.query(Order).first()
        session.add(Customer(name="kept"))
    return jsonify(first.number, first.customer.name, Customer.query.count())
"""
)


def test_async_managers(alike: Alike) -> None:
    pair = alike(MANAGERS, ["/asked", "/units", "/kept"])
    assert ".query" not in pair.conversion.texts["views.py"]


ITERATORS = (
    HEAD
    + """
async def queries():
    yield Order.query
    yield Customer.query

async def few(number):
    if not number:
        return
    yield Order.query.order_by(Order.id).first()

class Narrowed:
    def __init__(self):
        self.number = 0
    def __aiter__(self):
        return self
    async def __anext__(self):
        self.number += 1
        if self.number > 2:
            raise StopAsyncIteration
        return Order.query.filter(Order.amount > self.number * 10)

class Handed:
    def __aiter__(self):
        return self.steps()
    async def steps(self):
        yield Order.query
        yield Order.query.filter_by(amount=50)

@bp.get("/queries")
async def all_queries():
    found = []
    async for query in queries():
        found.append(query.count())
    return jsonify(found, [query.first().id async for query in queries()])

@bp.get("/few")
async def all_few():
    return jsonify([o.customer.name async for o in few(1)], [o.number async for o in few(0)])

@bp.get("/objects")
async def objects():
    found = [query.count() async for query in Narrowed()]
    async for query in Handed():
        found.append(query.first().customer.name)
    return jsonify(found)
"""
)


def test_async_iterators(alike: Alike) -> None:
    pair = alike(ITERATORS, ["/queries", "/few", "/objects"])
    assert ".query" not in pair.conversion.texts["views.py"].replace("in queries()", "")
