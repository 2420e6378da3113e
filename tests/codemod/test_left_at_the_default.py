"""A parameter that every caller leaves at its default is that, in an application without an extension as well."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike
from tests.codemod.parity import Make, all_native, asked

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
        import os
        from sqlalchemy import Column, ForeignKey, Integer, String, create_engine
        from sqlalchemy.orm import declarative_base, relationship, sessionmaker

        Base = declarative_base()

        class Shop(Base):
            __tablename__ = "shop"
            id = Column(Integer, primary_key=True)
            name = Column(String(20))

        class Sale(Base):
            __tablename__ = "sale"
            id = Column(Integer, primary_key=True)
            name = Column(String(20))
            shop_id = Column(ForeignKey("shop.id"))
            shop = relationship(Shop, backref="sales")

        class Database:
            def __init__(self, url, **options):
                self.engine = create_engine(url, **options)
                self.make = sessionmaker(bind=self.engine)

            def session(self):
                return self.make()

        PATH = os.path.join(os.path.dirname(os.path.dirname(__file__)), "shop.db")
        KEPT = {{}}

        def kept(key, constructor, **given):
            if key not in KEPT:
                KEPT[key] = constructor(**given)
            return KEPT[key]

        def get_database() -> Database:
            return kept("main", Database, url="sqlite:///" + PATH)

        def fresh():
            engine = create_engine("sqlite:///" + PATH)
            Base.metadata.drop_all(engine)
            Base.metadata.create_all(engine)
            with sessionmaker(bind=engine)() as session:
                shop = Shop(name="one")
                session.add_all([Sale(name="a", shop=shop), Sale(name="b")])
                session.commit()
            engine.dispose()
    """,
    "views.py": """
        from flask import Blueprint, jsonify
        from {name}.models import Database, Sale, Shop, get_database

        bp = Blueprint("b", __name__)

        class Sales:
            def __init__(self, database=None, *, model=None):
                if not database:
                    database = get_database()
                self.database = database
                self.model = model or Sale

            def all(self):
                with self.database.session() as session:
                    found = session.query(Sale).order_by(Sale.id).all()
                    return [(s.name, s.shop and s.shop.name) for s in found]

            def add(self, name):
                with self.database.session() as session:
                    session.add(Sale(name=name, shop=session.query(Shop).first()))
                    session.commit()

        @bp.route("/sales")
        def sales():
            return jsonify(Sales().all())

        @bp.route("/sales/<name>", methods=["POST"])
        def add(name):
            Sales().add(name)
            return jsonify(Sales(model=Sale).all())
    """,
}


def test_a_service_makes_what_nobody_gives_it(make_sides: Make) -> None:
    sides = make_sides("left", FILES)
    all_native(sides)
    asked(sides, [("GET", "/sales"), ("POST", "/sales/c"), ("GET", "/sales")])


ONE_OR_ALL = """
from flask import Blueprint, jsonify
from PKG.models import Order, db

bp = Blueprint("shop", __name__)

class Base(db.Model):
    __abstract__ = True

    @classmethod
    def get(cls, one=True, **given):
        query = cls.query.filter_by(**given)
        return query.first() if one else query.all()

    def update(self, **values):
        for name, value in values.items():
            setattr(self, name, value)
        db.session.commit()

    def extend(self, by=0):
        self.number += str(by)

class Note(Base):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))

@bp.get("/note")
def note():
    db.create_all()
    db.session.add(Note(number="N1"))
    found = Note.get(number="N1")
    found.update(number="N7")
    found.extend(by=3)
    db.session.commit()
    return jsonify(found.number, [n.number for n in Note.get(one=False)])
"""


def test_what_may_be_a_list_has_methods_of_its_own(alike: Alike) -> None:
    assert not outcome_of(alike(ONE_OR_ALL, ["/note"]).conversion).findings
