"""Containers below those of `collections.abc`, whose methods call the class's own as plain ones."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

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
