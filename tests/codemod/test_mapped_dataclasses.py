"""Mapped dataclasses: what `dataclass` makes for them reads the relationships, where nothing can be awaited."""

from __future__ import annotations

import pytest

from tests.codemod.alike import Alike

MODELS = """
from typing import List, Optional
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, relationship

class Base(DeclarativeBase):
    pass

db = SQLAlchemy(model_class=Base)

class Customer(MappedAsDataclass, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str] = mapped_column()
    orders: Mapped[List["Order"]] = relationship(back_populates="customer", default_factory=list)

class Order(MappedAsDataclass, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    number: Mapped[str] = mapped_column()
    customer_id: Mapped[Optional[int]] = mapped_column(ForeignKey("customer.id"), init=False)
    customer: Mapped[Optional[Customer]] = relationship(
        back_populates="orders", default=None, repr=False
    )

class Note(MappedAsDataclass, db.Model, eq=False):
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    order_id: Mapped[Optional[int]] = mapped_column(ForeignKey("order.id"))
    order: Mapped[Optional[Order]] = relationship(default=None, repr=False)

def seed():
    ann = Customer(name="ann")
    db.session.add_all([ann, Order(number="N1", customer=ann), Order(number="N2", customer=ann)])
    db.session.flush()
    db.session.add_all([Note(order_id=1), Note(order_id=2)])
    db.session.commit()
"""

VIEWS = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Note, Order, db

bp = Blueprint("shop", __name__)

@bp.get("/shown")
def shown():
    customer = Customer.query.first()
    return jsonify(repr(customer), f"{customer}", "%s" % customer, str(Order.query.get(1)))

@bp.get("/compared")
def compared():
    first, second = Order.query.get(1), Order.query.get(2)
    return jsonify(first == second, first != second, first in [second], first == None)

@bp.get("/same")
def same():
    first, second = Note.query.get(1), Note.query.get(2)
    return jsonify(first == second, first == Note.query.get(1), repr(first))
"""


def test_relationships_of_mapped_dataclasses_are_loaded_to_be_shown_and_compared(
    alike: Alike, caplog: pytest.LogCaptureFixture
) -> None:
    views = alike(VIEWS, ["/shown", "/compared", "/same"], models=MODELS).conversion.texts[
        "views.py"
    ]
    assert "Implicit I/O" not in caplog.text
    # Nothing of it loads what is neither shown nor compared.
    assert "jsonify(first == second, first == " in views
    assert "repr(first))" in views
