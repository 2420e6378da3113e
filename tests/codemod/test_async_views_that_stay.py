"""An `async def` of the application that exchanges queries with what keeps them: no bridge can run it, so it stays."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
from contextlib import contextmanager
from sqlalchemy import update

@contextmanager
def wanted():
    yield Order.query

@bp.get("/sync")
def sync():
    with wanted() as query:
        pass
    changed = db.session.execute(update(Order).values(amount=3)).rowcount
    return jsonify(changed, query.count())

@bp.get("/async")
async def stays():
    with wanted() as query:
        pass
    changed = db.session.execute(update(Order).values(amount=3)).rowcount
    return jsonify(changed, query.count())

@bp.get("/native")
async def native():
    return jsonify([c.total() for c in Customer.query.order_by(Customer.id)])
"""
)


def test_it_is_left_and_told(alike: Alike) -> None:
    sides = alike(VIEWS, ["/sync", "/async", "/native"])
    outcome = outcome_of(sides.conversion)
    assert outcome.totals.left == 1
    told = [(f.code, f.message.partition(":")[0]) for f in outcome.findings]
    assert ("MIG512", "This query is left as it was") in told
    assert ("MIG512", "b.stays (/async) stays on the mount") in told
