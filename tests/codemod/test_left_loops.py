"""What is known where a loop is left by `break`, or goes on by `continue`, is known after it: executed, in both frames."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

LOOPS = """
class Service:
    def total(self):
        return Order.query.count()

@bp.get("/row")
def row():
    found = None
    for order in Order.query.order_by(Order.id).all():
        if order.number == "N1":
            found = order
            break
    return jsonify(found.customer.name)

@bp.get("/object")
def held():
    found, count = None, Order.query.count()
    for service in [Service(), Service()]:
        if count:
            found = service
            break
    return jsonify(found.total(), count)

@bp.get("/goes-on")
def goes_on():
    found, count = None, Order.query.count()
    for service in [Service(), Service()]:
        if count:
            found = service
            continue
        count += 1
    return jsonify(found.total(), count)

@bp.get("/query")
def query():
    wanted = None
    for number in ("N1", "N2"):
        if number:
            wanted = Order.query.filter_by(number=number)
            break
    return jsonify(wanted.count())

@bp.get("/while")
def loops():
    count, last = Order.query.count(), None
    while True:
        order = Order.query.filter_by(number="N" + str(count)).first()
        if order is not None:
            last = order
            break
        count -= 1
    else:
        last = 0
    return jsonify(last.customer.name, order.customer.name)

@bp.get("/committed")
def committed():
    order = Order.query.order_by(Order.id).first()
    for turn in range(3):
        if turn:
            db.session.commit()
            break
    return jsonify(order.number)

@bp.get("/in-turn")
def in_turn():
    order, numbers = Order.query.order_by(Order.id).first(), []
    for turn in range(3):
        numbers.append(order.number)
        try:
            if turn == 1:
                db.session.commit()
                continue
            order.amount = turn
        finally:
            numbers.append(turn)
    return jsonify(numbers)
"""
PATHS = ["/row", "/object", "/goes-on", "/query", "/while", "/committed", "/in-turn"]


def test_what_is_found_there_is_known(alike: Alike) -> None:
    outcome = outcome_of(alike(HEAD + LOOPS, PATHS).conversion)
    assert outcome.totals.native == outcome.totals.seen


IN_A_CLASS = """
class Codes:
    for _line in ("a|1", "b|2", "", "c|3"):
        if not _line:
            break
        if _line.startswith("a"):
            continue
        first, second = _line.split("|")
    while True:
        third = second
        break
    def total(self):
        return Order.query.count() + int(self.third)

@bp.get("/class")
def of_class():
    for _ in range(2):
        class Inner:
            for number in ("N1", "N2"):
                if number == "N1":
                    break
        row = Order.query.filter_by(number=Inner.number).first()
        if row is not None:
            break
    return jsonify(Codes().total(), row.customer.name)
"""


def test_loops_of_a_class_body_may_be_left(alike: Alike) -> None:
    outcome = outcome_of(alike(HEAD + IN_A_CLASS, ["/class"]).conversion)
    assert outcome.totals.native == outcome.totals.seen
