"""A `LocalProxy` of a mapped object that a function gives: it is no coroutine, whatever it can do."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
from werkzeug.local import LocalProxy

def found():
    return Customer.query.order_by(Customer.id).first()

def kept():
    if "kept" not in g:
        g.kept = found()
    return g.kept

mine = LocalProxy(kept)

def same(x):
    return x

def applied(f, *args):
    return f(*args)

@bp.get("/applied")
def of_a_function():
    return jsonify(applied(same, mine).name, applied(found).total())

@bp.get("/chosen")
def of_a_dict():
    kinds = {"mine": lambda: mine, "found": found}
    return jsonify(kinds["mine"]().total(), kinds["found"]().total())
"""
)


def test_it_is_given_on_as_it_is(alike: Alike) -> None:
    alike(VIEWS, ["/applied", "/chosen"])
