"""Objects of other distributions, namespaces and names hold what was put into them, ours included."""

from __future__ import annotations

import pytest

from tests.codemod.alike import Alike

HEAD = """
import argparse, contextlib, contextvars, functools, operator, queue, sys, threading, types, typing
import weakref
from collections import OrderedDict, deque, namedtuple

from flask import Blueprint, Flask, Request, current_app, request
from sqlalchemy import event, inspect, select
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

def one():
    return Customer.query.order_by(Customer.id).first()

def many():
    return Customer.query.order_by(Customer.id).all()
"""

HOLDERS = """
local = threading.local()
var = contextvars.ContextVar("var", default=None)
Pair = namedtuple("Pair", "customer number")

class Service:
    def totals(self):
        return Order.query.count()

class Typed(typing.NamedTuple):
    customer: Customer

def of_queue(waiting: queue.Queue):
    return waiting.get().total()

def of_error(error: ValueError):
    return error.args[0].total()

def of_namespace(found: argparse.Namespace):
    return found.customer.total()

def of_request(asked: Request):
    return asked.customer.total()

def of_variable(given: contextvars.ContextVar):
    return given.get().total()

def of_reference(given: weakref.ref):
    return given().total()

def of_deque(given: deque):
    return given.popleft().total()

def of_ordered(given: OrderedDict):
    return given["a"].total()

def of_app(app: Flask):
    return app.extensions["service"].totals() + app.config["SERVICE"].totals()

@bp.get("/local")
def on_local():
    local.customer = one()
    return str(local.customer.total())

@bp.get("/variable")
def on_variable():
    token = var.set(one())
    found = var.get().total(), of_variable(var)
    var.reset(token)
    return str(found)

@bp.get("/error")
def on_error():
    found = []
    try:
        raise ValueError(one())
    except ValueError as error:
        found.append(error.args[0].total())
    try:
        error = KeyError("x")
        error.customer = one()
        raise error
    except KeyError as caught:
        found.append(caught.customer.total())
    try:
        one().nothing
    except AttributeError as caught:
        found.append(caught.obj.total())
    try:
        raise ExceptionGroup("some", [ValueError(one())])
    except* ValueError as group:
        found.append(group.exceptions[0].args[0].total())
    return str([*found, of_error(ValueError(one()))])

@bp.get("/weak")
def weak():
    known = weakref.WeakValueDictionary()
    customer = known["a"] = one()
    return str([known["a"].total(), of_reference(weakref.ref(customer))])

@bp.get("/tuples")
def tuples():
    customer, number = Pair(one(), 1)
    return str([
        customer.total(), Pair(one(), 1).customer.total(), Typed(one()).customer.total(),
        Pair(one(), 1)._asdict()["customer"].total(), Pair(one(), 2)._replace(number=3)[0].total(),
        operator.itemgetter(0)(many()).total(), operator.attrgetter("orders")(one())[0].number,
    ])

@bp.get("/namespaces")
def namespaces():
    found = types.SimpleNamespace()
    found.customer = one()
    return str([found.customer.total(), of_namespace(argparse.Namespace(customer=one()))])

@bp.get("/queues")
def queues():
    waiting = queue.Queue()
    waiting.put(one())
    waiting.put(one())
    return str([waiting.get().total(), of_queue(waiting), of_deque(deque(many()))])

@bp.get("/dicts")
def dicts():
    made = {"a": one()}
    return str([
        ({"a": one()} | {"b": 1})["a"].total(), {**made}["a"].total(),
        dict.fromkeys(["a"], one())["a"].total(), of_ordered(OrderedDict(a=one())),
    ])

@bp.get("/request")
def on_request():
    request.customer = one()
    return str(of_request(request))

@bp.get("/application")
def on_application():
    app = current_app._get_current_object()
    return str([
        app.extensions["service"].totals(), of_app(app), app.service.totals(),
        current_app.extensions.get("service").totals(), current_app.config.get("SERVICE").totals(),
    ])

@bp.get("/inspected")
def inspected():
    customer = one()
    return str(inspect(customer).object.total())

@bp.get("/nonlocal")
def shared():
    found = None
    def find():
        nonlocal found
        found = one()
    find()
    return str(found.total())

@bp.get("/modules")
def modules():
    return str(len(sys.modules[__name__].many()) + len(sys.modules.get(__name__).many()))

@bp.get("/types")
def kinds():
    customer = one()
    return str([type(customer).total(customer), type(customer).query.count()])

def setup(app):
    app.extensions["service"] = app.service = app.config["SERVICE"] = Service()
"""


def test_foreign_objects(alike: Alike) -> None:
    paths = [
        "/local", "/variable", "/error", "/weak", "/tuples", "/namespaces", "/queues", "/dicts",
        "/request", "/application", "/inspected", "/nonlocal", "/modules", "/types",
    ]  # fmt: skip
    alike(HEAD + HOLDERS, paths)


def test_the_collections_of_a_session(alike: Alike) -> None:
    views = """
seen = []

@event.listens_for(db.session, "before_flush")
def flushing(session, context, instances):
    for found in session.dirty:
        if hasattr(found, "total"):
            seen.append(found.total())

def fresh(session):
    return [found.total() for found in session.new]

@bp.get("/changed")
def changed():
    seen.clear()
    customer = one()
    customer.name += "!"
    db.session.commit()
    return str(seen)

@bp.get("/collections")
def collections():
    customer = one()
    held = [o.total() for o in db.session.identity_map.values() if isinstance(o, Customer)]
    db.session.add(Customer(name="new"))
    made = fresh(db.session)
    customer.name += "?"
    touched = [found.total() for found in db.session.dirty]
    db.session.info["mine"] = customer
    kept = db.session.info["mine"].total()
    db.session.rollback()
    return str([held, made, touched, kept, [o.total() for o in db.session if o is customer]])
"""
    alike(HEAD + views, ["/changed", "/collections"])


@pytest.mark.parametrize(
    "body",
    [
        # a lambda beside a function
        "return str(MIXED[request.args.get('k', 'lambda')]() + MIXED['method']())",
        # a class beside a function
        "return str(CLASSES['class']().total() + CLASSES['function']())",
        # a function that is given either
        "def run(f):\n        return f()\n    return str(run(total) + run(lambda: 3))",
        "def run(*fs):\n        return [f() for f in fs]\n    return str(run(total, lambda: 2))",
        # the lambda alone reaches the database
        "def run(*fs):\n        return lambda x: functools.reduce(lambda a, f: f(a), fs, x)\n"
        "    return str(run(lambda c: c.orders, lambda os: [o.number for o in os])(one()))",
        "return str((lambda: one())().total())",
        # an object's attribute hides its method
        "counter = Counter()\n    counter.total = lambda: 77\n    return str(counter.total())",
    ],
)
def test_callables_of_several_kinds(body: str, alike: Alike) -> None:
    kept = """
def total():
    return Order.query.count()

class Counter:
    def total(self):
        return Order.query.count()

"""
    if "MIXED" in body:
        kept += "MIXED = {'method': Counter().total, 'lambda': lambda: total()}\n"
    if "CLASSES" in body:
        kept += "CLASSES = {'class': Counter, 'function': total}\n"
    alike(HEAD + kept + f"@bp.get('/')\ndef view():\n    {body}\n", ["/"])


def test_names_with_several_definitions(alike: Alike) -> None:
    views = """
def twice():
    return 1

def through():
    return twice()

def twice():
    return Order.query.count()

@typing.overload
def either(key: int) -> int: ...
@typing.overload
def either(key: str) -> str: ...
def either(key):
    return Order.query.count() if key else one().total()

try:
    from json import nothing_like_it as fallback
except ImportError:
    def fallback():
        return one().total()

if sys.version_info > (99,):
    def chosen():
        return 0
else:
    def chosen():
        return one().total()

class Overloaded:
    @typing.overload
    def find(self, key: int) -> int: ...
    @typing.overload
    def find(self, key: str) -> str: ...
    def find(self, key):
        return one().total()

class Again:
    def find(self):
        return 1

    def find(self):
        return one().total()

class Replaced:
    def find(self):
        return 1

class Replaced:
    def find(self):
        return one().total()

@bp.get("/")
def view():
    return str([
        twice(), through(), either(0), either(1), fallback(), chosen(), Overloaded().find(1),
        Again().find(), Replaced().find(),
    ])
"""
    alike(HEAD + views, ["/"])


def test_a_session_of_unknown_type(alike: Alike) -> None:
    """What is done with it is awaited, and a query of whatever class on it counts as a site."""
    views = """
class Held:
    def __init__(self, **values):
        self.__dict__.update(values)

    def all(self):
        return self.session.query(self.model).order_by(self.model.id).all()

    def entered(self):
        with self.session() as session:
            return [c.total() for c in session.query(Customer).order_by(Customer.id)]

    def store(self, found):
        self.session.add(found)
        self.session.commit()
        return found.total()

def through(x, customer: Customer):
    x.add(customer)
    x.flush()
    x.refresh(customer)
    x.commit()
    name = customer.name
    x.delete(customer)
    x.rollback()
    found = x.execute(select(Customer)).scalars().all()[0]
    return [
        name, found.total(), x.scalar(select(Customer.name)), x.get(Customer, 1).total(),
        x.scalars(select(Customer)).first().total(),
    ]

@bp.get("/")
def view():
    held = Held(session=db.session, model=Customer)
    first = [c.total() for c in held.all()]
    return str([first, held.store(Customer(name="new")), held.entered()])

@bp.get("/through")
def all_through():
    return str(through(Held(x=db.session).x, Customer(name="new")))
"""
    pair = alike(HEAD + views, ["/", "/through"])
    sites = [site for site in pair.conversion.plan.sites if site.symbol == "Held.all"]
    assert [site.status for site in sites] == ["bridged"]


def test_a_decorator_inside_of_a_function(alike: Alike) -> None:
    views = """
@bp.get("/")
def view():
    def plus(f):
        def wrapper(*args):
            return f(*args) + 1
        return wrapper

    @plus
    def counted(customer):
        return customer.total()

    return str(counted(one()))
"""
    alike(HEAD + views, ["/"])
