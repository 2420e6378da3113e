"""Flask's documented pattern without an extension: a scoped session and its `query_property()`."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

FILES = {
    "database.py": """
        import os
        from sqlalchemy import Column, ForeignKey, Integer, String, create_engine
        from sqlalchemy.orm import declarative_base, relationship, scoped_session, sessionmaker

        place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __package__ + ".db")
        engine = create_engine("sqlite:///" + place)
        db_session = scoped_session(sessionmaker(bind=engine))
        Apart = sessionmaker(bind=engine)
        Base = declarative_base()
        Base.query = db_session.query_property()

        class Customer(Base):
            __tablename__ = "customers"
            id = Column(Integer, primary_key=True)
            name = Column(String(20))
            orders = relationship("Order", backref="customer", order_by="Order.id")
            notes = relationship("Note", lazy="dynamic")

            @classmethod
            def named(cls, name):
                return cls.query.filter_by(name=name).one()

        class Order(Base):
            __tablename__ = "orders"
            id = Column(Integer, primary_key=True)
            amount = Column(Integer)
            customer_id = Column(ForeignKey("customers.id"))

            def others(self):
                return self.query.filter(Order.id != self.id).count()

        class Note(Base):
            __tablename__ = "notes"
            id = Column(Integer, primary_key=True)
            customer_id = Column(ForeignKey("customers.id"))

        class Shelf:
            @property
            def session(self):
                return db_session

            def sizes(self):
                found = self.session.query(Order).filter(Order.amount > 1)
                return found.count(), self.session.query(Customer).count()
    """,
    "__init__.py": """
        from flask import Flask, jsonify
        from {name}.database import Apart, Base, Customer, Note, Order, Shelf, db_session, engine

        def create_app():
            app = Flask(__name__)
            Base.metadata.create_all(engine)

            @app.teardown_appcontext
            def remove(error=None):
                db_session.remove()

            @app.route("/add/<name>")
            def add(name):
                db_session.add(Customer(name=name, orders=[Order(amount=n) for n in (1, 2)]))
                db_session.commit()
                return str(Customer.query.count())

            @app.route("/show/<name>")
            def show(name):
                customer = Customer.named(name)
                rows = [(o.amount, o.others(), o.customer.name) for o in customer.orders]
                return jsonify(rows, [c.name for c in Customer.query.order_by(Customer.id)])

            @app.route("/apart/<name>")
            def apart(name):
                with Apart() as session:
                    # What another session has not committed is seen by that one alone.
                    customer = session.query(Customer).filter_by(name=name).one()
                    customer.notes.append(Note())
                    session.flush()
                    return str(customer.notes.count())

            @app.route("/sizes")
            def sizes():
                first = Shelf().session.query(Order).order_by(Order.id).first()
                return jsonify(Shelf().sizes(), first.customer.name)

            return app
    """,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_the_pattern_answers_alike(make_sides: Make, frame: FrameChoice) -> None:
    sides = make_sides(f"registry_{frame}", FILES, frame)
    assert not sides.conversion.findings
    requests: list[Request] = [
        ("GET", path)
        for path in ("/add/ann", "/add/bob", "/show/bob", "/show/ann", "/apart/ann", "/sizes")
    ]
    legacy = importlib.import_module(sides.legacy)
    app = legacy.create_app()
    expected = list(sides.answers(app, requests))
    assert [answer[2] for answer in expected] == [200] * 6
    legacy.engine.dispose()
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
    importlib.import_module(f"{sides.target}.database").engine.dispose()
