"""Mapped classes without an extension, made in each way that SQLAlchemy has, and in some of people's own."""

from __future__ import annotations

import importlib
import sys
import types

import pytest
from sqlalchemy.orm import declarative_base

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

_DATABASE = """
import os
from sqlalchemy import Column, ForeignKey, Integer, String, Table, create_engine, orm
from sqlalchemy.orm import DeclarativeMeta, backref, registry, relationship, scoped_session
from sqlalchemy.orm import declarative_base, sessionmaker

place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __package__ + ".db")
engine = create_engine("sqlite:///" + place)
session = scoped_session(sessionmaker(bind=engine))
"""
_CLASSES = """
from {name}.database import *

DECORATOR
class Customer(BASE):
    __tablename__ = "customers"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    orders = relationship("Order", back_populates="customer", order_by="Order.id")

DECORATOR
class Order(BASE):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    amount = Column(Integer)
    customer_id = Column(ForeignKey("customers.id"))
    customer = relationship("Customer", back_populates="orders")
    labels = relationship("Label", backref="order")

DECORATOR
class Label(BASE):
    __tablename__ = "labels"
    id = Column(Integer, primary_key=True)
    text = Column(String(20))
    order_id = Column(ForeignKey("orders.id"))
"""
_TABLES = """
from {name}.database import *

mappers = registry()
customers = Table(
    "customers", mappers.metadata,
    Column("id", Integer, primary_key=True), Column("name", String(20)),
)
orders = Table(
    "orders", mappers.metadata,
    Column("id", Integer, primary_key=True), Column("amount", Integer),
    Column("customer_id", ForeignKey(customers.c.id)),
)
labels = Table(
    "labels", mappers.metadata,
    Column("id", Integer, primary_key=True), Column("text", String(20)),
    Column("order_id", ForeignKey("orders.id")),
)
"""
_IMPERATIVE = (
    _TABLES
    + """
class Customer:
    pass

class Order(object):
    def size(self):
        return len(self.customer.orders)

class Label:
    pass

def start_mappers():
    of_label = mappers.map_imperatively(Label, labels)
    of_order = mappers.map_imperatively(
        Order, orders,
        properties={{"labels": relationship(of_label, backref="order")}},
    )
    mappers.map_imperatively(
        Customer, customers,
        properties={{"orders": relationship(of_order, backref=backref("customer"), order_by=orders.c.id)}},
    )

Base = mappers
start_mappers()
"""
)
_WITH_TABLES = (
    _TABLES
    + """
Base = declarative_base(metadata=mappers.metadata)

class Customer(Base):
    __table__ = customers
    orders = relationship("Order", back_populates="customer", order_by="Order.id")

class Order(Base):
    __table__ = orders
    customer = relationship(Customer, back_populates="orders")
    labels = relationship("Label", backref="order")

class Label(Base):
    __table__ = labels
"""
)
#: The text that makes the base, the base's name, and a decorator of each class.
_BASES = {
    "as_declarative": ("@orm.as_declarative()\nclass Base:\n    pass\n", "Base", ""),
    "as_declarative_base": (
        "mappers = registry()\n@mappers.as_declarative_base()\nclass Base(object):\n    pass\n",
        "Base", "",
    ),
    # As SQLAlchemy's own guide to 2.0 has it.
    "bound_again": (
        "class Base:\n    __allow_unmapped__ = True\n    __table_args__ = {{'extend_existing': True}}\n\n"
        "Base = declarative_base(cls=Base)\n", "Base", "",
    ),
    "generate_base": ("Base = registry().generate_base()\n", "Base", ""),
    "mapped": ("mappers = Base = registry()\n", "object", "@mappers.mapped"),
    "metaclass": (
        "mappers = registry()\nclass Base(metaclass=DeclarativeMeta):\n    __abstract__ = True\n"
        "    registry = mappers\n    metadata = mappers.metadata\n"
        "    __init__ = mappers.constructor\n",
        "Base", "",
    ),
    "function": ("def make():\n    return declarative_base()\nBase = make()\n", "Base", ""),
    "attribute": (
        "class Database:\n    Base = declarative_base()\nBase = Database.Base\n", "Database.Base", "",
    ),
    "elsewhere": ("from company_of_models import Base\n", "Base", ""),
}  # fmt: skip
_CONFIGURED = """
Base = declarative_base()

def configure():
    Base.query = session.query_property()
"""
_APPLICATION = """
from flask import Flask, jsonify
from {name}.models import Base, Customer, Label, Order
from {name}.database import engine, session

def create_app():
    app = Flask(__name__)
    CONFIGURED
    Base.metadata.create_all(engine)

    @app.teardown_appcontext
    def remove(error=None):
        session.remove()

    @app.route("/add/<name>")
    def add(name):
        customer = Customer()
        customer.name = name
        for amount in (1, 2):
            order = Order()
            order.amount = amount
            customer.orders.append(order)
            label = Label()
            label.text = name * amount
            order.labels.append(label)
        session.add(customer)
        session.commit()
        return str(QUERY(Customer).count())

    @app.route("/show/<name>")
    def show(name):
        customer = QUERY(Customer).filter_by(name=name).first()
        return jsonify([(o.amount, o.customer.name, len(o.labels)) for o in customer.orders])

    @app.route("/last")
    def last():
        order = session.get(Order, 4)
        texts = [label.text for label in order.labels]
        return jsonify(order.customer.orders[0].amount, texts, order.labels[0].order.amount)

    return app
"""


def _files(kind: str) -> dict[str, str]:
    query, configured, base = "session.query", "", ""
    if kind == "imperative":
        models = _IMPERATIVE
    elif kind == "tables":
        models = _WITH_TABLES
    elif kind == "configured":
        base, configured = _CONFIGURED, "configure()"
        models = _CLASSES.replace("BASE", "Base").replace("DECORATOR", "")
    else:
        base, name, decorator = _BASES[kind]
        models = _CLASSES.replace("BASE", name).replace("DECORATOR", decorator)
    application = _APPLICATION.replace("CONFIGURED", configured)
    if configured:
        application = application.replace("import engine", "import configure, engine")
        application = application.replace("QUERY(Customer)", "Customer.query")
    application = application.replace("QUERY", query)
    return {"database.py": _DATABASE + base, "models.py": models, "__init__.py": application}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("kind", [*_BASES, "imperative", "tables", "configured"])
def test_models_of_each_kind_answer_alike(
    make_sides: Make,
    kind: str,
    frame: FrameChoice,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    company = types.ModuleType("company_of_models")
    company.Base = declarative_base()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "company_of_models", company)
    sides = make_sides(f"base_{kind}_{frame}", _files(kind), frame)
    assert not sides.conversion.findings
    assert {site.status for site in sides.conversion.plan.sites} == {"native"}
    requests: list[Request] = [
        ("GET", path) for path in ("/add/ann", "/add/bob", "/show/bob", "/show/ann", "/last")
    ]
    legacy = importlib.import_module(sides.legacy)
    app = legacy.create_app()
    expected = list(sides.answers(app, requests))
    assert [answer[2] for answer in expected] == [200] * 5
    importlib.import_module(f"{sides.legacy}.database").engine.dispose()
    company.Base = declarative_base()  # type: ignore[attr-defined]
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
    importlib.import_module(f"{sides.target}.database").engine.dispose()
    assert "Implicit I/O" not in caplog.text
