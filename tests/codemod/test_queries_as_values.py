"""A query that goes where nobody follows it stays a legacy query, or becomes a select for all."""

from __future__ import annotations

import re
import textwrap

from tests.codemod.alike import Alike, models_with

HEAD = """
import types

from flask import Blueprint
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)


def customers():
    return Customer.query.order_by(Customer.id)


def shown(thing):
    return str(thing)


def names(things):
    return [thing.name for thing in things]


def numbered(things):
    return things.count() if not isinstance(things, list) else len(things)


def sizes(*things):
    return [len(list(thing)) for thing in things]


def texts(**things):
    return {name: str(thing)[:9] for name, thing in things.items()}


class Box:
    def __init__(self, content):
        self.content = content

    def rows(self):
        return list(self.content)

"""
#: What the body of a view returns; Q is a query.
RETURNED = """
bool(Q.filter_by(name="nobody"))
isinstance(Q, db.Query)
hasattr(Q, "with_entities")
shown(Q or [])
shown(Q)
[1 for _ in (1, 2) if Q]
(lambda: Q)().first().last.number
(lambda query: query.first())(Q).last.number
(Q, 5)[0].first().name
[Q, 5][0].first().name
((1,) + (Q,))[1].first().name
([1] + [Q])[1].first().name
{"n": 1, **{"q": Q}}["q"].first().name
dict(q=Q, n=1)["q"].first().name
{"q": Q, "n": 1}.popitem()[1]
types.SimpleNamespace(q=Q).q.first().name
[names(Q), names(Q.all()), names([])]
[numbered(Q), numbered(["x"])]
sizes(Q, [1], (1, 2))
texts(q=Q, n=1)
[len(Box(Q).rows()), len(Box([1]).rows())]
"""
#: Whole bodies, separated by blank lines.
BODIES = """
(a, b), c = Q, 1
return [a.name, b.name]

[(a, b), c] = [Q.limit(2), 1]
return [a.last.number, b.name]

match Q:
    case None:
        return "none"
    case found:
        return [row.name for row in found]

query = None
def refine():
    nonlocal query
    query = Q.filter_by(name="bob")
refine()
return query.one().last.number

query = []
def refine():
    nonlocal query
    query = Q.filter_by(name="bob")
def read():
    return [row.name for row in query]
refine()
return read()

class Held:
    query = Q
return Held.query.first().last.number

held = {"n": 1}
held.update(q=Q)
return held["q"].first().last.number

held = {"n": 1}
held.update([("q", Q)])
return held["q"].first().last.number

held = [1]
held.insert(0, Q)
return held[0].first().name

held = types.SimpleNamespace()
held.query = Q
return held.query.first().last.number

assert Q, "always true"
while Q:
    return "true"
"""


def test_a_query_is_a_query_wherever_it_goes(alike: Alike) -> None:
    bodies = [f"return {line}" for line in RETURNED.strip().splitlines()]
    bodies += BODIES.strip().split("\n\n")
    views = [
        f"def body{number}():\n{textwrap.indent(body, '    ')}\n"
        f'@bp.route("/{number}")\ndef view{number}():\n    return str(body{number}())\n'
        for number, body in enumerate(bodies)
    ]
    text = HEAD + re.sub(r"\bQ\b", "customers()", "\n".join(views))
    alike(text, [f"/{number}" for number in range(len(bodies))])


FAKES = """
class Fake:
    def __init__(self, names=("fake",)):
        self.names = names

    def filter(self, *criteria):
        return Fake((*self.names, "filtered"))

    def order_by(self, *columns):
        return self

    def all(self):
        return [Named(name) for name in self.names]

    def paginate(self, **options):
        return Page(self.all())

    def __iter__(self):
        return iter(self.all())

class Named:
    def __init__(self, name):
        self.name = name

class Page:
    def __init__(self, items):
        self.items = items

rows = Fake()

def made():
    return Fake(("made",))
"""
BESIDE_OTHERS = """
import fakes
from dataclasses import dataclass
from fakes import made
from flask import Blueprint, g, jsonify, request
from PKG.models import Customer, db

bp = Blueprint("shop", __name__)

def named(query):
    return [c.name for c in query.order_by(Customer.id).all()]

class Box:
    def __init__(self, other):
        self.q = Customer.query
        if other:
            self.change()

    def change(self):
        self.q = fakes.rows

    def all(self):
        return [c.name for c in self.q.order_by(Customer.id).all()]

class Made:
    q = None

    def fill(self, other):
        self.q = made() if other else Customer.query.filter(Customer.id > 1)
        return [c.name for c in self.q.all()]

def closure(other):
    if other:
        q = fakes.rows
    else:
        q = Customer.query
    def inner():
        return [c.name for c in q.order_by(Customer.id).all()]
    return inner()

def later(other):
    q = Customer.query
    def inner():
        return [c.name for c in q.order_by(Customer.id).all()]
    if other:
        q = made()
    return inner()

KEPT = None
ALONE = None

def keep(other):
    global KEPT
    if other:
        KEPT = fakes.rows
    else:
        KEPT = Customer.query

def keep_alone():
    global ALONE
    ALONE = Customer.query.filter(Customer.id > 1)

def kept():
    keep_alone()
    found = [c.name for c in KEPT.order_by(Customer.id).all()]
    return found + [c.name for c in ALONE.all()]

@dataclass
class Held:
    q: object

def hang(other):
    if other:
        g.q = made()
    else:
        g.q = Customer.query

def hung(other):
    hang(other)
    return [c.name for c in g.q.order_by(Customer.id).all()]

class Named:
    q = None

def put_by_name(box):
    setattr(box, "q", made())

def by_name(other):
    box = Named()
    setattr(box, "q", Customer.query)
    if other:
        put_by_name(box)
    return [c.name for c in box.q.order_by(Customer.id).all()]

def hold_made():
    return Held(made())

def in_fields(other):
    held = hold_made() if other else Held(Customer.query)
    return [c.name for c in held.q.order_by(Customer.id).all()]

class Several:
    def __init__(self):
        self.all = []

    def add_made(self):
        self.all.append(made())

def in_lists(other):
    several = Several()
    several.all.append(Customer.query)
    if other:
        several.add_made()
    return [named(q) for q in several.all]

def either(other):
    if other:
        return made()
    return Customer.query

def given(other):
    yield Customer.query
    if other:
        yield fakes.rows

def default(query=fakes.rows):
    return named(query)

def refined(other):
    query = Customer.query
    for _ in range(2):
        if other:
            query = made()
        query = query.filter(Customer.id > 0)
    return [c.name for c in query]

def tried(other):
    query = Customer.query
    try:
        if other:
            raise ValueError
        query = fakes.rows
    except ValueError:
        return named(query)
    return [c.name for c in query.filter(Customer.id > 1).all()]

@bp.get("/<int:other>/<name>")
def show(other, name):
    if other:
        query = made()
    else:
        query = Customer.query
    page = query.order_by(Customer.id).paginate(per_page=1)
    keep(other)
    found = {
        "page": lambda: [c.name for c in page.items], "box": lambda: Box(other).all(),
        "made": lambda: Made().fill(other), "closure": lambda: closure(other),
        "later": lambda: later(other), "kept": kept,
        "either": lambda: named(either(other)), "given": lambda: [named(q) for q in given(other)],
        "default": lambda: default() if other else default(Customer.query),
        "refined": lambda: refined(other), "tried": lambda: tried(other),
        "hung": lambda: hung(other), "by_name": lambda: by_name(other),
        "in_fields": lambda: in_fields(other), "in_lists": lambda: in_lists(other),
    }
    return jsonify(found[name]())

@bp.get("/direct/<int:other>")
def direct(other):
    held = {"a": Customer.query, "b": fakes.rows}
    several = [Customer.query]
    several.append(made())
    return jsonify(
        Box(other).all(), Made().fill(other), closure(other), later(other), named(either(other)),
        [named(q) for q in given(other)], default(), default(Customer.query), refined(other),
        tried(other), hung(other), by_name(other), in_fields(other), in_lists(other), named(held["b" if other else "a"]), [named(q) for q in several])
"""


def test_queries_beside_what_nobody_knows_stay_queries(alike: Alike) -> None:
    more = ["refined", "tried", "hung", "by_name", "in_fields", "in_lists"]
    names = ["page", "box", "made", "closure", "later", "kept", "either", "given", "default"]
    paths = [f"/{other}/{name}" for name in [*names, *more] for other in (0, 1)]
    alike(BESIDE_OTHERS, [*paths, "/direct/0", "/direct/1"], {"fakes": FAKES})


IN_TEMPLATES = """
from flask import Blueprint, render_template_string, render_template, jsonify
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

class Box:
    def __init__(self, customer):
        self.found = Order.query.filter(Order.customer_id == customer.id)

    def small(self):
        return self.found.filter(Order.amount < 30)

@bp.get("/<int:key>")
def show(key):
    customer = Customer.query.get_or_404(key)
    box = Box(customer)
    count = customer.mine().count() + customer.wanted.count() + box.found.count()
    return render_template("show.html", customer=customer, box=box, count=count)

@bp.get("/text/<int:key>")
def text(key):
    customer = Customer.query.get_or_404(key)
    source = "{% for o in customer.inlined().order_by('id') %}{{ o.number }} {% endfor %}{{ n }}"
    return render_template_string(source, customer=customer, n=customer.inlined().count())

@bp.get("/plain/<int:key>")
def plain(key):
    customer = Customer.query.get_or_404(key)
    return jsonify([o.number for o in customer.mine().limit(1)], customer.wanted.count(),
                   [o.number for o in customer.unseen().order_by(Order.id)])
"""
SHOWN = """
{% for order in customer.mine() %}{{ order.number }} {% endfor %}{{ count }}
{{ customer.wanted.order_by("id").first().number }} {{ customer.mine().count() }}
{% for order in box.found.order_by("id") %}{{ order.amount }} {% endfor %}{{ box.small().count() }}
"""
METHODS = """
    def mine(self):
        return Order.query.filter_by(customer_id=self.id).order_by(Order.id)

    def inlined(self):
        return Order.query.filter_by(customer_id=self.id)

    def unseen(self):
        return Order.query.filter(Order.customer_id != self.id)

    @property
    def wanted(self):
        return Order.query.filter(Order.customer_id == self.id)
"""


def test_what_templates_ask_for_stays_a_query(alike: Alike) -> None:
    files = {"models": models_with(METHODS), "templates/show.html": SHOWN}
    sides = alike(IN_TEMPLATES, ["/1", "/2", "/text/1", "/plain/1"], **files)
    text = sides.conversion.texts["models.py"]
    assert "return select(Order).where(Order.customer_id != self.id)" in text


#: What `described` gives is unknown from the start; that a list may come to it shows last.
LATE = """
from flask import current_app

def setup(app):
    app.config["SHOWN"] = app.config["THIRD"] = list

def described(things):
    if isinstance(things, db.Query):
        return current_app.config["SHOWN"](c.name for c in things.order_by(Customer.name.desc()))
    return current_app.config["SHOWN"](things)

@bp.route("/query")
def of_a_query():
    return str(described(Customer.query.filter(Customer.id > 0)))

@bp.route("/list")
def of_a_list():
    return str(described(first()))

def first():
    return second()

def second():
    return third()

def third():
    return current_app.config["THIRD"]((1, 2))
"""


def test_what_comes_to_a_parameter_last_counts_for_all_callers(alike: Alike) -> None:
    alike(HEAD + LATE, ["/query", "/list"])
