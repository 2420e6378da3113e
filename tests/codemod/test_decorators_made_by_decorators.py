"""A decorator that makes a decorator of a function: nothing is asked where the module is imported."""

from __future__ import annotations

import textwrap

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike, small_shop
from tests.codemod.parity import Make, Sides

#: What stands below the decorator has two arguments, or also those of the decorator that it becomes.
PERMISSIONS = """
def permissions(handler):
    def callback(f, args, kwargs, given):
        if not handler(args, kwargs, *given):
            abort(403)
        return f(*args, **kwargs)
    if handler.__code__.co_argcount > 2:
        def decorator(*given):
            def inner(f):
                @wraps(f)
                def wrapper(*args, **kwargs):
                    return callback(f, args, kwargs, given)
                return wrapper
            return inner
    else:
        def decorator(f):
            @wraps(f)
            def wrapper(*args, **kwargs):
                return callback(f, args, kwargs, ())
            return wrapper
    return decorator
"""
VIEWS = """
@permissions
def exists(args, kwargs, model, key):
    return model.query.get(kwargs[key])

@permissions
def anybody(args, kwargs):
    return Customer.query.count()

@bp.get("/<int:id>")
@exists(Customer, "id")
def show(id):
    return Customer.query.get(id).name

@bp.get("/all")
@anybody
def number():
    return str(Order.query.count())
"""


NEVER = """
@permissions
def never(args, kwargs):
    return Order.query.filter_by(number="N9").first()
"""
#: As the distribution `decorator` has it: what is decorated is called with the function.
DECORATOR = """
from functools import partial, wraps

def decorator(caller):
    def made(f=None, **given):
        if f is None:
            return partial(made, **given)

        @wraps(f)
        def called(*args, **kwargs):
            return caller(f, *args, **given, **kwargs)
        return called
    return made
"""
LOUD = """
from decorator import decorator

@decorator
def loud(f, *args, times=1, **kwargs):
    return f(*args, **kwargs) + "!" * times * Order.query.count()

@loud(times=2)
def name(id):
    return Customer.query.get(id).name

@loud
def number():
    return str(Customer.query.count())

@bp.get("/")
def show():
    return name(1) + number()
"""


def codes(sides: Sides) -> set[str]:
    return {finding.code for finding in outcome_of(sides.conversion).findings}


@pytest.mark.parametrize("first", ["", NEVER])
def test_a_decorator_of_the_repository(first: str, alike: Alike) -> None:
    assert "MIG513" not in codes(alike(HEAD + PERMISSIONS + first + VIEWS, ["/1", "/2", "/all"]))


def test_a_decorator_of_another_distribution(alike: Alike) -> None:
    assert "MIG513" not in codes(alike(HEAD + LOUD, ["/"], {"decorator": DECORATOR}))


def test_a_decorator_that_asks_at_once_is_told(make_sides: Make) -> None:
    asking = """
    def known(name):
        found = Customer.query.filter_by(name=name).first()
        def decorator(f):
            return f
        return decorator

    def same(f):
        @wraps(f)
        def wrapper(*args):
            return f(*args)
        return wrapper

    @same
    def named(name):
        return known(name)

    @bp.get("/")
    @named("ann")
    def show():
        return ""
    """
    sides = small_shop(make_sides, "fastapi", HEAD + textwrap.dedent(asking))
    assert "MIG513" in codes(sides)
