"""A number or a text that is read of a session's connection: the expression runs in the session's bridge."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

VIEWS = """
def dialect(session=None):
    if session is None:
        session = db.session
    return str(session.connection().dialect.name.split("(")[0])


@bp.get("/")
def show():
    Customer.query.first().name = "zoe"
    names = [c.name for c in Customer.query.order_by(Customer.id)]
    return jsonify(names, dialect(), dialect(db.session), len(db.session.connection().dialect.name))

@bp.get("/keys")
def keys():
    found = sorted(Order.query.all(), key=lambda o: (str(db.session.connection().dialect.name), o.amount))
    return found[0].number

@bp.get("/if")
def conditional():
    if str(db.session.connection().dialect.name) == "sqlite" and bool(db.session.connection().closed):
        return "closed"
    return db.session.get(Order, 1).customer.name
"""


def test_it_is_native(alike: Alike) -> None:
    sides = alike(HEAD + VIEWS, ["/", "/keys", "/if"])
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen
    assert (
        "await session.run_sync(lambda session: str(session.connection()"
        in sides.conversion.texts["views.py"]
    )


@pytest.mark.parametrize(
    "read",
    [
        # in the bridge for another reason
        "sum(o.amount for o in Order.query.filter(Order.id > len(db.session.connection().dialect.name) - 6))",
        # what is kept of it
        "id(db.session.connection().engine) > 0 and int(str(db.session.connection().closed) == 'False')",
        # it is given more than constants
        "len(db.session.connection().execute(db.select(Order.id)).all())",
        "int(db.session.connection().scalar(db.select(db.func.count(Order.id))))",
        "str(db.session.connection().exec_driver_sql('SELECT count(*) FROM customer').scalar())",
        # names of Python's own that mean something else
        "(lambda str: str(db.session.connection().closed))(lambda closed: repr(closed))",
    ],
)
def test_its_like(read: str, alike: Alike) -> None:
    alike(HEAD + f"@bp.get('/')\ndef show():\n    return jsonify({read})\n", ["/"])
