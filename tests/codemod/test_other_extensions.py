"""Alchemical and sqlalchemy-helpers: sessions of theirs, models on their bases, helpers that ask."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from migrator.errors import UsageError
from migrator.surface import names
from tests.codemod import other_extensions
from tests.codemod.parity import Make, Request, Sides, all_native, asked

Shop: TypeAlias = Callable[[dict[str, str]], Sides]


@pytest.fixture
def alchemical(make_sides: Make, tmp_path: object) -> Iterator[Shop]:
    yield _made(make_sides, tmp_path, "alchemical")
    other_extensions.forget("alchemical", "migrator.runtime.asyncflask.alchemical")


@pytest.fixture
def helpers(make_sides: Make, tmp_path: object) -> Iterator[Shop]:
    yield _made(make_sides, tmp_path, "sqlalchemy_helpers")
    other_extensions.forget("sqlalchemy_helpers", "migrator.runtime.asyncflask.helpers")


def _made(make_sides: Make, tmp_path: object, distribution: str) -> Shop:
    def make(files: dict[str, str]) -> Sides:
        place = str(tmp_path)
        filled = {path: text.replace("PLACE", place) for path, text in files.items()}
        sides = make_sides("shop", filled)
        other_extensions.put(distribution, sides.root)
        return sides

    return make


def all_there(module: str) -> None:
    """What the table of names says that a module of ours has, it has."""
    found = {name for home, name in names._SQLALCHEMY.values() if home == module}
    assert found == set(importlib.import_module(module).__all__)


ALCHEMICAL = {
    "__init__.py": """
from flask import Flask
from {name} import views
from {name}.extensions import db
from {name}.models import Line, Old, Order

def create_app():
    app = Flask(__name__)
    app.config["ALCHEMICAL_DATABASE_URL"] = "sqlite:///PLACE/shop.db"
    app.config["ALCHEMICAL_BINDS"] = {{"archive": "sqlite:///PLACE/archive.db"}}
    app.config["ALCHEMICAL_AUTOCOMMIT"] = True
    db.init_app(app)
    app.register_blueprint(views.bp)
    return app

def fresh():
    db.drop_all()
    db.create_all()
    with db.begin() as session:
        for number in ("a", "b"):
            session.add(Order(number=number, lines=[Line(name=number * n) for n in (1, 2)]))
        session.add(Old(name="old"))
""",
    "extensions.py": """
from alchemical.flask import Alchemical

db = Alchemical(session_options={{"autoflush": True}})
""",
    "models.py": """
from alchemical import Model
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship
from {name}.extensions import db

class Named:
    @classmethod
    def named(cls, name):
        return db.session.scalar(cls.select().filter_by(name=name))

class Order(Model):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    lines: Mapped[list["Line"]] = relationship(order_by="Line.id", back_populates="order")

class Line(Named, db.Model):
    __tablename__ = "lines"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    order: Mapped[Order] = relationship(back_populates="lines")

class Old(Model):
    __tablename__ = "old"
    __bind_key__ = "archive"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
""",
    "views.py": """
from flask import Blueprint, abort, jsonify
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from {name}.extensions import db
from {name}.models import Line, Old, Order

bp = Blueprint("b", __name__)

@bp.get("/orders")
def listed():
    found = db.session.scalars(Order.select().order_by(Order.id)).all()
    return jsonify([[o.number, [line.name for line in o.lines]] for o in found])

@bp.post("/orders/<number>")
def add(number):
    order = Order(number=number, lines=[Line(name="new")])
    db.session.add(order)
    return jsonify(db.session.scalar(select(func.count(Order.id))), order.id)

@bp.post("/kept/<number>")
def kept(number):
    with db.begin() as session:
        order = session.scalars(Order.select().where(Order.number == number)).one()
        order.lines.append(Line(name="kept"))
    with db.Session() as session:
        session.execute(Order.update().where(Order.number == number).values(number=number * 2))
        session.execute(Line.delete().where(Line.name == "new"))
        session.commit()
    return jsonify([o.number for o in db.session.scalars(Order.select())])

@bp.post("/twice/<number>")
def twice(number):
    try:
        with db.begin() as session:
            session.add(Order(number=number))
    except IntegrityError:
        return jsonify("there", Line.named("aa").order.number), 409
    return jsonify("made")

@bp.get("/orders/<int:id>")
def one(id):
    order = db.session.get(Order, id) or abort(404)
    return order.lines[0].name

@bp.get("/old")
def old():
    return jsonify([o.name for o in db.session.scalars(Old.select())])
""",
}
OF_ALCHEMICAL: list[Request] = [
    ("GET", "/orders"),
    ("POST", "/orders/c"),
    ("GET", "/orders"),
    ("POST", "/twice/a"),
    ("POST", "/twice/d"),
    ("POST", "/kept/c"),
    ("GET", "/orders/1"),
    ("GET", "/orders/77"),
    ("GET", "/old"),
    ("GET", "/orders"),
]


def test_alchemical(alchemical: Shop) -> None:
    sides = alchemical(ALCHEMICAL)
    all_native(sides)
    asked(sides, OF_ALCHEMICAL)
    all_there(names.ALCHEMICAL)


def test_a_base_of_the_application_s_own(alchemical: Shop) -> None:
    base = """
from alchemical.flask import Alchemical
from sqlalchemy.orm import DeclarativeBase

class Base(DeclarativeBase):
    pass

db = Alchemical(model_class=Base, session_options={{"autoflush": True}})
"""
    models = ALCHEMICAL["models.py"].replace("(Model)", "(db.Model)")
    asked(alchemical({**ALCHEMICAL, "extensions.py": base, "models.py": models}), OF_ALCHEMICAL)


HELPERS = {
    "__init__.py": """
from flask import Flask
from {name} import views
from {name}.extensions import db
from {name}.models import Base, Line, Order

def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///PLACE/shop.db"
    db.init_app(app)
    app.register_blueprint(views.bp)
    return app

def fresh():
    Base.metadata.drop_all(db.manager.engine)
    Base.metadata.create_all(db.manager.engine)
    for number in ("a", "b"):
        db.session.add(Order(number=number, lines=[Line(name=number * n) for n in (1, 2)]))
    db.session.commit()
""",
    "extensions.py": """
from sqlalchemy_helpers.flask_ext import DatabaseExtension
from {name}.base import Base

db = DatabaseExtension(base_model=Base)
""",
    "base.py": """
from sqlalchemy_helpers import get_base

Base = get_base()
""",
    "models.py": """
from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import relationship
from {name}.base import Base

class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    number = Column(String, unique=True)
    note = Column(String)
    lines = relationship("Line", order_by="Line.id", back_populates="order")

    @classmethod
    def numbered(cls, session, number):
        return session.query(cls).filter_by(number=number).first()

class Line(Base):
    __tablename__ = "lines"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    order_id = Column(ForeignKey("orders.id"))
    order = relationship("Order", back_populates="lines")
""",
    "views.py": """
from flask import Blueprint, jsonify
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy_helpers import get_or_create
from sqlalchemy_helpers.flask_ext import first_or_404, get_or_404
from sqlalchemy_helpers.manager import get_one
from {name}.extensions import db
from {name}.models import Line, Order

bp = Blueprint("b", __name__)

@bp.get("/orders")
def listed():
    found = db.session.scalars(select(Order).order_by(Order.id)).all()
    return jsonify([[o.number, o.note, [line.name for line in o.lines]] for o in found])

@bp.post("/lost/<number>")
def lost(number):
    db.session.add(Order(number=number))
    db.session.flush()
    return jsonify(Order.numbered(db.session, number).id)

@bp.post("/orders/<number>")
def add(number):
    order, is_new = Order.get_or_create(number=number)
    line, other = get_or_create(db.session, Line, name="first", order_id=order.id)
    changed, _ = Order.update_or_create(number="a", defaults={{"note": number}})
    db.session.commit()
    return jsonify(is_new, other, line.order.number, changed.note, [x.name for x in order.lines])

@bp.post("/strange")
def strange():
    db.session.add(Line(name="x", order_id=99))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return jsonify(Order.get_by_pk(1).lines[1].name), 409
    return "no foreign keys"

@bp.get("/orders/<int:id>")
def one(id):
    return jsonify(get_or_404(Order, id).lines[0].name)

@bp.get("/named/<number>")
def named(number):
    order = first_or_404(select(Order).where(Order.number == number))
    try:
        return jsonify(order.lines[0].name, get_one(db.session, Line, name=number).name)
    except NoResultFound:
        return jsonify("none")

@bp.get("/one/<number>")
def of_class(number):
    with db.manager.Session() as session:
        known = [o.number for o in session.scalars(select(Order).order_by(Order.id))]
    return jsonify(known, Order.get_one(number=number).lines[0].name)
""",
}
OF_HELPERS: list[Request] = [
    ("GET", "/orders"),
    ("POST", "/lost/d"),
    ("POST", "/orders/c"),
    ("POST", "/orders/c"),
    ("POST", "/strange"),
    ("GET", "/orders/1"),
    ("GET", "/orders/77"),
    ("GET", "/named/a"),
    ("GET", "/named/c"),
    ("GET", "/named/zz"),
    ("GET", "/one/b"),
    ("GET", "/orders"),
]


def test_a_model_with_a_get_by_pk_of_its_own(helpers: Shop) -> None:
    models = """
    @classmethod
    def get_by_pk(cls, pk):
        return db.session.scalars(select(cls).where(cls.id == int(pk) + 1)).first()
"""
    imports = "from sqlalchemy import select\nfrom {name}.extensions import db\n"
    views = """
@bp.get("/again/<number>")
def again(number):
    line, is_new = update_or_create(db.session, Line, defaults={{"name": "x"}}, name=number)
    found = get_by_pk(line.id, session=db.session, model=Line)
    return jsonify(is_new, found.name, found.order is None)

@bp.get("/next/<int:id>")
def after(id):
    line = Line.get_by_pk(1, session=db.session)
    return jsonify(get_or_404(Order, id).number, line.order.number, Line.get_one(model=Order, id=2).number)
"""
    views = "from sqlalchemy_helpers.manager import get_by_pk, update_or_create\n" + views
    files = {
        **HELPERS,
        "models.py": imports
        + HELPERS["models.py"].replace("    @classmethod", models + "\n    @classmethod"),
        "views.py": HELPERS["views.py"] + views,
    }
    sides = helpers(files)
    asked(
        sides,
        [
            ("GET", "/next/1"),
            ("GET", "/next/2"),
            ("GET", "/again/a"),
            ("GET", "/again/q"),
            ("GET", "/orders/1"),
        ],
    )


def test_sqlalchemy_helpers(helpers: Shop) -> None:
    sides = helpers(HELPERS)
    all_native(sides)
    asked(sides, OF_HELPERS)
    all_there(names.HELPERS)


def test_a_base_that_is_made(helpers: Shop) -> None:
    """As version 1 makes one."""
    sides = helpers(HELPERS)
    manager = sides.root / "sqlalchemy_helpers/manager.py"
    if not manager.exists():
        pytest.skip("another version is installed")
    made = "from sqlalchemy.orm import declarative_base\n    return declarative_base()"
    manager.write_text(manager.read_text().replace("return Base", made))
    asked(sides, OF_HELPERS)


def test_what_makes_tables_runs_in_the_bridge(helpers: Shop) -> None:
    views = """
@bp.get("/revision")
def revision():
    return jsonify(db.manager.get_current_revision(), db.session.query(Order).count())
"""
    sides = helpers({**HELPERS, "views.py": HELPERS["views.py"] + views})
    asked(sides, [("GET", "/revision")])


def test_they_are_flasks(make_sides: Make) -> None:
    with pytest.raises(UsageError, match="Alchemical keeps its sessions"):
        make_sides("shop", ALCHEMICAL, "fastapi")
