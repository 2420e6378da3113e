"""`Order.query` that is a column, a method or a descriptor of the repository's own, and sessions whose class does more."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

HEAD = """
from flask import Blueprint, jsonify
from sqlalchemy import select
from PKG.models import *
bp = Blueprint("b", __name__)
"""
#: Members of that name, in the bodies of the classes.
IN_THE_BODY = """
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.hybrid import hybrid_property

db = SQLAlchemy()

class Search(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    query = db.Column(db.String(50))

class Saved(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(20))

    @hybrid_property
    def query(self):
        return self.text

class Log(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    saved_id = db.Column(db.ForeignKey("saved.id"))
    query = db.relationship(Saved)

class Typed(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column("query", db.String(20))

    @classmethod
    def query(cls, *more):
        return db.session.query(cls, *more)

class Fixed(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(20))

    @staticmethod
    def query():
        return db.session.query(Fixed).filter(Fixed.text > "x0")

def seed():
    for n in range(4):
        saved = Saved(text=f"t{n}")
        rows = [Search(query=f"q{n}"), Log(query=saved), Typed(text=f"x{n}"), Fixed(text=f"x{n}")]
        db.session.add_all([saved, *rows])
    db.session.commit()
"""
ASKING_MEMBERS = """
@bp.get("/column")
def column():
    found = db.session.query(Search).filter(Search.query.like("q%"), Search.query != "q2")
    col = Search.query
    texts = db.session.query(col).filter(col.isnot(None)).order_by(col)
    return jsonify([s.query for s in found.order_by(Search.query.desc())], [t for (t,) in texts])

@bp.get("/by-name")
def by_name():
    return jsonify(db.session.query(Search).filter_by(query="q1").first().query.upper())

@bp.get("/hybrid")
def hybrid():
    found = db.session.query(Saved).filter(Saved.query.in_(["t1", "t2"]))
    return jsonify([s.query for s in found.order_by(Saved.query)])

@bp.get("/relationship")
def relationship():
    found = db.session.query(Log).join(Log.query).options(db.joinedload(Log.query))
    return jsonify([log.query.query for log in found.filter(Saved.text > "t0").order_by(Log.id)])

@bp.get("/methods")
def methods():
    found = [t.text for t in Typed.query().filter(Typed.text > "x1").order_by(Typed.id)]
    pairs = [(t.text, n) for t, n in Typed.query(Typed.id).order_by(Typed.id)]
    return jsonify(found, pairs, Typed.query().count(), Fixed.query().count())
"""
#: What gives each class a `query` that knows only some of the rows.
FROM_OUTSIDE = """
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.model import DefaultMeta
from sqlalchemy.orm import declared_attr

db = SQLAlchemy()

class Living:
    def __get__(self, obj, cls):
        return db.session.query(cls).filter(cls.amount > 0)

class classproperty:
    def __init__(self, f):
        self.f = f

    def __get__(self, obj, cls):
        return self.f(cls)

class LivingMeta(DefaultMeta):
    @property
    def query(cls):
        return db.session.query(cls).filter(cls.amount > 0)

class Mixin:
    @declared_attr
    def query(cls):
        return Living()

class Active:
    @classproperty
    def query(cls):
        return db.session.query(cls).filter(cls.amount > 0)

class Below(db.Model):
    __abstract__ = True

    def counted(self):
        return self.query.count()

def living(cls):
    cls.query = Living()
    return cls

DECORATOR
class Order(BASES):
    BODY
    id = db.Column(db.Integer, primary_key=True)
    amount = db.Column(db.Integer)

    def mine(self):
        return self.query.count()

AFTER

class Other(db.Model):
    id = db.Column(db.Integer, primary_key=True)

def seed():
    for n in range(4):
        db.session.add(Order(amount=n))
    db.session.commit()
"""
ASKING_ORDERS = """
@bp.get("/all")
def every():
    return jsonify([o.amount for o in Order.query.order_by(Order.id)], Order.query.count())

@bp.get("/one")
def one():
    found = Order.query.filter_by(amount=0).first()
    return jsonify(found is None, [o.amount for o in Order.query.all()], Other.query.count())

@bp.get("/object")
def of_an_object():
    order = db.session.get(Order, 1)
    counted = order.counted() if isinstance(order, Below) else order.mine()
    return jsonify(order.query.count(), [o.amount for o in Order().query.all()], counted)
"""
#: A mixin, a base and a mapped class ask for the `query` of classes below, some of which have another one.
BELOW = """
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.query import Query
db = SQLAlchemy()
LIVING
class CRUD:
    @classmethod
    def every(cls): return cls.query.order_by(cls.id).all()
    @classmethod
    def number(cls): return cls.query.count()
    def same(self): return type(self).query.filter_by(amount=self.amount).count()
    def mine(self): return self.query.filter_by(amount=0).count()
    def again(self): return self.__class__.query.count()
class Order(CRUD, db.Model):
    OWN
    id = db.Column(db.Integer, primary_key=True)
    amount = db.Column(db.Integer)
class Customer(CRUD, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    amount = db.Column(db.Integer)
class Base(db.Model):
    __abstract__ = True
    @classmethod
    def every(cls): return cls.query.order_by(cls.id).all()
    @classmethod
    def number(cls): return cls.query.count()
class A(Base):
    OWN
    id = db.Column(db.Integer, primary_key=True)
    amount = db.Column(db.Integer)
class B(Base):
    id = db.Column(db.Integer, primary_key=True)
    amount = db.Column(db.Integer)
class P(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    amount = db.Column(db.Integer)
    kind = db.Column(db.String(5), default="p")
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "p"}
    @classmethod
    def number(cls): return cls.query.count()
class Q(P):
    __mapper_args__ = {"polymorphic_identity": "q"}
    OWN
def seed():
    for n in range(4):
        for k in (Order, Customer, A, B, P, Q): db.session.add(k(amount=n))
    db.session.commit()
"""
ASKING_BELOW = """
def count(model): return model.query.count()
class Repo:
    model = None
    def all(self): return [x.amount for x in self.model.query.order_by(self.model.id)]
class Orders(Repo): model = Order
class Customers(Repo): model = Customer

@bp.get("/mixin")
def mixin():
    return jsonify([o.amount for o in Order.every()], Order.number(), [o.amount for o in Customer.every()], Customer.number())

@bp.get("/objects")
def objects():
    o = db.session.get(Order, 1)
    c = db.session.get(Customer, 1)
    return jsonify(o.same(), o.mine(), o.again(), c.same(), c.mine(), c.again())

@bp.get("/base")
def base():
    return jsonify([o.amount for o in A.every()], A.number(), [o.amount for o in B.every()], B.number())

@bp.get("/given")
def given():
    return jsonify([count(k) for k in (Order, Customer, A, B, P, Q)], count(Order), count(B))

@bp.get("/kept")
def kept():
    return jsonify(Orders().all(), Customers().all(), P.number(), Q.number())

@bp.get("/by-name")
def by_name():
    return jsonify(getattr(Order, "query").count(), getattr(Customer, "query").count(), [getattr(k, "query").count() for k in (A, B)])

@bp.get("/several")
def several():
    return jsonify({k.__name__: k.query.count() for k in (Order, Customer)}, [k.query.filter(k.amount < 2).count() for k in [Order, B]])
"""
#: Models of the extension, and others whose `query` is on a session of their own.
BESIDE = """
import os
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import as_declarative, declarative_base, registry, scoped_session, sessionmaker

db = SQLAlchemy()
engine = create_engine("sqlite:///" + os.environ["OTHER_DATABASE"])
other = scoped_session(sessionmaker(engine))
Base = declarative_base()
Base.query = other.query_property()

@as_declarative()
class Decorated:
    pass

Generated = registry().generate_base()
Decorated.query = other.query_property()
Generated.query = other.query_property()

class Shared:
    @classmethod
    def number(cls):
        return cls.query.count()

class Order(Shared, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    amount = db.Column(db.Integer)

class Log(Shared, Base):
    __tablename__ = "logs"
    id = Column(Integer, primary_key=True)
    amount = Column(Integer)

class Note(Decorated):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)

class Mark(Generated):
    __tablename__ = "marks"
    id = Column(Integer, primary_key=True)

def seed():
    for base in (Base, Decorated, Generated):
        base.metadata.drop_all(engine)
        base.metadata.create_all(engine)
    for n in range(4):
        db.session.add(Order(amount=n))
        other.add_all([Log(amount=n * 10), Note(), Mark()])
    db.session.commit()
    other.commit()
    other.remove()
"""
ASKING_BESIDE = """
@bp.get("/both")
def both():
    return jsonify([k.query.count() for k in (Log, Order)], Order.number(), Log.number())

@bp.get("/bases")
def bases():
    return jsonify(Note.query.count(), Note().query.count(), [m.id for m in Mark.query.all()])

@bp.get("/other")
def elsewhere():
    Log.query.filter_by(amount=0).delete()
    other.commit()
    found = [log.amount for log in Log.query.order_by(Log.amount)]
    counted = Log().query.count(), Order.query.count()
    other.add(Log(amount=0))
    other.commit()
    return jsonify(found, counted)
"""
#: A class of sessions, with METHOD in it, that counts what it is asked.
SESSIONS = """
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session

asked = []

class Asked(Session):
    METHOD

db = SQLAlchemy(session_options={"class_": Asked})

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    amount = db.Column(db.Integer)

def seed():
    for n in range(4):
        db.session.add(Order(amount=n))
    db.session.commit()
"""
ASKING_SESSIONS = """
@bp.get("/queries")
def queries():
    asked.clear()
    found = [o.amount for o in db.session.query(Order).all()], db.session.query(Order).count()
    rest = Order.query.order_by(Order.id).first().amount, Order.query.get(1) is None
    return jsonify(found, rest, asked)

@bp.get("/statements")
def statements():
    asked.clear()
    found = [o.amount for o in db.session.scalars(select(Order).order_by(Order.id))]
    first = db.session.scalar(select(Order.id).order_by(Order.id))
    rows = [tuple(row) for row in db.session.execute(select(Order.id).order_by(Order.id))]
    return jsonify(found, first, rows, db.session.get(Order, 1) is None, asked)

@bp.get("/writes")
def writes():
    asked.clear()
    changed = Order.query.filter_by(amount=1).update({"amount": 9})
    gone = Order.query.filter(Order.amount == 2).delete()
    db.session.commit()
    return jsonify(changed, gone, asked, [o.amount for o in Order.query.order_by(Order.id)])
"""


def test_members_that_are_called_query(alike: Alike) -> None:
    paths = ["/column", "/by-name", "/hybrid", "/relationship", "/methods"]
    sides = alike(HEAD + ASKING_MEMBERS, paths, models=IN_THE_BODY)
    outcome = outcome_of(sides.conversion)
    assert not outcome.bridged
    assert not outcome.findings


@pytest.mark.parametrize(
    ("decorator", "bases", "body", "after"),
    [
        ("", "Active, db.Model", "", ""),
        ("", "Mixin, db.Model", "", ""),
        ("", "db.Model", "query = Living()", ""),
        ("", "db.Model, metaclass=LivingMeta", "", ""),
        ("", "db.Model", "", "Order.query = Living()"),
        ("", "db.Model", "", 'setattr(Order, "query", Living())'),
        ("", "db.Model", "", "for cls in (Order,):\n    cls.query = Living()"),
        ("@living", "db.Model", "", ""),
        ("", "db.Model", "", "db.Model.query = Living()"),
        ("", "db.Model", "", 'setattr(db.Model, "query", Living())'),
        ("", "Below", "", "Below.query = Living()"),
    ],
    ids=[
        "a class property", "a mixin", "a descriptor", "a metaclass", "assigned", "by name",
        "in a loop", "a decorator", "of every model", "of every model by name", "of a base",
    ],
)  # fmt: skip
def test_what_a_class_gets_for_its_query(
    alike: Alike, decorator: str, bases: str, body: str, after: str
) -> None:
    models = FROM_OUTSIDE.replace("DECORATOR", decorator).replace("BASES", bases)
    models = models.replace("BODY", body).replace("AFTER", after)
    # Without the class that the base gives a query that it has no column for.
    views = (
        ASKING_ORDERS.replace(", Other.query.count()", "") if "db.Model" in after else ASKING_ORDERS
    )
    alike(HEAD + views, ["/all", "/one", "/object"], models=models)


@pytest.mark.parametrize(
    "method",
    [
        """
        def query(self, *entities, **options):
            asked.append("query")
            return super().query(*entities, **options).filter(Order.amount > 0)
        """,
        """
        def get(self, cls, key, **options):
            asked.append("get")
            return super().get(cls, key, **options) if key > 1 else None
        """,
        """
        def execute(self, statement, *args, **options):
            asked.append("execute")
            return super().execute(statement, *args, **options)
        """,
        """
        def scalars(self, statement, *args, **options):
            asked.append("scalars")
            return super().scalars(statement, *args, **options)
        """,
        """
        def scalar(self, statement, *args, **options):
            asked.append("scalar")
            return super().scalar(statement, *args, **options)
        """,
        """
        def commit(self):
            asked.append("commit")
            super().commit()

        def flush(self, objects=None):
            asked.append("flush")
            super().flush(objects)
        """,
    ],
    ids=["query", "get", "execute", "scalars", "scalar", "commit"],
)
def test_a_class_of_sessions_that_does_more(alike: Alike, method: str) -> None:
    written = textwrap.indent(textwrap.dedent(method).strip("\n"), "    ").lstrip()
    models = SESSIONS.replace("METHOD", written)
    alike(HEAD + ASKING_SESSIONS, ["/queries", "/statements", "/writes"], models=models)


@pytest.mark.parametrize(
    ("own", "living"),
    [
        (
            "query = Living()",
            """
            class Living:
                def __get__(self, obj, cls):
                    return db.session.query(cls).filter(cls.amount > 0)
            """,
        ),
        (
            "query_class = Living",
            """
            class Living(Query):
                def all(self):
                    return [row for row in super().all() if row.amount > 0]

                def __iter__(self):
                    return (row for row in super().__iter__() if row.amount > 0)

                def count(self):
                    return super().count() + 100
            """,
        ),
        (
            "query_class = Living",
            """
            class Living(Query):
                def __new__(cls, *args, **options):
                    made = super().__new__(cls)
                    if args:
                        Query.__init__(made, *args, **options)
                        return Query.filter(made, args[0].amount > 0)
                    return made

                def __init__(self, *args, **options):
                    pass
            """,
        ),
    ],
    ids=["a descriptor", "a class that replaces methods", "a class that adds criteria"],
)
def test_classes_below_have_another_query(alike: Alike, own: str, living: str) -> None:
    models = BELOW.replace("OWN", own).replace("LIVING", textwrap.dedent(living))
    paths = ["/mixin", "/objects", "/base", "/given", "/kept", "/by-name", "/several"]
    alike(HEAD + ASKING_BELOW, paths, models=models)


def test_a_query_property_beside_an_extension(
    alike: Alike, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OTHER_DATABASE", str(tmp_path / "other.db"))
    # With a module of its own: the rows that a test before has seeded are not those of the other database.
    sides = alike(HEAD + ASKING_BESIDE, ["/both", "/bases", "/other"], models=BESIDE, empty="")
    assert "await other.scalar(select(func.count())" in sides.conversion.texts["views.py"]
