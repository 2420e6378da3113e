"""Functions that refine the query they get: a call gives its own kind, through whichever of them it goes."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

REFINERS = (
    HEAD
    + """
from sqlalchemy import and_

NAMES = {"customer": (Customer, lambda: Customer.name), "order": (Order, lambda: Order.number)}

def paged(query, size=20):
    return query.limit(size)

def ordered(query, name):
    clauses = []

    def collect(found):
        clauses.append(found)
        return found

    collect(NAMES[name][1]())
    for column in clauses:
        query = query.order_by(column)
    return query

def filtered(query, name, least):
    if least is None:
        return query
    try:
        query = ordered(query, name)
    except KeyError as error:
        current_app.logger.warning("%s", error)
    found = query.filter(NAMES[name][0].id >= least)
    return paged(found, size=3)

def counted(query: "any"):
    inner: object = query.limit(2)
    return inner

class Refined:
    def by(self, query, name):
        return self.then(filtered(least=2, query=query, name=name))

    def then(self, query):
        from PKG.views import counted as same
        return same(query)

@bp.route("/orders")
def orders():
    return jsonify([o.customer.name for o in filtered(Order.query, "order", 2).all()])

@bp.route("/customers")
def customers():
    return jsonify([len(c.orders) for c in filtered(Customer.query, "customer", 1)])

@bp.route("/refined")
def refined():
    by = Refined()
    first = by.by(Order.query, "order").first()
    return jsonify(first.customer.name, [len(c.orders) for c in by.by(Customer.query, "customer")])

@bp.route("/any/<name>")
def any_of(name):
    query = filtered(db.session.query(NAMES[name][0]), name, 1)
    return jsonify(query.count(), [r[0] for r in query.with_entities(NAMES[name][0].id).all()])
"""
)
#: One query or another, and of the other only the run knows what it selects.
EITHER = (
    HEAD
    + """
NAMES = {"customer": Customer, "id": Order.id}

@bp.route("/either/<name>")
def either(name):
    kind = NAMES.get(name)
    query = Order.query if kind is None else db.session.query(kind)
    query = query.order_by(None)
    return jsonify(query.count(), [row.id for row in query.all()], query.first().id, [r.id for r in query])
"""
)
#: What may give another query than the one that it gets.
OTHERS = (
    HEAD
    + """
def kept():
    return Customer.query.order_by(Customer.id)

def either(query, flag):
    if flag:
        return query.filter()
    return kept()

def shadowed(query, flag):
    found = query
    if flag:
        found = Customer.query.filter_by(name="ann")
    return found.order_by(None)

def nested(query, flag):
    def change():
        nonlocal query
        query = Customer.query.order_by(Customer.id)
    if flag:
        change()
    return query.limit(2)

def looped(query, flag):
    for query in [Customer.query.order_by(Customer.id)] if flag else []:
        pass
    return query

def swapped(query, flag):
    query, flag = (Customer.query.order_by(Customer.id), 1) if flag else (query, 0)
    return query.limit(1)

def perhaps(query, flag):
    if flag:
        return query.order_by(None)

class Base:
    def apply(self, query, flag):
        return self.refine(query, flag).limit(3)

    def refine(self, query, flag):
        return query.order_by(None)

class Below(Base):
    def refine(self, query, flag):
        return Customer.query.order_by(Customer.id) if flag else query

def named(found):
    return [f.orders[0].number if isinstance(f, Customer) else f.customer.name for f in found]

@bp.route("/others")
def others():
    return jsonify([
        [named(made(kind.query.order_by(kind.id), flag).all()) for flag in (True, False)]
        for kind in (Order, Customer)
        for made in (either, shadowed, nested, looped, swapped, Base().apply, Below().apply)
    ])

@bp.route("/orders")
def orders():
    found = [shadowed(Order.query, True).first(), nested(Order.query, True).first()]
    found += [looped(Order.query, True).first(), swapped(Order.query, True).first()]
    found += [either(Order.query, False).first(), Below().apply(Order.query, True).first()]
    more = perhaps(Order.query, True)
    return jsonify(named(found), more.count(), perhaps(Customer.query, False) is None)
"""
)


@pytest.mark.parametrize(
    "path", ["/orders", "/customers", "/refined", "/any/order", "/any/customer"]
)
def test_each_call_gives_its_own_kind(path: str, alike: Alike) -> None:
    sides = alike(REFINERS, [path, path])
    text = sides.conversion.texts["views.py"]
    assert "bridge(" not in text
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen


@pytest.mark.parametrize("name", ["id", "customer", "none"])
def test_only_the_run_knows_which_kind_it_is(name: str, alike: Alike) -> None:
    sides = alike(EITHER, [f"/either/{name}"])
    assert "query_rows" in sides.conversion.texts["views.py"]


def test_what_may_give_another_query_gives_it(alike: Alike) -> None:
    alike(OTHERS, ["/others", "/orders"])
