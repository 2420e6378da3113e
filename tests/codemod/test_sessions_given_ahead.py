"""`partial(f, session=session)`: what `f` asks of it besides queries is asked of a session."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
from contextlib import closing
from functools import partial
from sqlalchemy import select
from sqlalchemy.orm import Session

def numbers(*, session):
    connection = session.connection(execution_options={"mark": 1})
    found = connection.execute(select(Order.number).order_by(Order.id)).scalars().all()
    return [connection.get_execution_options().get("mark"), found]

def totals(session, extra):
    return [c.total() for c in session.query(Customer).order_by(Customer.id)] + [extra]

class Report:
    def count(self, session, model):
        return session.connection().execute(select(model.id)).all()[0][0]

@bp.get("/name")
def by_name():
    return jsonify(partial(numbers, session=db.session)())

@bp.get("/position")
def by_position():
    run = partial(totals, db.session)
    count = partial(Report().count, db.session)
    return jsonify(run(3), count(Order))

@bp.get("/own")
def of_its_own():
    with closing(Session(db.engine)) as session:
        return jsonify(partial(numbers, session=session)(), partial(totals, session)(extra=1))
"""
)


def test_it_is_known_as_one(alike: Alike) -> None:
    alike(VIEWS, ["/name", "/position", "/own"])
