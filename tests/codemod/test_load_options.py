"""Loader options by evidence: recorded on the legacy code, placed, run on the async driver.

Each function is recorded over real rows, converted with and without that trace, and all three give
the same. Where an option would be unsound nothing is placed, and the reason is said.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from migrator.codemod.convert import Conversion, convert
from migrator.runtime.trace import recording
from migrator.trace.read import read_trace
from tests.codemod.test_pages import PAGES, blocks

MODELS = """
from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import backref, declarative_base, relationship

Base = declarative_base()
order_tag = Table(
    "order_tag",
    Base.metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    orders = relationship("Order", back_populates="customer", order_by="Order.id")
    recent = relationship("Order", lazy="dynamic", viewonly=True)


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    kind = Column(String(10))
    note = Column(String(20))
    customer_id = Column(ForeignKey("customer.id"))
    customer = relationship(Customer, back_populates="orders")
    lines = relationship("Line", back_populates="order")
    cheap = relationship("Line", primaryjoin="and_(Order.id == Line.order_id, Line.price < 3)", viewonly=True)
    tags = relationship("Tag", secondary=order_tag, order_by="Tag.id")
    labels = relationship("Tag", secondary=order_tag, viewonly=True)
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "plain"}


class Rush(Order):
    courier_id = Column(ForeignKey("courier.id"))
    courier = relationship("Courier")
    __mapper_args__ = {"polymorphic_identity": "rush"}


class Courier(Base):
    __tablename__ = "courier"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))


class Line(Base):
    __tablename__ = "line"
    id = Column(Integer, primary_key=True)
    price = Column(Integer)
    order_id = Column(ForeignKey("orders.id"))
    product_id = Column(ForeignKey("product.id"))
    order = relationship(Order, back_populates="lines")
    product = relationship("Product")


class Product(Base):
    __tablename__ = "product"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    parent_id = Column(ForeignKey("product.id"))
    parts = relationship("Product", backref=backref("parent", remote_side=[id]))


class Tag(Base):
    __tablename__ = "tag"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
"""
HEAD = """
from sqlalchemy import text
from sqlalchemy.orm import aliased, joinedload, raiseload, selectinload

from {package}.models import Customer, Line, Order, Product, Rush, Tag


"""


def seed(session: Session, models: Any) -> None:
    couriers = [models.Courier(name=f"c{i}") for i in range(3)]
    customers = [models.Customer(name=f"n{i}") for i in range(4)]
    products = [models.Product(name=f"p{i}") for i in range(5)]
    products[0].parts = products[1:3]
    tags = [models.Tag(name=f"t{i}") for i in range(3)]
    for i in range(8):
        make = models.Rush if i % 3 == 0 else models.Order
        order = make(note=f"o{i}", customer=customers[i % 4] if i else None)
        if i % 3 == 0:
            order.courier = couriers[i % 2]
        order.lines = [
            models.Line(price=k + i % 3, product=products[(i + k) % 5]) for k in range(i % 4)
        ]
        order.tags = [tags[k] for k in range(i % 3)]
        session.add(order)
    session.commit()


class Shop:
    """A package before and after, over one seeded file of SQLite."""

    def __init__(self, folder: Path, code: str) -> None:
        self.folder = folder
        self.url = folder / "shop.sqlite3"
        texts = {"models.py": MODELS, "service.py": HEAD + textwrap.dedent(code).strip() + "\n"}
        self._write("old", {"__init__.py": "", **texts}, "old")
        self._write("bare", convert(folder / "old", package="bare").texts)

    def _write(self, package: str, files: dict[str, str], name: str = "") -> None:
        (self.folder / package).mkdir()
        for path, text in files.items():
            filled = text.replace("{package}", name) if name else text
            (self.folder / package / path).write_text(filled)
        importlib.invalidate_caches()

    def record(self) -> Any:
        """What `run(session)` gives on the sync driver, while it is recorded."""
        models = importlib.import_module("old.models")
        service = importlib.import_module("old.service")
        engine = sa.create_engine(f"sqlite:///{self.url}")
        models.Base.metadata.create_all(engine)
        with Session(engine) as session:
            seed(session, models)
        file = self.folder / "trace.json"
        with Session(engine) as session, recording(file, root=self.folder):
            result = service.run(session)
        engine.dispose()
        return result

    def convert(self) -> Conversion:
        trace = read_trace(self.folder / "trace.json")
        conversion = convert(self.folder / "old", package="new", trace=trace)
        self._write("new", conversion.texts)
        return conversion

    def run(self, package: str) -> tuple[Any, int]:
        """What the converted package gives on the async driver, and its statements."""

        async def main() -> tuple[Any, int]:
            engine = create_async_engine(f"sqlite+aiosqlite:///{self.url}")
            count = 0

            def counting(*_: object) -> None:
                nonlocal count
                count += 1

            event.listen(engine.sync_engine, "before_cursor_execute", counting)
            async with AsyncSession(engine) as session:
                result = await importlib.import_module(f"{package}.service").run(session)
            await engine.dispose()
            return result, count

        return asyncio.run(main())


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield lambda code: Shop(tmp_path, code)
    for name in [n for n in sys.modules if n.partition(".")[0] in ("old", "bare", "new")]:
        del sys.modules[name]


PLACED = {
    "collections": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [[line.price for line in order.lines] for order in found]
        """,
        "select(Order).order_by(Order.id).options(selectinload(Order.lines))",
    ),
    "the result of a loop over the query": (
        """
        def run(session):
            return [[t.name for t in o.tags] for o in session.query(Order).order_by(Order.id)]
        """,
        ".options(selectinload(Order.tags))",
    ),
    "one branch behind another": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [[line.product.name for line in order.lines] for order in found]
        """,
        ".options(selectinload(Order.lines).selectinload(Line.product))",
    ),
    "single rows join what they lead to": (
        """
        def run(session):
            order = session.query(Order).get(2)
            return order.customer.name
        """,
        "session.get(Order, 2, options=[joinedload(Order.customer)])",
    ),
    "a query that is refined on some ways": (
        """
        def find(session, note):
            query = session.query(Order)
            if note:
                query = query.filter(Order.note == note)
            return [(o.customer.name if o.customer else "") for o in query.order_by(Order.id)]

        def run(session):
            return find(session, ""), find(session, "o3")
        """,
        "query.order_by(Order.id).options(selectinload(Order.customer))",
    ),
    "what the query loads already is led on": (
        """
        def run(session):
            found = session.query(Order).options(joinedload(Order.lines)).order_by(Order.id).all()
            return [[line.product.name for line in order.lines] for order in found]
        """,
        ".options(defaultload(Order.lines).selectinload(Line.product))",
    ),
    "queries of several classes at one place": (
        """
        def listed(session, query):
            return query.all()

        def run(session):
            orders = listed(session, session.query(Order).order_by(Order.id))
            products = listed(session, session.query(Product).order_by(Product.id))
            tags = listed(session, session.query(Tag).order_by(Tag.id))
            return [[len(o.lines) for o in orders], [len(p.parts) for p in products], len(tags)]
        """,
        "options_for(query, {Order: [selectinload(Order.lines)], Product: [selectinload(Product.parts)]})",
    ),
    "limits and slices": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id.desc())[:5]
            return [len(o.lines) for o in found]
        """,
        ".options(selectinload(Order.lines)).slice(None, 5)",
    ),
    "a self-referential collection": (
        """
        def run(session):
            found = session.query(Product).order_by(Product.id).all()
            return [[p.name for p in product.parts] for product in found]
        """,
        ".options(selectinload(Product.parts))",
    ),
    "a base's relationship, by its subclass": (
        """
        def run(session):
            found = session.query(Rush).order_by(Rush.id).all()
            return [(len(r.lines), r.courier.name) for r in found]
        """,
        ".options(selectinload(Rush.lines)",
    ),
    "other classes are written": (
        """
        def run(session):
            session.add(Tag(name="new"))
            session.flush()
            return [len(o.lines) for o in session.query(Order).order_by(Order.id).all()]
        """,
        ".options(selectinload(Order.lines))",
    ),
}


@pytest.mark.parametrize("name", PLACED)
def test_an_option_is_placed_and_saves_statements(name: str, make: Any) -> None:
    code, expected = PLACED[name]
    shop = make(code)
    legacy = shop.record()
    conversion = shop.convert()
    assert expected in conversion.texts["service.py"], conversion.findings
    with_options, fewer = shop.run("new")
    without, more = shop.run("bare")
    assert legacy == with_options == without
    assert fewer < more


KEPT = {
    "written in between": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            session.add(Line(order_id=found[0].id, price=9))
            return [sorted(line.price for line in order.lines) for order in found]
        """,
        "Line may be written in between",
    ),
    "written by a function that is called": (
        """
        def touch(order):
            order.note = "seen"

        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            for order in found:
                touch(order)
            return [len(order.lines) for order in found]
        """,
        "Order may be written in between",
    ),
    "written by whoever calls": (
        """
        def orders(session):
            return session.query(Order).order_by(Order.id).all()

        def run(session):
            found = orders(session)
            session.query(Line).delete()
            return [len(order.lines) for order in found]
        """,
        "Line may be written in between",
    ),
    "written with SQL": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            session.execute(text("DELETE FROM line WHERE order_id > 3"))
            return [len(order.lines) for order in found]
        """,
        "text() in run may write anything",
    ),
    "an attribute of any name": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            for name in ["note"]:
                for order in list(found):
                    setattr(order, name, "seen")
            return [len(order.lines) for order in found]
        """,
        "may be written in between",
    ),
    "objects leave for code that is not here": (
        """
        def orders(session):
            found = session.query(Order).order_by(Order.id).all()
            [o.lines for o in found]
            return found

        def run(session):
            return len([o.id for o in session.query(Order).order_by(Order.id).all()])

        def entry(session):
            return orders(session)
        """,
        "",
    ),
    "a dynamic relationship": (
        """
        def run(session):
            found = session.query(Customer).order_by(Customer.id).all()
            return [customer.recent.count() for customer in found]
        """,
        'it is lazy="dynamic"',
    ),
    "a condition of its own": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [len(order.cheap) for order in found]
        """,
        "it has a condition of its own",
    ),
    "an order that is the database's": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [sorted(tag.name for tag in order.labels) for order in found]
        """,
        "its order is the database's",
    ),
    "a subclass's relationship": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [o.courier.name for o in found if isinstance(o, Rush)]
        """,
        "courier is no relationship of Order",
    ),
    "raiseload": (
        """
        def run(session):
            found = session.query(Order).options(raiseload(Order.tags)).order_by(Order.id).all()
            return [len(order.lines) for order in found]
        """,
        "or parts of them",
    ),
    "several entities": (
        """
        def run(session):
            found = session.query(Order, Order.id).order_by(Order.id).all()
            return [len(order.lines) for order, _ in found]
        """,
        "more than the objects of one class",
    ),
    "an alias": (
        """
        def run(session):
            other = aliased(Order)
            return [len(order.lines) for order in session.query(other).order_by(other.id).all()]
        """,
        "the query is over an alias",
    ),
    "a lock": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).with_for_update().all()
            return [len(order.lines) for order in found]
        """,
        "the query uses with_for_update",
    ),
    "code that could see the difference": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [(len(order.lines), "tags" in order.__dict__) for order in found]
        """,
        "run uses __dict__",
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_could_change_a_result_stays_lazy(name: str, make: Any) -> None:
    code, reason = KEPT[name]
    shop = make(code)
    legacy = shop.record()
    conversion = shop.convert()
    assert "load(" not in conversion.texts["service.py"].partition("def ")[2].replace(
        "raiseload(", ""
    )
    assert reason in " ".join(f.message for f in conversion.findings if f.code == "MIG602")
    assert shop.run("new")[0] == legacy


def test_a_single_load_asks_for_nothing(make: Any) -> None:
    shop = make(
        """
        def run(session):
            return len(session.query(Order).get(3).lines)
        """
    )
    shop.record()
    conversion = shop.convert()
    assert "load" not in conversion.texts["service.py"].partition("def ")[2]
    assert conversion.findings == []


def test_stale_evidence_is_reported_and_left_out(make: Any) -> None:
    shop = make(PLACED["collections"][0])
    shop.record()
    service = shop.folder / "old" / "service.py"
    service.write_text("# a line more\n" + service.read_text())
    conversion = shop.convert()
    assert "selectinload" not in conversion.texts["service.py"].partition("def ")[2]
    [finding] = [f for f in conversion.findings if f.code == "MIG601"]
    assert (finding.path, finding.severity) == ("service.py", "info")
    assert "has changed since" in finding.message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (before, after)
        for (kind, before), (_, after) in zip(
            blocks(PAGES / "load_options.md"), blocks(PAGES / "load_options.md")[1:], strict=False
        )
        if kind == "traced"
    ],
)
def test_the_page_shows_what_is_placed(before: str, after: str, make: Any) -> None:
    shop = make(before)
    shop.record()
    assert after.strip() in shop.convert().texts["service.py"]
