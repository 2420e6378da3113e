"""Eager relationships that lead back to where they begin: what is loaded last has not loaded its own."""

from __future__ import annotations

import textwrap

from tests.codemod.alike import FILES, HEAD, Alike, without_the_net

VIEWS = (
    HEAD
    + """
class Shelf(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(9))
    parent_id = db.Column(db.ForeignKey("shelf.id"))
    children = db.relationship("Shelf", lazy="selectin", join_depth=1, order_by="Shelf.id")

    def below(self):
        return [self.name, *(name for child in self.children for name in child.below())]

def made():
    db.create_all()
    if not Shelf.query.count():
        names = [("top", None), ("art", 1), ("old", 2), ("new", 3)]
        db.session.add_all([Shelf(name=name, parent_id=parent) for name, parent in names])
        db.session.commit()

@bp.before_request
def begin():
    made()

@bp.get("/first")
def first():
    return jsonify(Shelf.query.order_by(Shelf.id).first().below())

@bp.get("/all")
def every():
    found = Shelf.query.order_by(Shelf.id).all()
    db.session.commit()
    return jsonify([shelf.below() for shelf in found])

@bp.get("/two")
def two():
    top = Shelf.query.filter_by(name="top").one()
    return jsonify([[c.name for c in child.children[0].children] for child in top.children])
"""
)


def test_what_is_below_is_waited_for(alike: Alike) -> None:
    with without_the_net():
        alike(VIEWS, ["/first", "/all", "/two"])


#: Each end is mapped eager: SQLAlchemy goes around once.
BOTH = textwrap.dedent(FILES["models.py"]).replace(
    'backref="customer"', 'lazy="selectin", back_populates="customer"'
) + ('Order.customer = db.relationship(Customer, lazy="joined", back_populates="orders")\n')
AROUND = (
    HEAD
    + """
@bp.get("/orders")
def orders():
    found = Order.query.order_by(Order.id)
    return jsonify([[x.number for x in o.customer.orders] for o in found])

@bp.get("/customers")
def customers():
    found = Customer.query.order_by(Customer.id)
    return jsonify([[x.customer.name for x in c.orders] for c in found])

@bp.get("/totals")
def totals():
    last = Order.query.order_by(Order.id.desc()).first()
    return jsonify(last.customer.total(), [x.customer.total() for x in last.customer.orders])
"""
)


def test_two_models_that_load_each_other(alike: Alike) -> None:
    with without_the_net():
        alike(AROUND, ["/orders", "/customers", "/totals"], models=BOTH)
