"""What a module's name holds in passing is nobody's: `Session = sessionmaker()`, `Session = scoped_session(Session)`."""

from __future__ import annotations

import importlib

import pytest

from tests.codemod.parity import Make, Request

DATABASE = """
import os
from sqlalchemy import Column, ForeignKey, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, relationship, scoped_session, sessionmaker

place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __package__ + ".db")
engine = create_engine("sqlite:///" + place)
MADE
Base = declarative_base()


class Customer(Base):
    __tablename__ = "customers"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    amount = Column(Integer)
    customer_id = Column(ForeignKey("customers.id"))
    customer = relationship(Customer, backref="orders")
"""
APPLICATION = """
from flask import Flask, jsonify
from {name}.database import Base, Customer, Order, engine, session


def create_app():
    app = Flask(__name__)
    Base.metadata.create_all(engine)

    @app.route("/add")
    def add():
        session.add(Order(amount=3, customer=Customer(name="ann")))
        session.commit()
        return ""

    @app.route("/listed")
    def listed():
        found = session.query(Order).filter_by(amount=3).all()
        return jsonify([o.customer.name for o in found], session.query(Order).count())

    @app.route("/first")
    def first():
        query = session.query(Order)
        if app.debug:
            query = query.filter(Order.amount > 100)
        order = query.first()
        return jsonify(order.amount, [o.amount for o in order.customer.orders])

    @app.teardown_appcontext
    def gone(error):
        session.remove()

    return app
"""
NATIVE = {
    "wrapped": "session = sessionmaker(bind=engine)\nsession = scoped_session(session)",
    "thrice": "session = None\nsession = sessionmaker(bind=engine)\nsession = scoped_session(session)",
    "apart": "session = sessionmaker(bind=engine)\nECHO = False\nsession = scoped_session(session)",
}
#: Somebody may have asked for what it was.
ASKED = {
    "between": "session = sessionmaker(bind=engine)\nprint(session)\nsession = scoped_session(session)",
    "a condition": "session = scoped_session(sessionmaker(bind=engine))\n"
    "if not place:\n    session = sessionmaker(bind=engine)",
}


@pytest.mark.parametrize("kind", [*NATIVE, *ASKED])
def test_the_last_value_is_asked(make_sides: Make, kind: str) -> None:
    database = DATABASE.replace("MADE", {**NATIVE, **ASKED}[kind])
    name = f"passing_{kind.replace(' ', '_')}"
    sides = make_sides(name, {"database.py": database, "__init__.py": APPLICATION})
    native = {site.status for site in sides.conversion.plan.sites} == {"native"}
    assert native == (kind in NATIVE)
    legacy = importlib.import_module(sides.legacy)
    app = legacy.create_app()
    paths: list[Request] = [("GET", path) for path in ("/add", "/listed", "/first")]
    expected = list(sides.answers(app, paths))
    assert [answer[2] for answer in expected] == [200] * 3
    importlib.import_module(f"{sides.legacy}.database").engine.dispose()
    with sides.converted() as target:
        assert list(sides.answers(target.app, paths)) == expected
    importlib.import_module(f"{sides.target}.database").engine.dispose()
