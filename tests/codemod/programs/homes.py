"""Where the sessions of a program come from, and the application around the programs of one kind."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.codemod.programs.text import Module

#: What an application's models are, in the words of Flask-SQLAlchemy.
_MODELS = """
tagged = db.Table(
    "tagged",
    db.Column("order_id", db.ForeignKey("order.id"), primary_key=True),
    db.Column("tag_id", db.ForeignKey("tag.id"), primary_key=True),
)


class Named:
    def called(self):
        return f"<{self.name}>"

    def kind_and_name(self):
        return [type(self).__name__, self.called()]


class Customer(Named, db.Model):
    __tablename__ = "customer"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
    level = db.Column(db.Integer)
    orders = db.relationship("Order", back_populates="customer", order_by="Order.id")
    visits = db.relationship("Visit", backref="customer", order_by="Visit.id", lazy="dynamic")

    def total(self):
        return sum(order.amount for order in self.orders)

    @property
    def sizes(self):
        return {order.number: len(order.lines) for order in self.orders}

    @property
    def last(self):
        return self.orders[-1]

    def __str__(self):
        return f"{self.name}:{len(self.orders)}"

    def dumped(self, deep=False):
        found = {"id": self.id, "name": self.name}
        if deep:
            found["orders"] = [order.dumped() for order in self.orders]
        return found


class Order(db.Model):
    __tablename__ = "order"
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20), unique=True, nullable=False)
    amount = db.Column(db.Integer)
    status = db.Column(db.String(10), default="new")
    note = deferred(db.Column(db.Text))
    customer_id = db.Column(db.ForeignKey("customer.id"))
    customer = db.relationship("Customer", back_populates="orders")
    lines = db.relationship("Line", backref="order", order_by="Line.id", cascade="all, delete-orphan")
    tags = db.relationship("Tag", secondary=tagged, backref="orders", order_by="Tag.id")

    @hybrid_property
    def big(self):
        return self.amount > 25

    @property
    def label(self):
        return f"{self.number}/{self.customer.name}"

    @property
    def name(self):
        return self.number

    def called(self):
        return self.label

    def count_of_lines(self):
        return len(self.lines) + sum(line.qty for line in self.lines)

    def dumped(self):
        return {"number": self.number, "tags": [tag.name for tag in self.tags]}

    def __lt__(self, other):
        return (self.customer.name, self.id) < (other.customer.name, other.id)


class Line(db.Model):
    __tablename__ = "line"
    id = db.Column(db.Integer, primary_key=True)
    sku = db.Column(db.String(20))
    qty = db.Column(db.Integer)
    order_id = db.Column(db.ForeignKey("order.id"))

    def called(self):
        return f"{self.sku} of {self.order.label}"

    def __iter__(self):
        yield self.sku
        yield self.order.customer.name


class Tag(Named, db.Model):
    __tablename__ = "tag"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))


class Visit(db.Model):
    __tablename__ = "visit"
    id = db.Column(db.Integer, primary_key=True)
    kind = db.Column(db.String(10))
    place = db.Column(db.String(20))
    customer_id = db.Column(db.ForeignKey("customer.id"))
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "visit"}

    def called(self):
        return f"{self.place} {self.customer.name}"


class Call(Visit):
    __tablename__ = "call"
    id = db.Column(db.ForeignKey("visit.id"), primary_key=True)
    phone = db.Column(db.String(20))
    __mapper_args__ = {"polymorphic_identity": "call"}

    def called(self):
        return super().called() + self.phone


class Stock(db.Model):
    __tablename__ = "stock"
    id = db.Column(db.Integer, primary_key=True)
    left = db.Column(db.Integer)
    version = db.Column(db.Integer, nullable=False)
    __mapper_args__ = {"version_id_col": version}
"""

SEED = """
INSERT INTO customer VALUES (1, 'ann', 3), (2, 'bob', 1), (3, 'cy', 2);
INSERT INTO "order" VALUES (1, 'N1', 50, 'new', 'n1', 1), (2, 'N2', 40, 'paid', 'n2', 2), (3, 'N3', 30, 'new', 'n3', 1),
    (4, 'N4', 20, 'paid', NULL, 2), (5, 'N5', 10, 'new', 'n5', 3);
INSERT INTO line VALUES (1, 'a', 1, 1), (2, 'b', 2, 1), (3, 'c', 3, 2), (4, 'd', 4, 3), (5, 'e', 5, 4), (6, 'f', 6, 5);
INSERT INTO tag VALUES (1, 'red'), (2, 'blue');
INSERT INTO tagged VALUES (1, 1), (1, 2), (2, 1), (3, 2), (4, 1), (5, 2);
INSERT INTO visit VALUES (1, 'visit', 'rome', 1), (2, 'call', 'oslo', 1), (3, 'visit', 'bonn', 2), (4, 'call', 'kiev', 3);
INSERT INTO call VALUES (2, '22'), (4, '44');
INSERT INTO stock VALUES (1, 10, 1), (2, 20, 1);
"""

_APP = """
import os
from flask import Flask
IMPORTS

def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "programs"
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["PROGRAMS_DATABASE"]
    setup(app)
    REGISTER

    @app.errorhandler(Exception)
    def failed(error):
        if isinstance(error, HTTPException):
            return str(error.code), error.code
        app.config["RAISED"] = error
        return type(error).__name__, 599

    return app
"""

#: Tasks, run where they are sent.
_JOBS = """
from celery import Celery

celery = Celery(__name__, broker="memory://", backend="cache+memory://", set_as_current=False)
celery.conf.task_always_eager = True
"""

_EXTENSION = """
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import deferred

db = SQLAlchemy()


def setup(app):
    db.init_app(app)


def create(app):
    with app.app_context():
        db.create_all()


def dispose(app):
    with app.app_context():
        db.engine.dispose()
"""

_OWN = """
import os
from flask import g
from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, create_engine
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import declarative_base, deferred, relationship, scoped_session, sessionmaker

engine = create_engine(os.environ["PROGRAMS_DATABASE"])
Base = declarative_base()
"""

_REGISTRY = """
Session = scoped_session(sessionmaker(bind=engine))
Base.query = Session.query_property()


def setup(app):
    @app.teardown_appcontext
    def ended(error=None):
        Session.remove()


def create(app):
    Base.metadata.create_all(engine)


def dispose(app):
    engine.dispose()
"""

_FACTORY = """
Session = sessionmaker(bind=engine)


def setup(app):
    @app.before_request
    def begun():
        g.session = Session()

    @app.teardown_request
    def ended(error=None):
        session = g.pop("session", None)
        if session is not None:
            session.close()


def create(app):
    Base.metadata.create_all(engine)


def dispose(app):
    engine.dispose()
"""


@dataclass(frozen=True)
class Home:
    """A kind of application: the module of its models, and the sessions that any function of it can name."""

    models: str
    #: How a session is said: the words, and the import that they need.
    sessions: tuple[tuple[str, str], ...]
    #: Whether models have `query`.
    queried: bool


def _plain(models: str) -> str:
    """The same models without the extension."""
    models = models.replace("db.Model", "Base").replace(
        '"tagged",', '"tagged",\n    Base.metadata,', 1
    )
    return models.replace("db.", "")


_GETTERS = """

def current_session():
    return WHAT


def given_session(session=None):
    if session is None:
        session = current_session()
    return session


proxied = LocalProxy(current_session)
"""
_PROXY = "from werkzeug.local import LocalProxy\n"


def _getters(what: str) -> str:
    return _GETTERS.replace("WHAT", what)


_NAMED = (
    ("current_session()", "from PKG.models import current_session"),
    ("given_session()", "from PKG.models import given_session"),
    ("proxied", "from PKG.models import proxied"),
)
HOMES = {
    "extension": Home(
        _PROXY + _EXTENSION + _getters("db.session") + _MODELS,
        (
            *[("db.session", "from PKG.models import db")] * 4,
            ("models.db.session", "from PKG import models"),
            ("session_", "from PKG.models import db\nsession_ = db.session"),
            ("db.session()", "from PKG.models import db"),
            *_NAMED,
        ),
        True,
    ),
    "registry": Home(
        _PROXY + _OWN + _REGISTRY + _getters("Session()") + _plain(_MODELS),
        (
            *[("Session", "from PKG.models import Session")] * 4,
            ("Session()", "from PKG.models import Session"),
            *_NAMED,
        ),
        True,
    ),
    "factory": Home(
        _PROXY + _OWN + _FACTORY + _getters("g.session") + _plain(_MODELS),
        (*[("g.session", "from flask import g")] * 3, *_NAMED),
        False,
    ),
}


def application(flavour: str, names: list[str]) -> dict[str, str]:
    """The application's own modules; `names` are those of views."""
    imports = "\n".join(
        ["from werkzeug.exceptions import HTTPException", "from .models import setup"]
        + [f"from . import {name}" for name in names]
    )
    register = "\n    ".join(f"app.register_blueprint({name}.bp)" for name in names)
    init = _APP.replace("IMPORTS", imports).replace("REGISTER", register)
    return {"__init__.py": init, "models.py": HOMES[flavour].models, "jobs.py": _JOBS}


def session_of(flavour: str, module: Module, rng: random.Random) -> str:
    """How a function of the module says the session that it takes from nowhere else."""
    words, needed = rng.choice(HOMES[flavour].sessions)
    module.imports[needed] = None
    return words
