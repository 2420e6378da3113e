"""Decorators that take their function from `*args`, to be written with arguments or without."""

from __future__ import annotations

import pytest

from migrator.surface import FrameChoice
from tests.codemod.alike import HEAD, Alike
from tests.codemod.parity import FRAMES, Make, all_native, asked

FILES = {
    "__init__.py": """
        from flask import Flask
        from {name}.models import fresh
        from {name}.views import bp

        def create_app():
            app = Flask(__name__)
            app.register_blueprint(bp)
            return app
    """,
    "models.py": """
        import os, functools
        from sqlalchemy import Column, ForeignKey, Integer, String, create_engine
        from sqlalchemy.orm import declarative_base, relationship, sessionmaker
        from sqlalchemy.orm import Session as Base_

        Base = declarative_base()

        class Shop(Base):
            __tablename__ = "shop"
            id = Column(Integer, primary_key=True)
            name = Column(String(20))
            sales = relationship("Sale", backref="shop")

        class Sale(Base):
            __tablename__ = "sale"
            id = Column(Integer, primary_key=True)
            name = Column(String(20))
            shop_id = Column(ForeignKey("shop.id"))

        class ContextSession(Base_):
            def __enter__(self):
                return super().__enter__()
            def __exit__(self, exc_type, exc_val, exc_tb):
                try:
                    if exc_type is None:
                        self.commit()
                    else:
                        self.rollback()
                finally:
                    super().__exit__(exc_type, exc_val, exc_tb)

        PATH = os.path.join(os.path.dirname(os.path.dirname(__file__)), "shop.db")
        engine = create_engine("sqlite:///" + PATH)
        Session = sessionmaker(class_=ContextSession, bind=engine)

        def with_session(*args, **kwargs):
            def decorator(func):
                def wrapper(*args, **kwargs):
                    if kwargs.get('session'):
                        return func(*args, **kwargs)
                    with _Session() as session:
                        kwargs['session'] = session
                        return func(*args, **kwargs)
                return wrapper
            if len(args) == 1 and not kwargs and callable(args[0]):
                _Session = functools.partial(Session, expire_on_commit=False)
                return decorator(args[0])
            _Session = functools.partial(Session, *args, **kwargs)
            return decorator

        def fresh():
            Base.metadata.drop_all(engine)
            Base.metadata.create_all(engine)
            with Session() as session:
                session.add(Shop(name="a"))
    """,
    "views.py": """
        from flask import Blueprint, jsonify
        from {name}.models import Shop, Sale, Session, with_session

        bp = Blueprint("b", __name__)

        @with_session
        def add(name, session=None):
            sale = Sale(name=name, shop=session.query(Shop).first())
            session.add(sale)
            return sale

        @with_session(autoflush=False)
        def names(session=None):
            return [(s.name, s.shop.name) for s in session.query(Sale).order_by(Sale.id)]

        @bp.route("/add/<name>")
        def view(name):
            sale = add(name)
            return jsonify(sale.name, sale.id)

        @bp.route("/both/<name>")
        def both(name):
            with Session() as session:
                add(name, session=session)
                add(name + "2", session=session)
                if name == "bad":
                    raise ValueError("x")
            return jsonify(names())

        @bp.route("/names")
        def show():
            with Session() as session:
                return jsonify(names(), names(session=session), len(session.query(Shop).first().sales))

        @bp.errorhandler(ValueError)
        def wrong(e):
            return jsonify(str(e)), 400
    """,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_a_session_of_the_class_that_a_partial_makes(make_sides: Make, frame: FrameChoice) -> None:
    sides = make_sides(f"partial_{frame}", FILES, frame)
    all_native(sides)
    paths = ["/add/x", "/names", "/both/y", "/both/bad", "/names"]
    asked(sides, [("GET", path) for path in paths])


OPTIONAL = """
def optional(decorator):
    def wrapped(*args):
        if len(args) == 1 and callable(args[0]):
            return decorator(args[0])
        def real(function):
            return decorator(function, *args)
        return real
    return wrapped

@optional
def counted(function, name=None):
    @wraps(function)
    def wrapper(*args, **kwargs):
        found = function(*args, **kwargs)
        return [name or function.__name__, found, Order.query.count()]
    return wrapper

def committed(*args, **options):
    def decorator(function):
        @wraps(function)
        def wrapper(*given, **named):
            found = function(*given, **named)
            if options.get("commit", True):
                db.session.commit()
            return found
        return wrapper
    return decorator(args[0]) if args else decorator

@counted
def first():
    return Order.query.order_by(Order.id).first().number

@counted("other")
def second(least):
    return [o.customer.name for o in Order.query.filter(Order.amount > least)]

@committed
def rename(name):
    Customer.query.first().name = name
    return Customer.query.first().name

@committed(commit=False)
def add(number):
    db.session.add(Order(number=number))
    return Order.query.count()

@bp.route("/counted")
def counts():
    return jsonify(first(), second(20))

@bp.route("/committed")
def commits():
    found = rename("zoe"), add("N9")
    db.session.rollback()
    return jsonify(found, [c.name for c in Customer.query.order_by(Customer.id)], Order.query.count())
"""


def test_decorators_with_arguments_or_without(alike: Alike) -> None:
    alike(HEAD + OPTIONAL, ["/counted", "/committed", "/counted"])
