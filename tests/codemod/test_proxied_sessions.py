"""Sessions behind a proxy, on the application, on a function: native, and both sides answer alike."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.alike import HEAD, Alike
from tests.codemod.parity import FRAMES, Make, all_native, asked

_PROXIES = """
from flask import current_app, g
from werkzeug.local import LocalProxy
from PKG.models import db

session = LocalProxy(lambda: current_app.db.session)
extension = LocalProxy(lambda: current_app.db)

def of_request():
    if "session" not in g:
        g.session = db.session
    return g.session

own = LocalProxy(of_request)
"""
_PROXIED = (
    HEAD
    + """
from PKG.proxies import extension, own, session

def setup(app):
    app.db = db

@bp.get("/rows")
def rows():
    return jsonify([o.number for o in session.query(Order).order_by(Order.id).all()])

@bp.get("/written")
def written():
    session.add(Order(number="x", amount=3))
    session.commit()
    own.add(Order(number="y"))
    own.flush()
    return jsonify(session.query(Order).filter(Order.number == "x").count(), own.query(Order).count())

@bp.get("/extension")
def of_the_extension():
    found = extension.session.query(Order).filter(Order.customer_id.isnot(None)).order_by(Order.id)
    return jsonify([o.customer.name for o in found], current_app.db.session.query(Order).count())

@bp.get("/sorted")
def in_a_key():
    found = session.query(Order).all()
    found = sorted(found, key=lambda o: (session.query(Order).filter_by(amount=o.amount).count(), -o.id))
    return jsonify([o.number for o in found])
"""
)


def test_proxies_of_sessions_and_of_the_extension(alike: Alike) -> None:
    sides = alike(_PROXIED, ["/rows", "/written", "/extension", "/sorted"], proxies=_PROXIES)
    all_native(sides)


_SOMETHING_ELSE = (
    HEAD
    + """
from werkzeug.local import LocalProxy

class Recorded:
    def query(self, *entities):
        return db.session.query(*entities).filter(Order.amount > 10)

def chosen():
    return Recorded() if request.args.get("recorded") else db.session

either = LocalProxy(chosen)

@bp.get("/either")
def rows():
    return jsonify([o.number for o in either.query(Order).order_by(Order.id).all()])
"""
)


def test_a_proxy_that_may_be_something_else(alike: Alike) -> None:
    alike(_SOMETHING_ELSE, ["/either", "/either?recorded=1"])


_ON_OBJECTS = (
    HEAD
    + """
def setup(app):
    app.reader = Reader()
    app.counted = counted
    app.found = Reader() if app.debug else Writer()
    app.name_of = FakeReader() if app.debug else "shop"

def counted():
    return Order.query.count()

class Reader:
    def rows(self):
        return [o.number for o in Order.query.order_by(Order.id)]

class Writer:
    def rows(self):
        db.session.add(Order(number="w"))
        db.session.commit()
        return [c.name for c in Customer.query.order_by(Customer.id)]

class FakeReader:
    def upper(self):
        return "NONE"

def session_of():
    if getattr(session_of, "kept", None) is None:
        session_of.kept = db.session
    return session_of.kept

@bp.get("/application")
def on_the_application():
    reader = current_app.reader
    return jsonify(
        reader.rows(), current_app.counted(), current_app.found.rows(), current_app.name_of.upper(),
        sorted([1, 2], key=lambda n: -n * current_app.counted()),
    )

@bp.get("/function")
def on_a_function():
    session_of.last = "x"
    found = [o.number for o in session_of().query(Order)]
    return jsonify(found, session_of.kept.query(Order).count(), session_of.last)
"""
)


def test_what_hangs_on_the_application_and_on_functions(alike: Alike) -> None:
    all_native(alike(_ON_OBJECTS, ["/application", "/function"]))


_OWN_CLASS = {
    "__init__.py": """
        import os
        from flask import Flask
        from {name}.models import Base, Item, engine, make_registry

        class Shop(Flask):
            def __init__(self):
                super().__init__(__name__)
                self.db_session = make_registry()
                from {name}.views import Counter, bp
                self.register_blueprint(bp)
                self.counter = Counter(2)

            @property
            def registry(self):
                return self.db_session

            def total(self):
                return self.db_session.query(Item).count()

        def create_app():
            app = Shop()

            @app.teardown_appcontext
            def remove(error=None):
                app.db_session.remove()

            return app

        def fresh():
            Base.metadata.drop_all(engine)
            Base.metadata.create_all(engine)
            session = make_registry()
            session.add_all([Item(name="ann"), Item(name="bob")])
            session.commit()
            session.remove()
            engine.dispose()
    """,
    "models.py": """
        import os
        from sqlalchemy import Column, Integer, String, create_engine
        from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker

        Base = declarative_base()
        place = os.path.join(os.path.dirname(os.path.dirname(__file__)), "proxied.db")
        engine = create_engine("sqlite:///" + place)

        class Item(Base):
            __tablename__ = "items"
            id = Column(Integer, primary_key=True)
            name = Column(String(30))

        def make_registry():
            return scoped_session(sessionmaker(bind=engine))
    """,
    "views.py": """
        from flask import Blueprint, current_app, g, jsonify
        from werkzeug.local import LocalProxy
        from {name}.models import Item

        bp = Blueprint("items", __name__)
        session = LocalProxy(lambda: current_app.db_session)
        registry = LocalProxy(lambda: current_app.registry)

        class Counter:
            def __init__(self, factor):
                self.factor = factor

            def count(self):
                return session.query(Item).count() * self.factor

        @bp.get("/items")
        def items():
            found = session.query(Item).order_by(Item.id).all()
            return jsonify([i.name for i in found], registry.query(Item).count(), current_app.total())

        @bp.post("/items/<name>")
        def add(name):
            session.add(Item(name=name))
            registry.commit()
            return jsonify(current_app.counter.count())
    """,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_applications_of_a_class_of_ones_own(make_sides: Make, frame: FrameChoice) -> None:
    sides = make_sides(f"proxied_{frame}", _OWN_CLASS, frame)
    all_native(sides)
    asked(sides, [("GET", "/items"), ("POST", "/items/cy"), ("GET", "/items")])


_LOADING = (
    HEAD
    + """
from werkzeug.local import LocalProxy

def newest():
    return Order.query.order_by(Order.id.desc()).first()

def label():
    return "shop"

loads = LocalProxy(newest)
by_a_lambda = LocalProxy(lambda: newest())
itself = LocalProxy(lambda: Order.query.count())
plain = LocalProxy(label)
session = LocalProxy(lambda: db.session)

@bp.get("/shown")
def shown():
    return jsonify(loads.number, by_a_lambda.amount, itself + 1, plain.upper(), session.query(Order).count())
"""
)


def test_proxies_that_reach_the_database_are_told(alike: Alike) -> None:
    sides = alike(_LOADING, ["/shown"])
    told = [f for f in outcome_of(sides.conversion).notes if f.code == "MIG129"]
    assert [found.message.partition(" runs ")[2].partition(",")[0] for found in told] == [
        "newest", "newest", "Order.query.count"
    ]  # fmt: skip
    assert {found.severity for found in told} == {"info"}
