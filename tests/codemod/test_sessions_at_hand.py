"""A plain function that gives `db.session()`: async code may call it, and code in the bridge."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

#: What gives it, and how it is got there.
GIVING = {
    "function": ("def make():\n    return db.session()", "make()"),
    "name": (
        "def make():\n    made = db.session()\n    made.autoflush = True\n    return made",
        "make()",
    ),
    "itself": ("def make():\n    return db.session", "make()"),
    "method": (
        "class Base:\n    def session(self):\n        return db.session()",
        "Base().session()",
    ),
    "property": (
        "class Base:\n    @property\n    def session(self):\n        return db.session()",
        "Base().session",
    ),
    "kept": (
        "def make():\n    return db.session()\nclass Base:\n    def __init__(self):\n        self.own = make()",
        "Base().own",
    ),
    "lambda": ("make = lambda: db.session()", "make()"),
    "constant": ("def given():\n    return db.session()\nmake = given", "make()"),
    "default": (
        "def first():\n    return db.session()\ndef make(by=first):\n    return by()",
        "make()",
    ),
    "one of two": ("def make():\n    return db.session(), 'x'", "make()[0]"),
    "in a dict": ("def make():\n    return {'own': db.session()}", "make()['own']"),
    "iterated": ("def make():\n    yield db.session()", "next(make())"),
    "partial": (
        "from functools import partial\ndef given(kind):\n    return db.session()\nmake = partial(given, 1)",
        "make()",
    ),
    "of the application": (
        "def setup(app):\n    app.database = db\n"
        "def make():\n    return current_app.database.session()",
        "make()",
    ),
    "of the extension": (
        "def make():\n    return current_app.extensions['sqlalchemy'].session()",
        "make()",
    ),
    "after a query": ("def make():\n    Order.query.count()\n    return db.session()", "make()"),
}
VIEWS = """
{giving}

@bp.get("/committed")
def committed():
    sess = {got}
    sess.add(Customer(name="x"))
    sess.commit()
    return jsonify(sess.query(Customer).count(), Customer.query.count())

@bp.get("/closed")
def closed():
    sess = {got}
    try:
        sess.add(Customer(name="y"))
        sess.flush()
        sess.rollback()
        return jsonify(sess.query(Customer).count())
    finally:
        sess.close()

@bp.get("/entered")
def entered():
    with {got} as sess:
        sess.add(Customer(name="z"))
        sess.commit()
        return jsonify(sess.query(Customer).count())

@bp.get("/bridged")
def bridged():
    return jsonify(sorted([1, 2], key=lambda n: ({got}.query(Customer).count(), -n)))

def given(sess):
    sess.add(Customer(name="g"))
    sess.flush()
    return sess.query(Customer).count()

@bp.get("/given")
def handed():
    return jsonify(given({got}), given(sess={got}))
"""
PATHS = ["/committed", "/closed", "/entered", "/bridged", "/given", "/committed"]


@pytest.mark.parametrize("kind", GIVING)
def test_whoever_gets_it_has_a_session_of_its_side(kind: str, alike: Alike) -> None:
    giving, got = GIVING[kind]
    views = VIEWS.format(giving=giving, got=got)
    if kind == "itself":
        views = views.replace(f"with {got} as sess:", f"with {got}() as sess:")
    alike(HEAD + views, PATHS)


def test_it_reads_as_the_session_itself(alike: Alike) -> None:
    giving, got = GIVING["function"]
    text = alike(HEAD + VIEWS.format(giving=giving, got=got), PATHS).conversion.texts["views.py"]
    assert "def make():\n    return db.session\n" in text
    assert "async with make() as sess:" in text
