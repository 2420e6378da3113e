"""Decorators that open a session and give it by a keyword, and what they are composed of: both sides answer alike."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

PROVIDING = """
def provide_session(function):
    @wraps(function)
    def wrapper(*args, session=None, **kwargs):
        if session:
            return function(*args, session=session, **kwargs)
        with db.session() as session:
            return function(*args, session=session, **kwargs)
    return wrapper

def transactional(function):
    @wraps(function)
    def wrapper(*args, session=None, **kwargs):
        if not session:
            session = db.session()
            try:
                result = function(*args, session=session, **kwargs)
                session.commit()
            except Exception:
                session.rollback()
                raise
            finally:
                session.close()
        else:
            result = function(*args, session=session, **kwargs)
        return result
    return wrapper

@provide_session
def count(kind, session=None):
    return session.query(kind).count()

@transactional
def add(name, *, session=None):
    session.add(Customer(name=name))
    session.flush()
    if not name:
        raise LookupError
    return count(Customer, session=session)

@bp.get("/count")
def counted():
    return jsonify(count(Order), count(Order, session=db.session))

@bp.get("/add")
def added():
    return jsonify(add("x"), add("y", session=db.session()), Customer.query.count())

@bp.get("/fail")
def failed():
    try:
        add("")
    except LookupError:
        return jsonify(count(Customer))
"""
COMPOSED = """
import functools
from functools import reduce

def logged(function):
    @{wraps}(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

def doubled(function):
    @{wraps}(function)
    def wrapper(*args, **kwargs):
        return [function(*args, **kwargs), 2]
    return wrapper

{composing}

@{decorator}
def count():
    return Customer.query.count()

@{decorator}
def plain():
    return 1

@logged
def other():
    return count(), plain()

@bp.get("/count")
def counted():
    return jsonify(count(), plain(), other())
"""
COMPOSING = {
    "one of the other": "def both(f):\n    return logged(doubled(f))",
    "around what it gives": "def both(f):\n    @logged\n    @doubled\n    @wraps(f)\n"
    "    def wrapper(*args, **kwargs):\n        return f(*args, **kwargs)\n    return wrapper",
    "a loop": "def composed(*decorators):\n    def both(f):\n        for d in reversed(decorators):\n"
    "            f = d(f)\n        return f\n    return both\nboth = composed(logged, doubled)",
    "reduce": "both = reduce(lambda f, g: lambda x: f(g(x)), [logged, doubled])",
}
APPLYING = """
class Api:
    decorators = [doubled, logged]

    def __call__(self, f):
        for d in self.decorators:
            f = d(f)
        return f

both = Api()
"""
LOOKING_UP = """
def both(f):
    for name in "dl":
        f = {"d": doubled, "l": logged}[name](f)
    return f
"""


def test_a_session_by_a_keyword_stays_asynchronous(alike: Alike) -> None:
    text = alike(HEAD + PROVIDING, ["/count", "/add", "/fail"]).conversion.texts["views.py"]
    assert "    async def wrapper(*args, session=None, **kwargs):" in text
    assert "unbridged" not in text
    assert "return await count(Customer, session=session)" in text


@pytest.mark.usefixtures("uncaught")
@pytest.mark.parametrize("wraps", ["wraps", "functools.wraps"])
@pytest.mark.parametrize("kind", COMPOSING)
def test_what_decorators_are_composed_of(kind: str, wraps: str, alike: Alike) -> None:
    composed = COMPOSED.format(composing=COMPOSING[kind], decorator="both", wraps=wraps)
    alike(HEAD + composed, ["/count"])


# What nobody follows is seen where it is called in a request: no fixture takes that away here.
@pytest.mark.parametrize("wraps", ["wraps", "functools.wraps"])
@pytest.mark.parametrize("composing", [APPLYING, LOOKING_UP], ids=["a list", "a table"])
def test_decorators_that_are_taken_from_a_collection(
    composing: str, wraps: str, alike: Alike
) -> None:
    composed = COMPOSED.format(composing=composing, decorator="both", wraps=wraps)
    alike(HEAD + composed, ["/count"])
