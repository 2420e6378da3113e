"""Generators below a decorator that makes something else of them: it is that which their names give."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
from types import FunctionType

class Joined:
    def __init__(self, parts, glue):
        self.parts = parts
        self.glue = glue

    def __str__(self):
        return self.glue.join(self.parts)

class Joining:
    def __init__(self, glue):
        self.glue = glue

    def __call__(self, func):
        @wraps(func)
        def wrapped(*args, **kwargs):
            return Joined(func(*args, **kwargs), self.glue)
        return wrapped

def joined(function_or_glue):
    if isinstance(function_or_glue, FunctionType):
        return Joining("")(func=function_or_glue)
    return Joining(glue=function_or_glue)

@joined
def names(first):
    yield first
    for customer in Customer.query.order_by(Customer.id):
        yield customer.name

@joined(", ")
def numbers(first):
    yield first
    yield Order.query.order_by(Order.id).first().number

@joined("-")
def plain(first):
    yield first
    yield "end"

class Table:
    @property
    def title(self):
        return names("t")

    @property
    def end(self):
        return plain("t")

    def foot(self):
        return plain(Customer.query.first().name)

@bp.get("/names")
def all_names():
    return str(names("n"))

@bp.get("/table")
def table():
    shown = Table()
    return str(numbers("x")) + str(shown.title) + str(shown.end) + str(shown.foot())

@bp.get("/plain")
def without():
    found = Customer.query.count()
    return f"{found}{plain('p')}"
"""
)


def test_what_a_decorator_makes_of_a_generator(alike: Alike) -> None:
    alike(VIEWS, ["/names", "/table", "/plain"])


OF_QUERIES = (
    HEAD
    + """
def traced(f):
    @wraps(f)
    def inner(*args, **kwargs):
        return f(*args, **kwargs)
    return inner

def each(session):
    yield session.query(Customer)
    session.commit()

@traced
def wanted():
    return next(query for query in each(db.session))

@bp.get("/wanted")
def count():
    return jsonify(wanted().count(), [c.total() for c in wanted().order_by(Customer.id)])
"""
)


def test_what_takes_a_query_from_a_generator_below_a_decorator(alike: Alike) -> None:
    sides = alike(OF_QUERIES, ["/wanted"])
    assert "(await call(f, *args, **kwargs)).statement" in sides.conversion.texts["views.py"]
