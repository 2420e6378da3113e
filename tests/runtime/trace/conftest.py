"""A legacy package with tests of its own, whose lazy loads are counted by hand here."""

from __future__ import annotations

from pathlib import Path

import pytest

MODELS = """
from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, deferred, relationship

Base = declarative_base()


class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    notes = deferred(Column(String(20)))
    orders = relationship("Order", back_populates="customer", lazy="dynamic")


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customer.id"))
    customer = relationship(Customer, back_populates="orders")
    lines = relationship("Line", back_populates="order")


class Line(Base):
    __tablename__ = "line"
    id = Column(Integer, primary_key=True)
    order_id = Column(ForeignKey("orders.id"))
    product_id = Column(ForeignKey("product.id"))
    order = relationship(Order, back_populates="lines")
    product = relationship("Product")


class Product(Base):
    __tablename__ = "product"
    id = Column(Integer, primary_key=True)
    parts = relationship("Part", lazy="selectin")


class Part(Base):
    __tablename__ = "part"
    id = Column(Integer, primary_key=True)
    product_id = Column(ForeignKey("product.id"))
    maker_id = Column(ForeignKey("customer.id"))
    maker = relationship(Customer)
"""
SERVICE = """
from sqlalchemy.orm import immediateload, selectinload

from shop.models import Customer, Line, Order


def show_line(line):
    return line.id, [p.maker.name for p in line.product.parts]


def orders(session):
    found = session.query(Order).order_by(Order.id).all()
    return [(o.customer.name, [show_line(line) for line in o.lines]) for o in found]


def eager(session):
    found = session.query(Order).options(selectinload(Order.lines)).all()
    return [line.product.id for o in found for line in o.lines]


def immediate(session):
    return [o.lines for o in session.query(Order).options(immediateload(Order.lines)).all()]


def by_customer(session):
    total = 0
    for customer in session.query(Customer):
        total += customer.orders.filter(Order.id > 1).count() + len(customer.notes)
        for order in customer.orders:
            total += len(order.lines)
    session.commit()
    return total, customer.name


def written(session):
    order = session.query(Order).first()
    session.delete(order)
    order.customer_id = None
    session.flush()


def columns(session):
    return session.query(Order.id).all(), session.get(Order, 2).customer.name


def rows(session):
    found = session.query(Line.id, Line, Order).join(Line.order).order_by(Line.id).all()
    return [(line.product.id, order.customer.name) for _, line, order in found]


def created(session):
    order = Order(customer_id=1)
    session.add(order)
    session.flush()
    return order.customer.name
"""
CONFTEST = """
import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from shop.models import Base, Customer, Line, Order, Part, Product


@pytest.fixture
def session():
    engine = create_engine("sqlite://", future=True)
    Base.metadata.create_all(engine)
    with Session(engine, future=True) as session:
        makers = [Customer(name=str(i), notes="x") for i in range(3)]
        products = [Product(parts=[Part(maker=makers[i % 3])]) for i in range(4)]
        for i in range(6):
            lines = [Line(product=products[(i + k) % 4]) for k in range(3)]
            session.add(Order(customer=makers[i % 3], lines=lines))
        session.commit()
    with Session(engine, future=True) as session:
        yield session
    engine.dispose()
"""
TESTS = """
import pytest

from shop import service
from shop.models import Order


@pytest.mark.parametrize("name", [
    "orders", "eager", "immediate", "by_customer", "written", "columns", "created", "rows"
])
def test_service(name, session):
    getattr(service, name)(session)


def test_the_tests_own_loads_do_not_count(session):
    assert all(o.customer.name for o in session.query(Order))
"""


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    """The root of the package `shop` and its tests."""
    files = {
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
        "shop/service.py": SERVICE,
        "tests/conftest.py": CONFTEST,
        "tests/test_shop.py": TESTS,
        "pytest.ini": "[pytest]\npythonpath = .\naddopts = -p no:cacheprovider\n",
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return tmp_path


def place(text: str) -> int:
    """The line of the first occurrence of `text` in shop/service.py."""
    return SERVICE[: SERVICE.index(text)].count("\n") + 1
