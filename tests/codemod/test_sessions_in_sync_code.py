"""Views that stay sync: their sessions, where async code gets them, and what they enter."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

#: The query's entity is chosen at run time, so that a view with `chosen(...).first()` stays sync.
AROUND = """
from contextlib import closing
from functools import partial

def chosen(flag):
    return [Order.query if flag else Customer.query]

def looped(flag):
    yield flag
    try:
        pass
    except KeyError:
        db.session.rollback()

def counted(session, least=0):
    session.commit()
    return session.query(Order).filter(Order.amount > least).count()

class Counter:
    def __init__(self, session):
        self.session = session

    def count(self):
        self.session.flush()
        return self.session.query(Order).count()

COUNTERS = {"all": counted}
"""


def test_async_code_is_given_the_session_of_sync_code(alike: Alike) -> None:
    views = """
@bp.route("/argument")
def argument():
    both = Order.query if request.args else Customer.query
    later = [lambda: counted(db.session(), 15), lambda: Counter(db.session()).count()]
    return jsonify(both.count(), [each() for each in later])

@bp.route("/held")
def held():
    both = Order.query if request.args else Customer.query
    session = db.session()
    later = [lambda: counted(session, 15), lambda session=session: counted(session)]
    return jsonify(both.count(), [each() for each in later])

@bp.route("/entered")
def entered():
    both = Order.query if request.args else Customer.query
    found = both.count()
    session = db.session()
    later = [lambda: counted(session, 15)]
    with session:
        found += session.query(Order).count() + later[0]()
    return jsonify(found, len(session.identity_map))

@bp.route("/partial")
def by_partial():
    both = Order.query if request.args else Customer.query
    later = [lambda: 1]
    return jsonify(
        partial(counted, db.session(), 15)(), COUNTERS["all"](db.session()), later[0](), both.count()
    )
"""
    sides = alike(HEAD + AROUND + views, ["/argument", "/held", "/entered", "/partial"])
    text = sides.conversion.texts["views.py"]
    assert "    session = db.session\n" in text
    assert "async def counted" in text


def test_sync_code_enters_its_session_as_it_did(alike: Alike) -> None:
    views = """
def made():
    return db.session.query(Order)

@bp.route("/nested")
def nested():
    found = [order.number for order in made()]
    with db.session().begin_nested(), closing(db.session()) as session:
        session.add(Order(number="N9", amount=1, customer_id=1))
    return jsonify(found, [x for x in looped(1)][-1], made().count())
"""
    sides = alike(HEAD + AROUND + views, ["/nested"])
    assert not outcome_of(sides.conversion).findings
    assert "    with db.session().begin_nested(), closing(" in sides.conversion.texts["views.py"]


def test_a_function_inside_of_a_sync_view_has_queries_of_its_kind(alike: Alike) -> None:
    views = """
def made():
    return db.session.query(Order)

def counted_with(query):
    return Customer.query.count()

@bp.route("/inside")
def inside():
    query = made().filter_by(id=1)

    def counted_here():
        return counted_with(query)

    return jsonify(next(map(lambda each: each(), [counted_here])))
"""
    alike(HEAD + views, ["/inside"])
