"""Containers below those of `collections.abc`, whose methods call the class's own as plain ones."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike, models_with

VIEWS = (
    HEAD
    + """
from collections.abc import Mapping, MutableSequence, MutableSet

class Names(MutableSet):
    def __iter__(self):
        return iter([c.name for c in Customer.query.order_by(Customer.name)])

    def __len__(self):
        return Customer.query.count()

    def __contains__(self, name):
        return Customer.query.filter_by(name=name).first() is not None

    def add(self, name):
        if Customer.query.filter_by(name=name).first() is None:
            db.session.add(Customer(name=name))
            db.session.commit()

    def discard(self, name):
        for customer in Customer.query.filter_by(name=name):
            db.session.delete(customer)
        db.session.commit()

class Amounts(MutableSequence):
    def __getitem__(self, index):
        return Order.query.order_by(Order.id).all()[index].amount

    def __setitem__(self, index, amount):
        Order.query.order_by(Order.id).all()[index].amount = amount
        db.session.commit()

    def __delitem__(self, index):
        db.session.delete(Order.query.order_by(Order.id).all()[index])
        db.session.commit()

    def __len__(self):
        return Order.query.count()

    def insert(self, index, amount):
        db.session.add(Order(number=f"I{index}", amount=amount))
        db.session.commit()

class Numbers(Mapping):
    def __getitem__(self, number):
        order = Order.query.filter_by(number=number).first()
        if order is None:
            raise KeyError(number)
        return order.amount

    def __iter__(self):
        return iter([o.number for o in Order.query.order_by(Order.id)])

    def __len__(self):
        return Order.query.count()

    def items(self):
        return [(o.number, o.amount) for o in Order.query.order_by(Order.id)]

@bp.get("/names")
def names():
    found = Names()
    first = Customer.query.order_by(Customer.id).first().name
    found |= ["cy", "dan", first]
    found -= {"dan", "nobody"}
    found.remove("cy")
    found.add("eve")
    return jsonify(first, sorted(found), "eve" in found, len(found))

@bp.get("/amounts")
def amounts():
    found = Amounts()
    found.append(7)
    found.extend([8, 9])
    found += [10]
    found.remove(8)
    return jsonify(list(found), found.pop(), Order.query.count())

@bp.get("/numbers")
def numbers():
    first = Order.query.first().number
    return jsonify(first, Numbers() == {"N0": 1}, Numbers() == dict(Numbers().items()))
"""
)


def test_the_database_behind_a_container(alike: Alike) -> None:
    alike(VIEWS, ["/names", "/amounts", "/numbers"])


ITERATED = """
    def __iter__(self):
        yield self.name
        yield self.last.number
"""
FOUND = (
    HEAD
    + """
def customers(session):
    return session.query(Customer).order_by(Customer.id).all()

@bp.get("/least")
def least():
    found = [*max(customers(db.session), key=lambda c: c.last.number)]
    return jsonify(list(min(customers(db.session), key=lambda c: (c.last.number, c.name))), found)

@bp.get("/next")
def following():
    first = [*next(c for c in customers(db.session) if c.last.number)]
    return jsonify(first, list(next(c for c in customers(db.session) if c.total() > 1)))

@bp.get("/looped")
def looped():
    found = [part for part in min(customers(db.session), key=lambda c: c.last.number)]
    for part in max(customers(db.session), key=lambda c: len(c.orders)):
        found.append(part)
    name, number = min(customers(db.session), key=lambda c: c.total())
    return jsonify(found, name, number)
"""
)


def test_an_object_that_keys_find_and_that_is_gone_over_itself(alike: Alike) -> None:
    sides = alike(FOUND, ["/least", "/next", "/looped"], models=models_with(ITERATED))
    assert "await bridge(list, by_key(min, " in sides.conversion.texts["views.py"]
