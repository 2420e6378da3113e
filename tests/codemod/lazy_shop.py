"""A small package whose objects load lazily, before and after the codemod, over real rows."""

from __future__ import annotations

import asyncio
import importlib
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from migrator.codemod.convert import Conversion, convert
from migrator.eager.place import Eager
from migrator.runtime.trace import recording
from migrator.trace.read import read_trace

MODELS = """
from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import backref, declarative_base, deferred, relationship

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

    @property
    def label(self):
        return self.product.name if self.product else ""


class Product(Base):
    __tablename__ = "product"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    text = deferred(Column(String(50)))
    size = deferred(Column(Integer), group="shape")
    weight = deferred(Column(Integer), group="shape")
    parent_id = Column(ForeignKey("product.id"))
    parts = relationship("Product", backref=backref("parent", remote_side=[id]))


class Tag(Base):
    __tablename__ = "tag"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
"""
HEAD = """
from sqlalchemy import func, select, text
from sqlalchemy.orm import aliased, joinedload, raiseload, selectinload

from {package}.models import Customer, Line, Order, Product, Rush, Tag


"""
#: The SQLite files with the rows of a package, by its models and the code of its own rows.
_SEEDED: dict[str, bytes] = {}


def seed(session: Session, models: Any) -> None:
    couriers = [models.Courier(name=f"c{i}") for i in range(3)]
    customers = [models.Customer(name=f"n{i}") for i in range(4)]
    products = [
        models.Product(name=f"p{i}", text=f"text {i}", size=i, weight=i + 1) for i in range(5)
    ]
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
    """A package before and after, over one seeded database.

    `models` are more of them, and `rows` the code that adds rows of these to a `session`.
    """

    def __init__(
        self, folder: Path, code: str, url: str = "", models: str = "", rows: str = ""
    ) -> None:
        self.folder = folder
        self.rows = textwrap.dedent(rows)
        self.url = sa.make_url(url or f"sqlite:///{folder / 'shop.sqlite3'}")
        mapped = MODELS + textwrap.dedent(models)
        texts = {"models.py": mapped, "service.py": HEAD + textwrap.dedent(code).strip() + "\n"}
        self._write("old", {"__init__.py": "", **texts}, "old")

    def _write(self, package: str, files: dict[str, str], name: str = "") -> None:
        (self.folder / package).mkdir()
        for path, text in files.items():
            filled = text.replace("{package}", name) if name else text
            (self.folder / package / path).write_text(filled)
        importlib.invalidate_caches()

    def seeded(self) -> sa.Engine:
        """The sync engine of the database, with its rows."""
        models = importlib.import_module("old.models")
        name = {"postgresql": "postgresql+psycopg2"}.get(self.url.get_backend_name(), "sqlite")
        engine = sa.create_engine(self.url.set(drivername=name))
        key = (self.folder / "old" / "models.py").read_text() + self.rows
        file = Path(self.url.database or "")
        if name == "sqlite" and key in _SEEDED:
            file.write_bytes(_SEEDED[key])
            return engine
        models.Base.metadata.create_all(engine)
        with Session(engine) as session:
            seed(session, models)
            exec(self.rows, {**vars(models), "session": session})
            session.commit()
        if name == "sqlite":
            _SEEDED[key] = file.read_bytes()
        return engine

    def record(self) -> Any:
        """What `run(session)` gives on the sync driver, while it is recorded."""
        engine = self.seeded()
        service = importlib.import_module("old.service")
        with Session(engine) as session, recording(self.folder / "trace.json", root=self.folder):
            result = service.run(session)
        engine.dispose()
        return result

    def legacy(self) -> tuple[Any, int]:
        """What `run(session)` gives on the sync driver, and its statements."""
        engine = self.seeded()
        service = importlib.import_module("old.service")
        with Session(engine) as session, counted(engine) as statements:
            result = service.run(session)
        engine.dispose()
        return result, len(statements)

    def convert(self, eager: Eager = "trace") -> Conversion:
        """The package that the codemod makes of it; by the recorded evidence, if there is any."""
        file = self.folder / "trace.json"
        trace = read_trace(file) if file.exists() else None
        conversion = convert(self.folder / "old", package="new", trace=trace, eager=eager)
        self._write("new", conversion.texts)
        return conversion

    def without_options(self) -> tuple[Any, int]:
        """What the package gives where no option is placed, and its statements."""
        self._write("bare", convert(self.folder / "old", package="bare", eager="never").texts)
        return self.run("bare")

    def compare(self) -> tuple[Conversion, int]:
        """Both sides give the same; the conversion, and how many statements fewer it sends."""
        legacy, statements = self.legacy()
        conversion = self.convert("static")
        converted, fewer = self.run("new")
        assert converted == legacy, (legacy, converted)
        return conversion, statements - fewer

    def run(self, package: str) -> tuple[Any, int]:
        """What the converted package gives on the async driver, and its statements."""
        driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}

        async def main() -> tuple[Any, int]:
            name = driver[self.url.get_backend_name()]
            engine = create_async_engine(self.url.set(drivername=name))
            async with AsyncSession(engine) as session:
                with counted(engine.sync_engine) as statements:
                    result = await importlib.import_module(f"{package}.service").run(session)
            await engine.dispose()
            return result, len(statements)

        return asyncio.run(main())


@contextmanager
def counted(engine: sa.Engine) -> Iterator[list[str]]:
    """The statements that an engine runs meanwhile."""
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """The packages below a folder can be imported, and are forgotten afterwards."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in [n for n in sys.modules if n.partition(".")[0] in ("old", "bare", "new")]:
            del sys.modules[name]
