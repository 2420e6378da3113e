"""An application's own `db`, which makes its registry late: `Model.query` is on that registry's session."""

from __future__ import annotations

import importlib

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

#: The facades: what each has before and after `init`.
FACADES = {
    "a property makes it": """
        Base = declarative_base()

        class Database:
            Model = Base
            _session = None

            def init(self, url):
                self.url = url
                Base.query = self.session.query_property()

            @property
            def session(self):
                if self._session is None:
                    self._session = scoped_session(sessionmaker(bind=create_engine(self.url)))
                return self._session
    """,
    "init makes it": """
        class Database:
            def __init__(self):
                self.Model = declarative_base()
                self._registry = None

            def init(self, url):
                self._registry = scoped_session(sessionmaker(bind=create_engine(url)))
                self.Model.query = self._registry.query_property()

            @property
            def session(self):
                return self._registry
    """,
    "it is made first and bound later": """
        class Database:
            def __init__(self):
                self.maker = sessionmaker()
                self.session = scoped_session(self.maker)
                self.Model = declarative_base()
                self.Model.query = self.session.query_property()

            def init(self, url):
                self.maker.configure(bind=create_engine(url))
    """,
    "it passes everything on": """
        class Database:
            def __init__(self):
                self.Model = declarative_base()
                self._registry = scoped_session(sessionmaker())
                self.Model.query = self._registry.query_property()

            def init(self, url):
                self._registry.configure(bind=create_engine(url))

            @property
            def session(self):
                return self

            def __getattr__(self, name):
                return getattr(self._registry, name)
    """,
    "there are two": """
        Base = declarative_base()
        other = scoped_session(sessionmaker())

        class Other(Base):
            __abstract__ = True
            query = None

        class Database:
            Model = Base

            def init(self, url):
                self.session = scoped_session(sessionmaker(bind=create_engine(url)))
                other.configure(bind=create_engine(url))
                Base.query = self.session.query_property()
                Other.query = other.query_property()
    """,
}
FILES = {
    "models.py": """
        from sqlalchemy import Column, ForeignKey, Integer, String
        from sqlalchemy.orm import relationship
        from {name}.database import db

        class Customer(db.Model):
            __tablename__ = "customers"
            id = Column(Integer, primary_key=True)
            name = Column(String(20))
            orders = relationship("Order", backref="customer", order_by="Order.id")

            @classmethod
            def named(cls, name):
                return cls.query.filter_by(name=name)

        class Order(db.Model):
            __tablename__ = "orders"
            id = Column(Integer, primary_key=True)
            amount = Column(Integer)
            customer_id = Column(ForeignKey("customers.id"))
    """,
    "queries.py": """
        def big(query, least):
            return [o.amount for o in query.filter_by(amount=least)]

        def last(query):
            return query.order_by(None).first()
    """,
    "__init__.py": """
        import os
        from flask import Flask, jsonify
        from {name} import models
        from {name}.database import db
        from {name}.models import Customer
        from {name}.queries import big, last

        place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __package__ + ".db")

        def create_app():
            app = Flask(__name__)
            db.init("sqlite:///" + place)
            db.Model.metadata.create_all(db.session.get_bind())
            db.session.remove()

            @app.teardown_appcontext
            def remove(error=None):
                db.session.remove()

            @app.route("/add/<name>")
            def add(name):
                customer = Customer(name=name, orders=[models.Order(amount=n) for n in (1, 2)])
                db.session.add(customer)
                pending = Customer.query.count()
                db.session.commit()
                return jsonify(pending, Customer.named(name).one().id)

            @app.route("/show/<name>")
            def show(name):
                found = Customer.named(name)
                orders = models.Order.query.join(Customer).filter(Customer.name == name)
                if name == "bob":
                    found = found.filter(Customer.id > 0)
                return jsonify(
                    found.count(), found.first().name, [o.amount for o in orders],
                    [o.customer.name for o in models.Order.query.order_by(models.Order.id)],
                    big(models.Order.query, 2), last(Customer.query.filter_by(name=name)).id,
                    Customer.query.get(1).name, Customer.query.filter_by(name="zoe").first(),
                    Customer.query.session.query(models.Order).count(),
                    db.session.query(models.Order).filter_by(amount=2).count(),
                )

            @app.route("/rename/<name>")
            def rename(name):
                Customer.named(name).update(dict(name=name.upper()))
                seen = [c.name for c in Customer.query.order_by(Customer.id).all()]
                db.session.rollback()
                models.Order.query.filter_by(amount=1).delete()
                db.session.commit()
                return jsonify(seen, models.Order.query.count(), Customer.query[0].name)

            return app
    """,
}
_HEAD = """
        from sqlalchemy import create_engine
        from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker
"""


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("facade", FACADES)
def test_they_answer_alike(make_sides: Make, frame: FrameChoice, facade: str) -> None:
    database = f"{_HEAD}{FACADES[facade]}\n        db = Database()\n"
    name = f"facade{[*FACADES].index(facade)}_{frame}"
    sides = make_sides(name, {**FILES, "database.py": database}, frame)
    assert not sides.conversion.findings
    requests: list[Request] = [
        ("GET", path)
        for path in ("/add/ann", "/add/bob", "/show/ann", "/show/bob", "/rename/ann", "/show/bob")
    ]
    app = importlib.import_module(sides.legacy).create_app()
    expected = list(sides.answers(app, requests))
    assert [answer[2] for answer in expected] == [200] * len(requests), expected
    (sides.root / f"{sides.target}.db").unlink(missing_ok=True)
    with sides.converted() as target:
        for before, after in zip(expected, sides.answers(target.app, requests), strict=True):
            assert after == before, f"{before}\n{after}\n{sides.conversion.texts['__init__.py']}"
    totals = outcome_of(sides.conversion).totals
    # What a session is asked through `__getattr__` is a query of nobody knows what: seen all the same.
    through = facade == "it passes everything on"
    assert (totals.seen - totals.native > 0) is through
