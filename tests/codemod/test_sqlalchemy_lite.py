"""Flask-SQLAlchemy-Lite: plain declarative models, several engines and several sessions a request."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from migrator.surface import FrameChoice
from tests.codemod import lite
from tests.codemod.parity import FRAMES, Make, Request, Sides, all_native, asked

INIT = """
from flask import Flask
from {name} import views
from {name}.extensions import db
from {name}.models import Base, Entry, Old, Order, Line

def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_ENGINES"] = {{
        "default": "sqlite:///PLACE/shop.db",
        "archive": {{"url": "sqlite:///PLACE/shop_archive.db"}},
    }}
    db.init_app(app)
    app.register_blueprint(views.bp)
    return app

def fresh():
    for engine in db.engines.values():
        Base.metadata.drop_all(engine)
        Base.metadata.create_all(engine)
    for number in ("a", "b"):
        db.session.add(Order(number=number, lines=[Line(name=number * n) for n in (1, 2)]))
    db.session.add(Old(name="old"))
    db.session.commit()
    for engine in db.engines.values():
        engine.dispose()
"""
EXTENSIONS = """
from flask_sqlalchemy_lite import SQLAlchemy
from {name}.base import Base, Archived

db = SQLAlchemy(engine_options={{"echo": False}}, session_options={{"binds": {{Archived: "archive"}}}})
"""
BASE = """
from sqlalchemy.orm import DeclarativeBase

class Base(DeclarativeBase):
    pass

class Archived(Base):
    __abstract__ = True
"""
MODELS = """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship
from {name}.base import Archived, Base

class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    lines: Mapped[list["Line"]] = relationship(order_by="Line.id", back_populates="order")

class Line(Base):
    __tablename__ = "lines"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    order: Mapped[Order] = relationship(back_populates="lines")

class Entry(Base):
    __tablename__ = "entries"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]

class Old(Archived):
    __tablename__ = "old"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
"""
HEAD = """
from flask import Blueprint, abort, jsonify, request
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from {name}.extensions import db
from {name}.models import Entry, Line, Old, Order

bp = Blueprint("b", __name__)

class Orders:
    def __init__(self, db):
        self._db = db

    def add(self, number):
        order = Order(number=number, lines=[Line(name="new")])
        self._db.session.add(order)
        self._db.session.flush()
        return order

orders = Orders(db)

def find(number):
    return db.session.scalar(select(Order).where(Order.number == number))
"""
#: The views by their paths: all of them are native.
VIEWS = """
@bp.get("/orders")
def listed():
    found = db.session.scalars(select(Order).order_by(Order.id)).all()
    return jsonify([[o.number, [line.name for line in o.lines]] for o in found])

@bp.post("/orders/<number>")
def add(number):
    order = orders.add(number)
    db.session.commit()
    return jsonify(order.id, order.number, [line.name for line in order.lines])

@bp.post("/lost/<number>")
def lost(number):
    return jsonify(orders.add(number).id, db.session.scalar(select(func.count(Order.id))))

@bp.get("/orders/<int:id>")
def one(id):
    return db.get_or_abort(Order, id, code=410).lines[0].name

@bp.get("/named/<number>")
def named(number):
    order = db.one_or_abort(select(Order).where(Order.number == number))
    row = db.one_or_abort(select(Order.id, Order.number).where(Order.id == order.id), scalar=False)
    return jsonify(order.lines[1].name, list(row))

@bp.post("/audited/<number>")
def audited(number):
    audit = db.get_session("audit")
    audit.add(Entry(text=number))
    audit.commit()
    db.get_session("audit").add(Entry(text="lost"))
    orders.add(number)
    db.session.rollback()
    return jsonify(
        db.session.scalars(select(Entry.text)).all(),
        db.get_session() is db.session,
        audit is db.get_session("audit"),
        find(number) is None,
    )

@bp.get("/old")
def old():
    return jsonify([o.name for o in db.session.scalars(select(Old))], isinstance(db.session, Session))

@bp.get("/queried")
def queried():
    return jsonify(db.session.query(Order).filter_by(number="a").one().lines[0].name)
"""
#: What has no native form runs in the bridge.
BRIDGED = """
@bp.get("/engines")
def engines():
    with db.engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM orders")).scalar()
    with db.get_engine("archive").connect() as connection:
        names = connection.execute(text("SELECT name FROM old")).scalars().all()
    return jsonify(count, list(names), sorted(db.engines))

@bp.post("/made")
def made():
    with db.sessionmaker() as session:
        session.add(Entry(text="made"))
        session.commit()
    with db.sessionmaker.begin() as session:
        session.add(Entry(text="begun"))
    return jsonify(db.session.scalars(select(Entry.text).order_by(Entry.id)).all())
"""
REQUESTS: list[Request] = [
    ("GET", "/orders"),
    ("POST", "/orders/c"),
    ("POST", "/lost/d"),
    ("GET", "/orders"),
    ("GET", "/orders/1"),
    ("GET", "/orders/77"),
    ("GET", "/named/b"),
    ("GET", "/named/zz"),
    ("POST", "/audited/e"),
    ("POST", "/audited/f"),
    ("GET", "/old"),
    ("GET", "/queried"),
    ("GET", "/orders"),
]
Lite: TypeAlias = Callable[[str], Sides]


@pytest.fixture(params=FRAMES)
def lite_sides(
    request: pytest.FixtureRequest, make_sides: Make, tmp_path: object
) -> Iterator[Lite]:
    frame: FrameChoice = request.param

    def make(views: str) -> Sides:
        files = {
            "__init__.py": INIT,
            "extensions.py": EXTENSIONS,
            "base.py": BASE,
            "models.py": MODELS,
            "views.py": HEAD + views,
        }
        place = str(tmp_path)
        sides = make_sides("lite", {p: t.replace("PLACE", place) for p, t in files.items()}, frame)
        if not lite.INSTALLED:
            (sides.root / "flask_sqlalchemy_lite.py").write_text(lite.TEXT, encoding="utf-8")
        return sides

    yield make
    if not lite.INSTALLED:
        sys.modules.pop("flask_sqlalchemy_lite", None)


def test_sessions_and_models(lite_sides: Lite) -> None:
    sides = lite_sides(VIEWS)
    all_native(sides)
    asked(sides, REQUESTS)


def test_engines_and_sessions_of_ones_own(lite_sides: Lite) -> None:
    asked(lite_sides(VIEWS + BRIDGED), [*REQUESTS, ("GET", "/engines"), ("POST", "/made")])
