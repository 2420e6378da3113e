"""A function that hands on a context manager or a generator: `def session(self): return self._database.session()`."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

STORE = """
from contextlib import AbstractContextManager, contextmanager, nullcontext
from PKG.models import db, Customer, Order

class Database:
    def __init__(self):
        self.kind = "main"

    def make_session(self):
        return db.session

    @contextmanager
    def session(self, quiet=False, name="", **options):
        sess = self.make_session()
        try:
            yield sess
            sess.commit()
        except ValueError:
            sess.rollback()
            if not quiet:
                raise
        finally:
            sess.close()

    def rows(self, kind):
        for row in self.make_session().query(kind).order_by(kind.id):
            yield row

database = Database()

def session_scope(**options):
    # Handed on by a function.
    return database.session(**options)

class Facade:
    def __init__(self, db):
        self.db = db

    def session(self, *args, **kwargs):
        return self.db.session(*args, **kwargs)

    @property
    def quiet(self):
        return self.db.session(quiet=True)

    @staticmethod
    def plain():
        return session_scope()

    @classmethod
    def of_class(cls) -> AbstractContextManager:
        return cls.plain()

    def given(self, there=None):
        return nullcontext(there) if there else self.session()

    def either(self, loud):
        if loud:
            return self.session()
        else:
            return self.quiet

    def kept(self):
        return self.session()

    def rows(self, kind):
        return self.db.rows(kind)

class Loud(Facade):
    def session(self, *args, **kwargs):
        return super().session(*args, **kwargs)

class Own(Facade):
    @contextmanager
    def session(self, *args, **kwargs):
        with super().session(*args, **kwargs) as found:
            yield found
"""

VIEWS = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db
from PKG.store import Facade, Loud, Own, Database, session_scope
bp = Blueprint("b", __name__)

def facades():
    return [Facade(Database()), Loud(Database()), Own(Database())]

def count(facade, name):
    with facade.session() as session:
        session.add(Customer(name=name))
    with facade.session(quiet=True) as s:
        s.add(Customer(name=name * 2))
        s.flush()
        raise ValueError
    with facade.session() as session:
        return session.query(Customer).count()

@bp.get("/count")
def counted():
    return jsonify([count(f, str(i)) for i, f in enumerate(facades())])

@bp.get("/scope")
def scope():
    with session_scope(quiet=True) as session:
        found = session.query(Order).count()
    with Facade.plain() as session, Facade.of_class() as other:
        return jsonify(found, session.query(Customer).count(), other.query(Order).count())

@bp.get("/quiet")
def quiet():
    facade = Facade(Database())
    with facade.quiet as s:
        s.add(Customer(name="quiet"))
        s.flush()
        raise ValueError
    with facade.given() as s:
        first = s.query(Customer).count()
    with facade.given(db.session) as s:
        second = s.query(Customer).count()
    with facade.either(True) as s:
        third = s.query(Customer).count()
    with facade.either(False) as s:
        s.add(Customer(name="x"))
    with facade.kept() as s:
        return jsonify(first, second, third, s.query(Customer).count())

@bp.get("/rows")
def rows():
    facade = Facade(Database())
    return jsonify([r.name for r in facade.rows(Customer)], sum(o.amount for o in facade.rows(Order)))

class Things:
    def __init__(self):
        self.facade = Facade(Database())
    def __len__(self):
        with self.facade.given() as s:
            return s.query(Order).count()

@bp.get("/len")
def length():
    return jsonify(len(Things()), sorted([3, 1], key=lambda n: (len(Things()), n)))
"""

#: A session of the application's own, as a data access object has it.
OWN_STORE = """
import os
from contextlib import contextmanager
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
from PKG.models import Customer, Order

URL = "sqlite:///" + os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "instance", "shop.db")

class Database:
    def __init__(self, url):
        self._engine = create_engine(url)
        self._Session = sessionmaker(bind=self._engine, expire_on_commit=False)

    def make_session(self) -> Session:
        return self._Session()

    @contextmanager
    def session(self):
        sess = self.make_session()
        try:
            yield sess
            sess.commit()
        except Exception:
            sess.rollback()
            raise
        finally:
            sess.close()

class BaseDao:
    def __init__(self, db=None):
        if not db:
            db = Database(URL)
        self._database = db

    def session(self):
        return self._database.session()

    def count(self, kind):
        with self.session() as session:
            return session.query(kind).count()

    def add(self, name, fail=False):
        with self.session() as session:
            customer = Customer(name=name)
            session.add(customer)
            session.flush()
            if fail:
                raise ValueError(name)
            return customer.id

    def __len__(self):
        with self.session() as session:
            return session.query(Order).count()

class Orders(BaseDao):
    def amounts(self):
        with self.session() as session:
            found = session.query(Order).order_by(Order.id).all()
        return [o.amount for o in found]
"""

OWN_VIEWS = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db
from PKG.store import BaseDao, Orders
bp = Blueprint("b", __name__)

@bp.get("/all")
def everything():
    dao = Orders()
    dao.add("cy")
    try:
        dao.add("dan", fail=True)
    except ValueError:
        pass
    return jsonify(dao.count(Customer), dao.amounts(), len(dao))
"""

SMALL_STORE = """
from contextlib import contextmanager
from PKG.models import db

class Database:
    @contextmanager
    def session(self):
        sess = db.session
        try:
            yield sess
            sess.commit()
        finally:
            sess.close()

class Facade:
    def __init__(self, db):
        self.db = db

    def session(self):
        return self.db.session()
"""

#: Ways of entering one that are not a `with` of its call.
ENTERED = """
from contextlib import nullcontext, ExitStack
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db
from PKG.store import Facade, Database
bp = Blueprint("b", __name__)

@bp.get("/variable")
def variable():
    ctx = Facade(Database()).session()
    with ctx as s:
        return jsonify(s.query(Customer).count())

@bp.get("/stack")
def stack():
    with ExitStack() as stack:
        s = stack.enter_context(Facade(Database()).session())
        return jsonify(s.query(Customer).count())

@bp.get("/chosen")
def chosen():
    facade = Facade(Database())
    given = None
    with (facade.session() if given is None else nullcontext(given)) as s:
        return jsonify(s.query(Customer).count())

@bp.get("/beside")
def beside():
    facade = Facade(Database())
    with facade.session() as s, open(__file__) as f:
        return jsonify(s.query(Customer).count(), len(f.readline()))
"""

#: What keeps one, or makes a decorator of it, needs a sync one wherever it is entered.
KEPT = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db
from PKG.store import Facade, Database
bp = Blueprint("b", __name__)
facade = Facade(Database())

@facade.session()
def decorated():
    db.session.add(Customer(name="decorated"))

@bp.get("/decorated")
def views():
    decorated()
    decorated()
    return jsonify(Customer.query.count())

class Holder:
    def __init__(self):
        self.ctx = facade.session()

@bp.get("/attribute")
def attribute():
    with Holder().ctx as s:
        return jsonify(s.query(Customer).count())

def entered(ctx):
    with ctx as s:
        return s.query(Customer).count()

@bp.get("/given")
def given():
    return jsonify(entered(facade.session()))
"""

#: What makes the object gives whatever is under a name; its caller says of which class it is.
DECLARED_STORE = """
from contextlib import contextmanager
from flask import current_app
from PKG.models import db, Customer, Order

class Database:
    @contextmanager
    def session(self):
        sess = db.session
        try:
            yield sess
            sess.commit()
        finally:
            sess.close()

class Special(Database):
    pass

kept = {}

def get(name, make):
    found = kept.get(name)
    if not found:
        found = kept[name] = make()
    return found

def get_database() -> Database:
    return get("database", Special)

def get_settings():
    return get("settings", lambda: current_app.config.copy())

class Dao:
    def __init__(self):
        self.database = get_database()

    def session(self):
        return self.database.session()
"""

DECLARED = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db
from PKG.store import Dao
bp = Blueprint("b", __name__)

@bp.get("/count")
def count():
    with Dao().session() as session:
        session.add(Customer(name="cy"))
    with Dao().session() as session:
        return jsonify(session.query(Customer).count())
"""


def test_they_are_entered_as_what_they_hand_on(alike: Alike) -> None:
    sides = alike(VIEWS, ["/count", "/scope", "/quiet", "/rows", "/len"], store=STORE)
    store, views = sides.conversion.texts["store.py"], sides.conversion.texts["views.py"]
    assert "    def session(self, *args, **kwargs):\n        return self.db.session(" in store
    assert "def of_class(cls) -> AbstractAsyncContextManager:" in store
    assert "async with Facade.plain() as session, Facade.of_class() as other:" in views
    # Below `__len__`, which Python calls itself, it is sync code that enters it.
    assert "with unbridge_with(self.facade.given()) as s:" in views


def test_sessions_of_the_applications_own(alike: Alike) -> None:
    sides = alike(OWN_VIEWS, ["/all"], store=OWN_STORE)
    assert sides.conversion.texts["store.py"].count("async with self.session() as session:") == 3
    totals = outcome_of(sides.conversion).totals
    assert (totals.seen, totals.native, totals.bridged) == (4, 3, 1)


def test_what_is_chosen_is_entered_alike(alike: Alike) -> None:
    sides = alike(ENTERED, ["/variable", "/stack", "/chosen", "/beside"], store=SMALL_STORE)
    text = sides.conversion.texts["views.py"]
    assert "async with (facade.session() if given is None else nullcontext(given)) as s:" in text
    # Whatever else is done with one runs in the bridge.
    assert "stack.enter_context(unbridge_with(" in text


def test_what_keeps_one_has_a_sync_one(alike: Alike) -> None:
    sides = alike(KEPT, ["/decorated", "/attribute", "/given"], store=SMALL_STORE)
    assert "@contextmanager\n" in sides.conversion.texts["store.py"]


def test_whose_objects_a_return_annotation_names(alike: Alike) -> None:
    sides = alike(DECLARED, ["/count"], store=DECLARED_STORE)
    totals = outcome_of(sides.conversion).totals
    assert totals.seen == totals.native == 2
