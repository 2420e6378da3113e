"""Statements that give an object several times: a Query gives it once."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike, models_with

MODELS = (
    models_with(
        """
        tags = db.relationship("Tag", secondary="tagged", backref="customers")
        """
    )
    .replace(
        "def seed():",
        """tagged = db.Table(
    "tagged",
    db.Column("customer_id", db.ForeignKey("customer.id")),
    db.Column("tag_id", db.ForeignKey("tag.id")),
)

class Tag(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    parent_id = db.Column(db.ForeignKey("tag.id"))
    parent = db.relationship("Tag", remote_side=[id], backref="children")

def seed():""",
    )
    .replace(
        "    db.session.commit()",
        """    db.session.add_all([Tag(id=1), Tag(id=2, parent_id=1), Tag(id=3, parent_id=1)])
    db.session.flush()
    db.session.execute(tagged.insert(), [{"customer_id": 1, "tag_id": 1}] * 2)
    db.session.commit()""",
    )
)
VIEW = """
from sqlalchemy import and_, not_, select
from sqlalchemy.orm import aliased, with_parent
from PKG.models import Tag

bought = select(Customer).join(Customer.orders).subquery()
buyer = aliased(Customer, bought)
again = aliased(Customer, alias=select(Customer).join(Order).subquery())

@bp.get("/")
def show():
    return jsonify([c.id for c in {query}])
"""


@pytest.mark.parametrize(
    "query",
    [
        # a relationship as a criterion reads its table
        "Customer.query.filter(Customer.orders).order_by(Customer.id)",
        "Customer.query.filter(not_(Customer.orders)).order_by(Customer.id)",
        "Customer.query.filter(and_(Customer.orders, Customer.id < 9)).order_by(Customer.id)",
        "Tag.query.filter(Tag.children).order_by(Tag.id)",
        # many to many, where the table between has a pair twice
        "Customer.query.filter(Customer.tags.contains(Tag.query.first()))",
        "Tag.query.filter(with_parent(Customer.query.first(), Customer.tags))",
        # an alias of a statement with a join
        "db.session.query(buyer).order_by(buyer.id)",
        "db.session.query(buyer).filter(buyer.id < 9).order_by(buyer.id)",
        "db.session.query(again).order_by(again.id)",
        "db.session.query(aliased(Customer, bought)).all()",
    ],
)
def test_an_object_comes_once(query: str, alike: Alike) -> None:
    sides = alike(HEAD + VIEW.replace("{query}", query), ["/"], models=MODELS)
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen
    assert ".unique()" in sides.conversion.texts["views.py"]


@pytest.mark.parametrize(
    "query",
    [
        "Order.query.filter(Order.customer == Customer.query.first())",
        "Order.query.filter(Order.customer == None)",
        "Order.query.filter(not_(Order.customer == None))",
        "Order.query.filter(Order.customer.has(name='ann'))",
        "Customer.query.filter(Customer.orders.contains(Order.query.first()))",
        "db.session.query(aliased(Order, name='o')).all()",
    ],
)
def test_where_none_can_come_twice_nothing_is_added(query: str, alike: Alike) -> None:
    sides = alike(HEAD + VIEW.replace("{query}", query), ["/"], models=MODELS)
    assert ".unique()" not in sides.conversion.texts["views.py"]


JOINED = models_with(
    """
    @hybrid_property
    def pays(self):
        return any(o.amount > 1 for o in self.orders)

    @pays.expression
    def pays(cls):
        return db.and_(Order.customer_id == cls.id, Order.amount > 1)

    @hybrid_property
    def pays_well(self):
        return self.pays

    @hybrid_property
    def shouted(self):
        return self.name + "!"

    @hybrid_method
    def bought(self, least):
        return any(o.amount > least for o in self.orders)

    @bought.expression
    def bought(cls, least):
        return db.and_(Order.customer_id == cls.id, Order.amount > least)
    """,
    imports="from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property\n",
).replace(
    "def seed():",
    """_bought = db.select(Customer.id, Customer.name).join(Order).subquery()

class Buyer(db.Model):
    __table__ = _bought
    __mapper_args__ = {"primary_key": [_bought.c.id]}

class Number(db.Model):
    __table__ = db.Table("number", db.metadata, db.Column("id", db.Integer, primary_key=True))

def seed():""",
)

OTHER_VIEW = """
from PKG import models

@bp.get("/")
def show():
    return jsonify([c.id for c in {query}])
"""


@pytest.mark.parametrize(
    "query",
    [
        "Customer.query.filter(Customer.pays).order_by(Customer.id)",
        "Customer.query.filter(Customer.pays_well).order_by(Customer.id)",
        "Customer.query.filter(Customer.bought(1)).order_by(Customer.id)",
        "Customer.query.filter(Customer.id == Order.__table__.c['customer_id']).order_by(Customer.id)",
        "models.Buyer.query.order_by(models.Buyer.id)",
    ],
)
def test_hybrids_that_join_and_classes_of_statements(query: str, alike: Alike) -> None:
    sides = alike(HEAD + OTHER_VIEW.replace("{query}", query), ["/"], models=JOINED)
    assert ".unique()" in sides.conversion.texts["views.py"]


@pytest.mark.parametrize(
    "query",
    [
        "Customer.query.filter(Customer.shouted == 'ann!')",
        "models.Number.query",
    ],
)
def test_hybrids_of_the_table_and_classes_of_tables(query: str, alike: Alike) -> None:
    sides = alike(HEAD + OTHER_VIEW.replace("{query}", query), ["/"], models=JOINED)
    assert ".unique()" not in sides.conversion.texts["views.py"]
