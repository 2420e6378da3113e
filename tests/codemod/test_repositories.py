"""Repositories that are given their model: what their queries yield is known, whatever comes first."""

from __future__ import annotations

import pytest

from tests.codemod.alike import Alike

REPOSITORY = """
class Repository:
    def __init__(self, model, session):
        self.model, self.session = model, session

    def all(self):
        return self.session.query(self.model).order_by(self.model.id).all()

    def newest(self):
        return self.session.scalars(select(self.model).order_by(self.model.id.desc())).first()

    def get(self, key, default=None):
        return self.session.get(self.model, key) or default

    def one(self, key):
        return self.statement().filter_by(id=key).one()

    def statement(self):
        return self.session.query(self.model)


def every(model):
    return db.session.query(model).order_by(model.id).all()
"""

GIVEN = f"""
from flask import Blueprint, jsonify
from sqlalchemy import select
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)
{REPOSITORY}
@bp.get("/all")
def all_orders():
    return jsonify([o.customer.name for o in Repository(Order, db.session).all()])

@bp.get("/newest")
def newest():
    return jsonify(Repository(Order, db.session).newest().customer.name)

@bp.get("/get/<int:key>")
def get(key):
    order = Repository(Order, db.session).get(key)
    return jsonify(order.customer.name if order else None)

@bp.get("/one/<int:key>")
def one(key):
    return jsonify(Repository(Order, db.session).one(key).customer.name)

@bp.get("/every")
def everything():
    return jsonify([o.customer.name for o in every(Order)])
"""
PATHS = ["/all", "/newest", "/get/2", "/get/99", "/one/3", "/every"]


def test_a_model_that_is_handed_over(alike: Alike) -> None:
    made = alike(GIVEN, PATHS).conversion
    views = made.texts["views.py"]
    # The type of what is read is known: no attribute is read in the bridge.
    assert "bridge(" not in views
    assert views.count("awaitable_attrs.customer") == 5
    assert "selectinload(Order.customer)" in views


SEVERAL = f"""
from flask import Blueprint, jsonify
from sqlalchemy import select
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)
{REPOSITORY}
class Orders(Repository):
    def __init__(self):
        super().__init__(Order, db.session)

class Customers(Repository):
    def __init__(self):
        super().__init__(Customer, db.session)

@bp.get("/orders")
def orders():
    return jsonify([o.customer.name for o in Orders().all()])

@bp.get("/customers")
def customers():
    return jsonify([[o.number for o in c.orders] for c in Customers().all()])

@bp.get("/every")
def everything():
    return jsonify([o.customer.name for o in every(Order)], [len(c.orders) for c in every(Customer)])

@bp.get("/newest")
def newest():
    return jsonify(Orders().newest().customer.name, len(Customers().newest().orders))
"""


def test_a_repository_of_several_models(alike: Alike, caplog: pytest.LogCaptureFixture) -> None:
    views = alike(SEVERAL, ["/orders", "/customers", "/every", "/newest"]).conversion.texts[
        "views.py"
    ]
    # Which model it is, only the run shows; nothing is loaded behind the code's back.
    assert "await query_rows(select(self.model)" in views
    assert "Implicit I/O" not in caplog.text


BACKREFS = """
from flask import Blueprint, jsonify
from PKG.models import Order

bp = Blueprint("shop", __name__)

@bp.get("/of/<name>")
def of(name):
    return jsonify([o.number for o in Order.query.filter(Order.customer.has(name=name)).order_by(Order.id)])
"""


def test_a_backref_is_there_before_the_first_query(alike: Alike) -> None:
    # `select()` configures no mappers, `Order.query` does: until then Order has no `customer`.
    assert "select(Order)" in alike(BACKREFS, ["/of/ann"]).conversion.texts["views.py"]


REGISTRY = """
from flask import Blueprint, jsonify
from PKG.models import Order

bp = Blueprint("shop", __name__)
JOBS = {}

def job(function):
    JOBS[function.__name__] = function
    return function

@job
def count():
    return Order.query.count()

@job
def numbers():
    return [o.number for o in Order.query.order_by(Order.id)]

@bp.get("/jobs")
def names():
    return jsonify(sorted(JOBS), len(JOBS))

@bp.get("/run/<name>")
def run(name):
    return jsonify(JOBS[name](), JOBS.get(name)())
"""


def test_functions_in_a_registry_are_awaited(alike: Alike) -> None:
    views = alike(REGISTRY, ["/jobs", "/run/count", "/run/numbers"]).conversion.texts["views.py"]
    # Its keys alone are sorted: nobody else calls the functions.
    assert "sorted(JOBS), len(JOBS)" in views
    assert "await JOBS[name]()" in views
    assert "await JOBS.get(name)()" in views


CALLABLES = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order

bp = Blueprint("shop", __name__)

class Command:
    def __init__(self, do, undo=None):
        self.do, self.undo = do, undo

    def execute(self, *arguments):
        return self.do(*arguments)

    def revert(self):
        return self.undo() if self.undo else None

class Fixed:
    def __call__(self, *arguments):
        return "fixed"

def names(*arguments):
    return [c.name for c in Customer.query.order_by(Customer.id)]

@bp.get("/commands")
def commands():
    made = [Command(str), Command(lambda x: Order.query.count()), Command(Fixed()), Command(names, names)]
    return jsonify([c.execute(1) for c in made], [c.revert() for c in made])
"""


def test_an_attribute_that_holds_callables_of_several_kinds(alike: Alike) -> None:
    views = alike(CALLABLES, ["/commands"]).conversion.texts["views.py"]
    assert "await call(self.do, *arguments)" in views
    assert "await self.undo()" in views


IN_THE_BRIDGE = """
import operator
from flask import Blueprint, jsonify
from migrator.runtime.db import SyncRepository
from PKG.models import Order, db

bp = Blueprint("shop", __name__)

class Orders(SyncRepository[Order]):
    model = Order

def raised():
    orders = Orders(db.session)
    found = operator.methodcaller("all")(Order.query.order_by(Order.id))
    for order in found:
        order.amount += 1
    orders.commit()
    return orders.count(), [order.amount for order in orders.list()]

@bp.get("/raised")
def view():
    return jsonify(raised())

@bp.get("/kept")
def kept():
    return jsonify([order.amount for order in Order.query.order_by(Order.id)])
"""


MIXED_IN = """
from flask import Blueprint, jsonify
from sqlalchemy import select
from migrator.runtime.db import SyncRepository
from PKG.models import Order, db

bp = Blueprint("shop", __name__)

class Numbers:
    def numbers(self):
        return [number for number, in self.execute(select(Order.number).order_by(Order.id)).all()]

    def raised(self, key):
        found = self.get(key)
        found.amount += 1
        self.commit()
        return found.amount

class Orders(Numbers, SyncRepository[Order]):
    model = Order

@bp.get("/numbers")
def numbers():
    return jsonify(Orders(db.session).numbers())

@bp.get("/raised")
def raised():
    return jsonify(Orders(db.session).raised(1), Orders(db.session).count())
"""


def test_what_is_mixed_into_a_repository_waits_for_it(alike: Alike) -> None:
    alike(MIXED_IN, ["/numbers", "/raised"])


def test_sync_code_of_the_bridge_waits_for_what_a_repository_does(alike: Alike) -> None:
    pair = alike(IN_THE_BRIDGE, ["/raised", "/kept"])
    assert "unbridge(orders.commit())" in pair.conversion.texts["views.py"]
