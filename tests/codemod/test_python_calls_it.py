"""What Python calls by itself and what typed code hides: operators, descriptors, hints, defaults."""

from __future__ import annotations

import pytest

from tests.codemod.alike import FILES, Alike

VIEW = """
from PKG.baskets import Basket, Card, Named, Shelf, kept, latest, counted, describe, saved
from PKG.models import Customer, Order, db
from flask import Blueprint, jsonify

bp = Blueprint("shop", __name__)

@bp.route("/")
def view():
    basket, other = Basket(1), Basket(2)
"""
BASKETS = """
from __future__ import annotations

import functools
from functools import singledispatch, wraps
from typing import Any, Callable, Generic, Type, TypeVar

from PKG.models import Customer, Order, db

M = TypeVar("M")

class Basket:
    def __init__(self, pk):
        self.pk = pk

    def count(self):
        return Order.query.filter_by(customer_id=self.pk).count()

    def __add__(self, other):
        return self.count() + other.count()

    def __radd__(self, other):
        return other + self.count()

    def __neg__(self):
        return -self.count()

    def __iadd__(self, amount):
        self.pk += amount * Order.query.count()
        return self

    def __format__(self, spec):
        return f"{spec}{self.count()}"

    def __repr__(self):
        return f"<{self.count()}>"

    def __getitem__(self, index):
        return Order.query.filter_by(customer_id=self.pk).order_by(Order.id).all()[index]

    def __delitem__(self, index):
        db.session.delete(self[index])
        db.session.flush()

    def __iter__(self):
        yield from Order.query.filter_by(customer_id=self.pk).order_by(Order.id)

class Number:
    def __get__(self, card, cls=None):
        return self if card is None else Order.query.filter_by(customer_id=card.pk).count()

class Card:
    orders = Number()

    def __init__(self, pk):
        self.pk = pk

    def __getattr__(self, name):
        if name != "owner":
            raise AttributeError(name)
        return db.session.get(Customer, self.pk)

class Named:
    def __str__(self):
        return "plain"

class Stored(Named):
    def __str__(self):
        return f"{Order.query.count()} stored"

class Shelf(Generic[M]):
    def __init__(self, model: Type[M], session=None):
        self.model = model
        self._session = session

    @property
    def session(self):
        return self._session or db.session

    def size(self):
        return self.session.query(self.model).count()

    def get(self, key):
        return self.session.get(self.model, key)

def named():
    return [Named(), Stored()]

def kept(label: str, /, **extra):
    def decorate(f: Callable[..., Any]):
        @wraps(f)
        def inner(*args, **kwargs):
            result = f(*args, **kwargs)
            return label, Order.query.count(), result.number
        return inner
    return decorate

@kept("last", by="id")
def latest():
    return Order.query.order_by(Order.id.desc()).first()

def retried(f: Callable):
    def inner(*args):
        try:
            return f(*args)
        except ValueError:
            return -1
    return inner

@retried
def counted(least=Order):
    if least is Order:
        raise ValueError
    return Order.query.filter(Order.amount >= least).count()

@singledispatch
def describe(thing: Any):
    return str(thing)

@describe.register
def _(thing: Customer):
    return f"{thing.name} {len(thing.orders)}"

@describe.register
def _(thing: Order):
    return thing.customer.name

def saved(name, commit=True):
    customer = Customer(name=name)
    db.session.add(customer)
    (db.session.commit if commit else db.session.flush)()
    return customer.id
"""


@pytest.mark.parametrize(
    "body",
    [
        "return jsonify(basket + other, 5 + other, -basket, sum([basket, other]))",
        "basket += 2\n    return jsonify(basket.pk)",
        "return jsonify(f'{basket:>}', f'{basket!r}', '%r' % basket, repr(other), format(other, '<'))",
        "return jsonify(basket[0].customer.name, [o.number for o in other])",
        "del basket[0]\n    return jsonify(basket.count())",
        "return jsonify(Card(1).orders, Card(2).owner.name, len(Card(2).owner.orders))",
        "from PKG.baskets import named\n    return jsonify([f'{n}' for n in named()], str(named()[1]))",
        "return jsonify(Shelf(Order).size(), Shelf[Customer](Customer).get(2).name)",
        "customers: Shelf[Customer] = Shelf(Customer)\n    return jsonify(len(customers.get(1).orders))",
        "return jsonify(latest(), counted(), counted(20))",
        "return jsonify([describe(thing) for thing in (Order.query.first(), Customer.query.first())])",
        "return jsonify(saved('cid'), saved('dan', commit=False), Customer.query.count())",
    ],
)
def test_both_sides_answer_alike(body: str, alike: Alike, caplog: pytest.LogCaptureFixture) -> None:
    alike(f"{VIEW}    {body}\n", ["/"], baskets=BASKETS)
    assert "Implicit I/O" not in caplog.text


HUNG = """
from blinker import Namespace
from flask import Blueprint, g, jsonify
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)
signals = Namespace()
paid, sold = signals.signal("paid"), signals.signal("sold")

@paid.connect
def on_paid(sender, **extra):
    return Order.query.count()

def on_sold(sender, order=None):
    return order.customer.name

sold.connect(on_sold)

@bp.before_request
def load():
    g.customer = Customer.query.order_by(Customer.id).first()
    g.setdefault("order", Order.query.order_by(Order.id).first())
    setattr(g, "other", Order.query.order_by(Order.id.desc()).first())

@bp.route("/")
def view():
"""


@pytest.mark.parametrize(
    "body",
    [
        "customer = g.get('customer')\n    return jsonify(customer.total(), len(customer.orders))",
        "return jsonify(g.order.customer.name, g.pop('order', None).customer.total())",
        "return jsonify(getattr(g, 'other').customer.name, g.other.customer.total())",
        "return jsonify(g.get('nobody', g.customer).total(), g.get('nothing') is None)",
        "return jsonify([answer for _, answer in paid.send(g.customer)])",
        "return jsonify([answer for _, answer in paid.send(None, amount=1)])",
        "return jsonify([answer for _, answer in sold.send(None, order=g.get('order'))])",
    ],
)
def test_what_hangs_on_the_request_and_what_a_signal_calls(
    body: str, alike: Alike, caplog: pytest.LogCaptureFixture
) -> None:
    alike(f"{HUNG}    {body}\n", ["/"])
    assert "Implicit I/O" not in caplog.text


def test_a_lambda_of_a_module_is_called_later(alike: Alike) -> None:
    views = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

def counted(more=0):
    return Order.query.count() + more

FINDERS = {"all": lambda: counted(), "more": lambda n: counted(n) + 1}

@bp.route("/<name>")
def view(name):
    first = Customer.query.first()
    return jsonify(first.name, FINDERS[name](), FINDERS["more"](2))
"""
    made = alike(views, ["/all"])
    assert not made.conversion.findings


SORTS = """
from collections.abc import Iterable
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

class Company(Customer):
    __mapper_args__ = {"polymorphic_identity": "company"}
    id = db.Column(db.ForeignKey("customer.id"), primary_key=True)
    branches = db.relationship("Branch", order_by="Branch.id")

    def places(self):
        return [branch.place for branch in self.branches]

class Branch(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    place = db.Column(db.String(20))
    company_id = db.Column(db.ForeignKey("company.id"))

class Report:
    def title(self):
        return type(self).__name__

class Sales(Report):
    def lines(self):
        return Order.query.count()

def told(thing, *names):
    found = {"name": getattr(thing, "name", None)}
    for name in names:
        value = getattr(thing, name)
        if isinstance(value, Iterable) and not isinstance(value, str):
            found[name] = [told(v) if not hasattr(v, "last_line") else v.last_line() for v in value]
    return found

COLUMNS = {"total": lambda c: c.total(), "places": lambda c: c.places()}

def write():
    db.session.add(Company(name="inc", branches=[Branch(place="x"), Branch(place="y")]))
    db.session.commit()

def reports(all):
    return [r for r in (Report(), Sales()) if all or isinstance(r, Sales)]

@bp.route("/")
def view():
    write()
    found = Customer.query.filter_by(name="inc").first()
    ann = Customer.query.filter_by(name="ann").first()
"""

#: Customers that may be of a class below, and orders that tell of others.
MODELS = (
    FILES["models.py"]
    .replace(
        "name = db.Column(db.String(50))",
        """name = db.Column(db.String(50))
            kind = db.Column(db.String(20))
            __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "customer"}""",
    )
    .replace(
        'customer_id = db.Column(db.ForeignKey("customer.id"))',
        """customer_id = db.Column(db.ForeignKey("customer.id"))

            def last_line(self):
                return self.number + self.customer.name""",
    )
)


@pytest.mark.parametrize(
    "body",
    [
        "return jsonify(isinstance(found, Company) and found.places())",
        "return jsonify([c.places() for c in Customer.query if hasattr(c, 'places')])",
        "return jsonify([b.place for b in found.branches])",
        "return jsonify([r.lines() for r in reports(False)], [r.title() for r in reports(True)])",
        "return jsonify(told(ann, 'orders'), told(found, 'branches'))",
        "return jsonify(COLUMNS['total'](ann), COLUMNS['places'](found))",
        "return jsonify([COLUMNS[k](found) for k in sorted(COLUMNS)])",
    ],
)
def test_classes_below_and_what_a_test_says(body: str, alike: Alike) -> None:
    alike(f"{SORTS}    {body}\n", ["/"], models=MODELS)


KEPT = """
from contextlib import ExitStack, nullcontext
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

class Missing(Exception):
    def __init__(self, number, customer):
        super().__init__(number)
        self.customer = customer

    def owner(self):
        return Customer.query.filter_by(id=self.customer.id).one().name

    def __str__(self):
        return f"{self.args[0]} of {len(self.customer.orders)}"

class Unit:
    def __init__(self, nested=True):
        self.nested = nested

    def __enter__(self):
        self._part = db.session.begin_nested() if self.nested else nullcontext()
        self._part.__enter__()
        return self

    def __exit__(self, kind, error, trace):
        self._part.__exit__(kind, error, trace)
        return kind is KeyError

class Step:
    def begin(self):
        self.part = db.session.begin_nested()
        return self.part

    def end(self, keep):
        (self.part.commit if keep else self.part.rollback)()

def named(name):
    db.session.add(Customer(name=name))
    db.session.flush()

def order_of(customer, number):
    try:
        return next(o for o in customer.orders if o.customer and o.number == number)
    except StopIteration:
        raise Missing(number, customer) from None

@bp.route("/")
def view():
    ann = Customer.query.filter_by(name="ann").first()
"""


@pytest.mark.parametrize(
    "body",
    [
        "try:\n        order_of(ann, 'no')\n    except Missing as e:\n"
        "        return jsonify(str(e), e.owner(), [o.number for o in e.customer.orders])",
        "try:\n        return order_of(ann, 'N1').customer.name\n    except (KeyError, Missing) as e:\n"
        "        return e.owner()",
        "for name in ('x', 'y'):\n        with Unit():\n            named(name)\n"
        "            if name == 'y':\n                raise KeyError(name)\n"
        "    return jsonify([c.name for c in Customer.query.order_by(Customer.id)])",
        "for keep in (True, False):\n        step = Step()\n        step.begin()\n"
        "        named(str(keep))\n        step.end(keep)\n"
        "    return jsonify([c.name for c in Customer.query.order_by(Customer.id)])",
        "with ExitStack() as stack:\n        stack.enter_context(db.session.begin_nested())\n"
        "        named('z')\n    return str(Customer.query.count())",
        "step = Step()\n    with step.begin():\n        named('w')\n"
        "    return str(Customer.query.count())",
        "with Unit(nested=False):\n        named('v')\n    return str(Customer.query.count())",
    ],
)
def test_exceptions_that_carry_objects_and_transactions_that_are_kept(
    body: str, alike: Alike
) -> None:
    alike(f"{KEPT}    {body}\n", ["/"])
