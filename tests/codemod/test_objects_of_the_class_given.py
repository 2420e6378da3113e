"""A base's `Order.find(1)`, `find(Order, 1)`: each call gives objects of its own class, and no other's."""

from __future__ import annotations

import textwrap

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import FILES, HEAD, Alike

#: The models are below a base with methods of its own.
FOUND = """
class Found:
    @classmethod
    def by_id(cls, id):
        return db.session.get(cls, id)

    @classmethod
    def by_name(cls, name):
        found = cls.query.filter_by(name=name).first()
        if found is None:
            found = cls(name=name)
            db.session.add(found)
            db.session.commit()
        return found

    @classmethod
    def every(cls):
        return db.session.query(cls).order_by(cls.id).all()

    @classmethod
    def selected(cls, least):
        statement = db.select(cls).where(cls.id >= least).order_by(cls.id)
        return db.session.scalars(statement).all()

    @classmethod
    def open(cls):
        return cls.query.order_by(cls.id)

    @classmethod
    def any_of(cls, id):
        return cls.query.filter_by(id=id).first() or Customer.query.first()

    @classmethod
    def replaced(cls, id):
        cls = Customer
        return cls.query.filter_by(id=id).first()

class Tag(db.Model, Found):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
    customer_id = db.Column(db.ForeignKey("customer.id"))
    customer = db.relationship("Customer", backref=db.backref("tags", lazy="dynamic", order_by="Tag.id"))

    @property
    def orders(self):
        return self.customer.orders if self.customer else []

"""
MODELS = (
    textwrap.dedent(FILES["models.py"])
    .replace("class Customer(db.Model)", f"{FOUND}class Customer(db.Model, Found)")
    .replace("class Order(db.Model)", "class Order(db.Model, Found)")
)
VIEWS = (
    HEAD
    + """
from PKG.models import Tag

def find(model, id):
    return model.query.filter(model.id == id).one_or_none()

def named(model, name):
    found = model.query.filter_by(name=name).one_or_none()
    return found

@bp.route("/by_id/<int:id>")
def by_id(id):
    customer, order, tag = Customer.by_id(id), Order.by_id(id), Tag.by_id(id)
    return jsonify([o.number for o in customer.orders], order.customer.name, tag is None)

@bp.route("/by_name/<name>")
def by_name(name):
    tag, customer = Tag.by_name(name), Customer.by_name("ann")
    tag.customer = customer
    customer.tags.append(Tag(name="more"))
    db.session.commit()
    return jsonify(
        [t.name for t in customer.tags.all()], customer.tags.count(), len(tag.orders), tag.customer.id,
        [o.number for o in customer.orders],
    )

@bp.route("/lists")
def lists():
    orders, customers = Order.every(), Customer.every()
    chosen, first = Order.selected(2), Tag.selected(0)
    return jsonify(
        [o.customer.name for o in orders], [len(c.orders) for c in customers],
        [o.customer.id for o in chosen], len(first),
        [o.customer.name for o in Order.open().limit(2)], Customer.open().count(),
    )

@bp.route("/functions")
def functions():
    order, customer, tag = find(Order, 1), find(id=2, model=Customer), named(Tag, "x")
    return jsonify(order.customer.name, [o.number for o in customer.orders], tag is None)
"""
)
#: What gives other objects as well, or none that the call says anything of.
OTHERS = (
    HEAD
    + """
from PKG.models import Tag

def either(model, flag):
    return model.query.first() if flag else Customer.query.first()

def cached(model, id, known):
    found = known.get(model, None)
    if found is None:
        found = db.session.get(model, id)
    return found

@bp.route("/others")
def others():
    order, tag = Order.any_of(99), Tag.any_of(99)
    customer = Tag.replaced(1)
    return jsonify(
        [o.number for o in order.orders], [o.number for o in tag.orders],
        [o.number for o in customer.orders], Order.replaced(1).name,
        [o.number for o in either(Order, False).orders], either(Tag, True) is None,
        [o.number for o in cached(Order, 1, {Order: Customer.query.first()}).orders],
        cached(Order, 1, {}).customer.name, len(cached(Customer, 1, {}).orders),
    )
"""
)


@pytest.mark.parametrize("path", ["/by_id/1", "/by_name/red", "/lists", "/functions"])
def test_each_call_gives_objects_of_its_class(path: str, alike: Alike) -> None:
    sides = alike(VIEWS, [path, path], models=MODELS)
    text = sides.conversion.texts["views.py"]
    assert "bridge(" not in text
    assert "await order.awaitable_attrs.customer" in text
    assert "await customer.awaitable_attrs.orders" in text
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen


def test_what_may_give_others_gives_them(alike: Alike) -> None:
    alike(OTHERS, ["/others"], models=MODELS)
