"""`lazy="dynamic"` without Flask-SQLAlchemy: its queries run on the session that the object is of."""

from __future__ import annotations

import importlib

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

FILES = {
    "database.py": """
        import os
        from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, create_engine
        from sqlalchemy.orm import backref, declarative_base, relationship, scoped_session, sessionmaker

        place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __package__ + ".db")
        engine = create_engine("sqlite:///" + place)
        maker = sessionmaker(bind=engine)
        db_session = scoped_session(maker)
        Apart = sessionmaker(bind=engine, autoflush=False)
        Base = declarative_base()

        class Customer(Base):
            __tablename__ = "customers"
            id = Column(Integer, primary_key=True)
            name = Column(String(20))
            orders = relationship(
                "Order", lazy="dynamic", order_by="Order.id", back_populates="customer"
            )

            def big(self, least=2):
                return self.orders.filter(Order.amount >= least)

            @property
            def last(self):
                return self.orders.order_by(None).order_by(Order.id.desc()).first()

        tagged = Table(
            "tagged", Base.metadata,
            Column("order_id", ForeignKey("orders.id")), Column("tag_id", ForeignKey("tags.id")),
        )

        class Order(Base):
            __tablename__ = "orders"
            id = Column(Integer, primary_key=True)
            amount = Column(Integer)
            customer_id = Column(ForeignKey("customers.id"))
            customer = relationship("Customer", back_populates="orders")
            tags = relationship(
                "Tag", secondary=tagged, lazy="dynamic", backref=backref("orders", lazy="dynamic")
            )

        class Tag(Base):
            __tablename__ = "tags"
            id = Column(Integer, primary_key=True)
            name = Column(String(20))

        def init_db():
            Base.metadata.create_all(engine)
            Base.query = db_session.query_property()
    """,
    "__init__.py": """
        from flask import Flask, jsonify
        from {name} import database
        from {name}.database import Apart, Customer, Order, Tag, db_session

        def numbers(orders):
            return [o.amount for o in orders]

        def total(query):
            return query.count(), sum(o.amount for o in query)

        def create_app():
            app = Flask(__name__)
            database.init_db()

            @app.teardown_appcontext
            def remove(error=None):
                db_session.remove()

            @app.route("/add/<name>")
            def add(name):
                red = Tag.query.filter_by(name="red").first() or Tag(name="red")
                customer = Customer(name=name)
                db_session.add(customer)
                for n in range(5):
                    order = Order(amount=n)
                    customer.orders.append(order)
                    order.tags.append(red)
                pending = customer.orders.count(), [o.amount for o in customer.orders]
                db_session.commit()
                return jsonify(pending, customer.orders.count())

            @app.route("/read/<name>")
            def read(name):
                customer = Customer.query.filter_by(name=name).one()
                orders = customer.orders
                refined = orders.filter(Order.amount > 1)
                return jsonify(
                    all=numbers(customer.orders.all()),
                    looped=[o.amount for o in customer.orders],
                    kept=[o.amount for o in refined],
                    count=customer.orders.count(),
                    refined=refined.count(),
                    first=customer.orders.first().amount,
                    none=customer.orders.filter_by(amount=99).first(),
                    one=customer.orders.filter_by(amount=3).one().amount,
                    maybe=customer.orders.filter_by(amount=99).one_or_none(),
                    limited=numbers(customer.orders.order_by(None).order_by(Order.amount.desc()).limit(2).all()),
                    counted=customer.orders.limit(2).count(),
                    columns=[list(row) for row in customer.orders.with_entities(Order.amount, Order.id).all()],
                    one_column=[row.amount for row in customer.orders.with_entities(Order.amount)],
                    joined=numbers(customer.orders.join(Order.tags).filter(Tag.name == "red").all()),
                    tags=[[t.name for t in o.tags] for o in customer.orders],
                    back=Tag.query.filter_by(name="red").one().orders.count(),
                    total=total(customer.orders),
                    totals=total(customer.big()),
                    big=numbers(customer.big(3).all()),
                    last=customer.last.amount,
                    listed=len(list(customer.orders)),
                )

            @app.route("/apart/<name>")
            def apart(name):
                with Apart() as session:
                    # What another session has not committed is seen by that one alone.
                    customer = session.query(Customer).filter_by(name=name).one()
                    mine = Customer.query.filter_by(name=name).one()
                    customer.orders.append(Order(amount=50))
                    unseen = customer.orders.count()
                    session.flush()
                    found = [[c.orders.count(), c.last.amount, numbers(c.orders)] for c in (customer, mine)]
                    session.rollback()
                    return jsonify(unseen, found)

            @app.route("/write/<name>")
            def write(name):
                customer = Customer.query.filter_by(name=name).one()
                for order in customer.big(3):
                    customer.orders.remove(order)
                    db_session.delete(order)
                customer.orders.append(Order(amount=7))
                seen = numbers(customer.orders)
                db_session.commit()
                return jsonify(seen, numbers(customer.orders.all()), customer.orders.count())

            @app.route("/new")
            def new():
                made = [Customer(name="n")]
                made[0].orders.append(Order(amount=9))
                found = numbers(made[0].orders), made[0].orders.count()
                db_session.add(made[0])
                with_it = numbers(made[0].orders)
                db_session.rollback()
                return jsonify(found, with_it)

            @app.route("/part/<name>")
            def part(name):
                customer = Customer.query.filter_by(name=name).one()
                return jsonify(numbers(customer.orders[1:3]), customer.orders[0].amount)

            return app
    """,
}
#: What has no native form where the session is not known: slices.
BRIDGED = {"create_app.part"}


@pytest.mark.parametrize("frame", FRAMES)
def test_they_answer_alike(make_sides: Make, frame: FrameChoice) -> None:
    sides = make_sides(f"ownersof_{frame}", FILES, frame)
    assert not sides.conversion.findings
    requests: list[Request] = [
        ("GET", path)
        for path in (
            *("/add/ann", "/add/bob", "/read/ann", "/read/bob", "/apart/bob", "/new", "/part/ann"),
            *("/write/ann", "/part/bob", "/read/bob"),
        )
    ]
    legacy = importlib.import_module(sides.legacy)
    app = legacy.create_app()
    expected = list(sides.answers(app, requests))
    assert [answer[2] for answer in expected] == [200] * len(requests), expected
    importlib.import_module(f"{sides.legacy}.database").engine.dispose()
    with sides.converted() as target:
        for before, after in zip(expected, sides.answers(target.app, requests), strict=True):
            assert after == before, f"{before}\n{after}\n{sides.conversion.texts['__init__.py']}"
    importlib.import_module(f"{sides.target}.database").engine.dispose()
    outcome = outcome_of(sides.conversion)
    assert {b.symbol for b in outcome.bridged} <= BRIDGED, [
        (b.symbol, b.line, b.message) for b in outcome.bridged
    ]
