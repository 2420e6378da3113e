"""A session's connection: what is read of it, and what it executes, in requests and where code runs alone."""

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


ALONE = """
import click
import json
from concurrent.futures import ThreadPoolExecutor
from sqlalchemy import text

def renamed():
    db.session.connection().execute(text("UPDATE customer SET name = 'raw' WHERE id = 1"))
    return [c.name for c in Customer.query.order_by(Customer.id)]

def first():
    return db.session.connection().execute(text("SELECT name FROM customer ORDER BY id DESC")).mappings().first()["name"]

def inside(app, work):
    with app.app_context():
        return work()

@bp.get("/view")
def view():
    return jsonify(renamed(), first())

@bp.get("/thread")
def thread():
    app = current_app._get_current_object()
    with ThreadPoolExecutor(1) as pool:
        return jsonify([pool.submit(inside, app, work).result() for work in (renamed, first)])

@bp.cli.command("do")
def do():
    click.echo(json.dumps([renamed(), first()]))

@bp.get("/command")
def command():
    result = current_app.test_cli_runner().invoke(args=["b", "do"])
    return jsonify(result.output, repr(result.exception))
"""


def test_outside_of_requests_it_is_the_sync_driver_s(alike: Alike) -> None:
    views = alike(HEAD + ALONE, ["/view", "/thread", "/command"]).conversion.texts["views.py"]
    assert "await (await db.session.connection()).execute(" in views


ANNOTATED = """
import functools
from typing import Any, Optional
import sqlalchemy as sa
from sqlalchemy.engine import Connection

def in_transaction(f):
    @functools.wraps(f)
    def run(self, *args: Any, connection: Optional[sa.engine.Connection] = None, **kwargs: Any) -> Any:
        if connection is not None:
            return f(self, *args, connection=connection, **kwargs)
        with self.bind.begin() as connection:
            return f(self, *args, connection=connection, **kwargs)
    return run

class Customers:
    def __init__(self, bind: Optional[sa.engine.Engine] = None) -> None:
        self.bind = bind

    @in_transaction
    def rename(self, name: str, connection: Optional[sa.engine.Connection] = None) -> int:
        assert connection is not None
        return connection.execute(sa.update(Customer).where(Customer.id == 1).values(name=name)).rowcount

    @in_transaction
    def names(self, connection: Optional[sa.engine.Connection] = None) -> list:
        assert connection is not None
        return connection.execute(sa.select(Customer.name).order_by(Customer.id)).scalars().all()

customers = Customers()

def count(connection: Connection) -> int:
    return connection.execute(sa.text("SELECT count(*) FROM customer")).scalar()

@bp.get("/kept")
def kept():
    customers.bind = db.engine
    return jsonify(customers.names(), customers.rename("zoe"), customers.names())

@bp.get("/opened")
def opened():
    with db.engine.connect() as connection:
        return jsonify(count(connection))

@bp.get("/session")
def session():
    db.session.get(Customer, 1).name = "amy"
    db.session.flush()
    return jsonify(count(db.session.connection()), customers.names(connection=db.session.connection()))
"""


def test_a_connection_that_only_an_annotation_names_is_the_sync_one(alike: Alike) -> None:
    alike(HEAD + ANNOTATED, ["/kept", "/opened", "/session"])
