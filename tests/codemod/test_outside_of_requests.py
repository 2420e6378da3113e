"""Code whose loads nobody catches: a request's safety net is away, as it is in tasks and scripts.

What was overlooked in native code raises MissingGreenlet there, and what was called plainly OutsideBridge.
"""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

GOING_ON = """
def committed(numbers):
    db.session.commit()
    return [number for number in numbers]

@bp.get("/kept")
def kept():
    rows = Order.query.order_by(Order.id).all()
    numbers = (o.number for o in rows)
    rows[0].number = "X"
    db.session.commit()
    return jsonify(list(numbers))

@bp.get("/mapped")
def mapped():
    rows = Order.query.order_by(Order.id).all()
    numbers = map(lambda o: o.number, filter(lambda o: o.amount, rows))
    db.session.commit()
    return jsonify(list(numbers))

@bp.get("/handed")
def handed():
    rows = Order.query.order_by(Order.id).all()
    return jsonify(committed(o.number for o in rows))

@bp.get("/items")
def items():
    rows = Order.query.order_by(Order.id).all()
    some = (o for o in rows if rows)
    db.session.commit()
    return jsonify([o.number for o in some])
"""
GIVEN = """
def counted(names):
    return [Order.query.count(), *names]

def listed(names):
    return [name for name in names]

def doubled(orders):
    for order in orders:
        yield order.amount, order.customer.name

def orders():
    for order in Order.query.order_by(Order.id):
        yield order

class Table:
    def __init__(self, rows):
        self.rows = rows

    def shown(self):
        return [Order.query.count(), *self.rows]

@bp.get("/expression")
def expression():
    rows = Order.query.order_by(Order.id).all()
    return jsonify(counted(o.customer.name for o in rows), listed(names=(o.customer.name for o in rows)))

@bp.get("/mapped")
def mapped():
    return jsonify(listed(map(lambda o: o.customer.name, Order.query.order_by(Order.id).all())))

@bp.get("/generators")
def generators():
    found = doubled(o for o in orders() if o.amount)
    return jsonify(list(found), [*doubled(orders())], list(doubled(o for o in Order.query if o.customer.name)))

@bp.get("/kept")
def kept():
    rows = Order.query.order_by(Order.id).all()
    return jsonify(Table(o.customer.name for o in rows).shown())
"""
BY_NAMES = """
from operator import attrgetter, itemgetter, methodcaller

commit, total = methodcaller("commit"), methodcaller("total")
TABLE = {"owner": attrgetter("customer.name"), "total": total}

class Kept:
    commit = methodcaller("commit")

class Bag:
    @property
    def size(self):
        return Order.query.count()

@bp.get("/session")
def session():
    order = Order.query.order_by(Order.id).first()
    order.number = "by its name"
    commit(db.session)
    db.session.rollback()
    order.amount = 7
    Kept.commit(db.session)
    db.session.rollback()
    return jsonify(order.number, order.amount)

@bp.get("/objects")
def objects():
    owner = attrgetter("customer.name")
    first = Order.query.order_by(Order.id).first()
    return jsonify(owner(first), TABLE["owner"](first), total(first.customer), attrgetter("size")(Bag()))

@bp.get("/items")
def items():
    rows = Order.query.order_by(Order.id).all()
    names = [*map(TABLE["owner"], rows)], [*map(total, Customer.query.order_by(Customer.id))]
    return jsonify(names, [o.id for o in sorted(rows, key=TABLE["owner"])])
"""
PLAIN = """
from asgiref.sync import async_to_sync

async def counted():
    return Order.query.count()

run = async_to_sync(counted)

@async_to_sync
async def raised(by):
    return Order.query.count() + by

class Job:
    @async_to_sync
    async def run(self):
        return Customer.query.count()

@bp.get("/")
def view():
    return jsonify(run(), raised(2), Job().run(), async_to_sync(counted)(), Customer.query.count())
"""
OPTIONS = """
def owner(order):
    return order.customer.name, order.id

KEY = {"key": owner}

@bp.get("/")
def view():
    rows = Order.query.all()
    rows.sort(**{"key": owner})
    last = max(rows, **KEY)
    options = dict(key=owner, reverse=True)
    return jsonify([o.id for o in rows], last.id, [o.id for o in sorted(rows, **options)])
"""
SET = """
class Account:
    def __init__(self, key):
        self.key = key

    @property
    def name(self):
        return Customer.query.get(self.key).name

    @name.setter
    def name(self, value):
        Customer.query.get(self.key).name = value
        db.session.commit()

class Total:
    def __get__(self, account, cls=None):
        return Order.query.filter_by(customer_id=account.key).count()

    def __set__(self, account, value):
        Order.query.filter_by(customer_id=account.key).first().amount = value
        db.session.commit()

class Summed(Account):
    total = Total()

@bp.get("/set")
def set_one():
    account = Account(1)
    account.name = "new"
    return jsonify(account.name, Customer.query.count())

@bp.get("/added")
def add():
    account = Account(1)
    account.name += "er"
    return jsonify(account.name)

@bp.get("/by-name")
def by_name():
    account = Account(1)
    setattr(account, "name", "by name")
    return jsonify(account.name)

@bp.get("/descriptor")
def descriptor():
    account = Summed(1)
    account.total = 77
    return jsonify(account.total, Order.query.filter_by(amount=77).count())
"""
CLASSES = """
class Meta(type):
    def __getitem__(cls, key):
        return Customer.query.get(key)

    def __iter__(cls):
        return iter(Customer.query.order_by(Customer.id).all())

    def __len__(cls):
        return Customer.query.count()

class People(metaclass=Meta):
    pass

@bp.get("/")
def view():
    return jsonify(People[1].name, [p.name for p in People], len(People), [*People][0].name)
"""
VALIDATED = """
from pydantic import BaseModel, computed_field, field_validator

class Out(BaseModel):
    id: int

    @computed_field
    @property
    def total(self) -> int:
        return Customer.query.get(self.id).total()

    @field_validator("id")
    @classmethod
    def known(cls, value):
        if Customer.query.get(value) is None:
            raise ValueError("unknown")
        return value

@bp.get("/")
def view():
    return jsonify(Out(id=1).model_dump())
"""
HELD = """
import argparse
from collections import namedtuple
from functools import partial
from types import SimpleNamespace

Pair = namedtuple("Pair", "order count")

def shown(order, more):
    return [order.number, more]

@bp.get("/namespaces")
def namespaces():
    first = SimpleNamespace(order=Order.query.order_by(Order.id).first())
    other = argparse.Namespace(order=first.order)
    later = SimpleNamespace()
    later.order = first.order
    db.session.commit()
    owner = first.order.customer.name
    db.session.commit()
    return jsonify(first.order.number, other.order.amount, later.order.number, owner)

@bp.get("/tuples")
def tuples():
    pair = Pair(Order.query.order_by(Order.id).first(), 1)
    db.session.commit()
    return jsonify(pair.order.number, pair[0].amount)

@bp.get("/partial")
def partly():
    show = partial(shown, Order.query.order_by(Order.id).first())
    db.session.commit()
    return jsonify(show(2), show(more=3))

@bp.get("/shared")
def shared():
    last = None
    def keep(order):
        nonlocal last
        last = order
    for order in Order.query.order_by(Order.id):
        keep(order)
    db.session.commit()
    return jsonify(last.number, last.customer.name)
"""
CACHED = """
from collections import defaultdict

class Cache:
    items = {}
    current = None

    @classmethod
    def get(cls, key):
        if key not in cls.items:
            cls.items[key] = Customer.query.get(key)
        return cls.items[key]

@bp.get("/classes")
def classes():
    Cache.items.clear()
    Cache.current = Order.query.order_by(Order.id).first()
    Cache.get(1)
    db.session.commit()
    return jsonify(Cache.get(1).name, Cache.current.number, Cache.items[1].total(), Cache.items[1].name)

@bp.get("/keys")
def keys():
    by, amounts = defaultdict(list), {}
    for order in Order.query.order_by(Order.id):
        by[order.customer].append(order)
        amounts[order] = order.amount
    db.session.commit()
    numbers = {c.name: [o.number for o in orders] for c, orders in by.items()}
    return jsonify(numbers, [[o.number, a] for o, a in amounts.items()])
"""
HANDED = """
def number(order):
    return order.number

def first(rows):
    db.session.commit()
    return rows[0]

def chosen(rows, place):
    db.session.commit()
    return rows[place] if place else rows[0]

@bp.get("/parts")
def parts():
    rows = Order.query.order_by(Order.id).all()
    by = {o.id: o for o in rows}
    db.session.commit()
    one = rows[0] if by else None
    return jsonify(number(rows[1]), number(by[1]), number(by.get(2)), number(rows[3] if by else None),
        number(rows[2] or one), number(by.pop(4)), number(rows.pop()), number(next(iter(rows))))

@bp.get("/results")
def results():
    rows = Order.query.order_by(Order.id).all()
    return jsonify(first(rows).number, chosen(rows, 1).amount, number(chosen(rows, 2)))

@bp.get("/receivers")
def receivers():
    rows = Customer.query.order_by(Customer.id).all()
    db.session.commit()
    return jsonify(rows[0].total(), (rows[1] or rows[0]).total(), max(rows, key=id).last.number != "")
"""

KEPT_CALLABLES = """
import threading

class Hooks:
    after = []

class Keeper:
    def __init__(self, order):
        self.read = lambda: order.number

def on_end(function):
    Hooks.after.append(function)

def reader(order):
    def read():
        return order.number
    return read

def first():
    Hooks.after.clear()
    return Order.query.order_by(Order.id).first()

@bp.get("/lambdas")
def lambdas():
    order = first()
    on_end(lambda: order.number)
    amount = lambda of=order: of.amount
    keeper = Keeper(order)
    db.session.commit()
    return jsonify([f() for f in Hooks.after], amount(), keeper.read())

@bp.get("/functions")
def functions():
    order = first()
    def amount():
        return order.amount
    on_end(amount)
    table, read = {"amount": amount}, reader(order)
    db.session.commit()
    return jsonify([f() for f in Hooks.after], table["amount"](), read())

@bp.get("/threads")
def threads():
    order, app, found = first(), current_app._get_current_object(), []
    db.session.commit()
    def later():
        with app.app_context():
            found.append([order.number, order.customer.name])
    thread = threading.Thread(target=later)
    thread.start()
    thread.join()
    return jsonify(found)
"""


@pytest.mark.usefixtures("uncaught")
@pytest.mark.parametrize(
    ("views", "paths"),
    [
        pytest.param(KEPT_CALLABLES, ["/lambdas", "/functions", "/threads"], id="kept callables"),
        pytest.param(HELD, ["/namespaces", "/tuples", "/partial", "/shared"], id="held by others"),
        pytest.param(CACHED, ["/classes", "/keys"], id="held by classes and as keys"),
        pytest.param(HANDED, ["/parts", "/results", "/receivers"], id="handed on after a commit"),
        pytest.param(GOING_ON, ["/kept", "/mapped", "/handed", "/items"], id="begun before a commit"),
        pytest.param(GIVEN, ["/expression", "/mapped", "/generators", "/kept"], id="given generators"),
        pytest.param(BY_NAMES, ["/session", "/objects", "/items"], id="made by names"),
        pytest.param(PLAIN, ["/"], id="made plain"),
        pytest.param(OPTIONS, ["/"], id="key functions in options"),
        pytest.param(SET, ["/set", "/added", "/by-name", "/descriptor"], id="set by functions"),
        pytest.param(CLASSES, ["/"], id="special methods of classes"),
        pytest.param(VALIDATED, ["/"], id="validators"),
    ],
)  # fmt: skip
def test_nothing_waits_that_nobody_awaits(views: str, paths: list[str], alike: Alike) -> None:
    alike(HEAD + views, paths)


def test_items_that_were_begun_before_a_commit_stay_native(alike: Alike) -> None:
    views = alike(HEAD + GOING_ON, ["/items"]).conversion.texts["views.py"]
    assert "some = (o for o in rows if rows)" in views
    assert "for o in some" in views.partition("async def items():")[2]


POLYMORPHIC = """
class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    kind = db.Column(db.String(10))
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "note"}

class Long(Note):
    id = db.Column(db.ForeignKey("note.id"), primary_key=True)
    text = db.Column(db.String(10))
    __mapper_args__ = {"polymorphic_identity": "long"}

@bp.get("/")
def view():
    db.session.add_all([Note(), Long(text="long")])
    db.session.commit()
    db.session.expunge_all()
    return jsonify([getattr(n, "text", None) for n in Note.query.order_by(Note.id)])
"""
PORTIONS = """
from flask import Response, stream_with_context

@bp.get("/")
def view():
    found = Order.query.order_by(Order.id)
    rows = (f"{o.number} {o.customer.name}" for o in found.yield_per(2))
    return Response(stream_with_context(rows))

@bp.get("/given")
def given():
    found = Order.query.order_by(Order.id)
    return Response(stream_with_context(f"{o.number} {o.customer.name}" for o in found.yield_per(2)))
"""


PROXY = """
from werkzeug.local import LocalProxy

def _found():
    if "customer" not in g:
        g.customer = Customer.query.order_by(Customer.id).first()
    return g.customer

customer = LocalProxy(_found)

@bp.get("/")
def view():
    customer.name = "new"
    db.session.commit()
    return jsonify(customer.name, customer.last.number)
"""


@pytest.mark.parametrize(
    ("views", "paths"), [(POLYMORPHIC, ["/"]), (PORTIONS, ["/", "/given"]), (PROXY, ["/"])]
)
def test_what_a_request_awaits_nowhere_else(
    views: str, paths: list[str], alike: Alike, caplog: pytest.LogCaptureFixture
) -> None:
    alike(HEAD + views, paths)
    assert "Implicit I/O" not in caplog.text
