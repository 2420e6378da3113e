"""Views and functions that are `async def` already: their queries, and what they call, are converted."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

VIEWS = """
import asyncio
from contextlib import asynccontextmanager
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

def count():
    return Order.query.count()

async def numbers(least):
    await asyncio.sleep(0)
    return [o.number for o in Order.query.filter(Order.amount >= least).order_by(Order.id)]

def later(least):
    return numbers(least)

@asynccontextmanager
async def entered():
    yield Customer.query.order_by(Customer.id).first()

@bp.get("/all")
async def all_orders():
    return jsonify([o.customer.name for o in Order.query.order_by(Order.id)], count())

@bp.get("/calls")
async def calls():
    first, second = await asyncio.gather(asyncio.sleep(0, 1), later(20))
    return jsonify(first, second, await numbers(30), await later(40))

@bp.get("/blocks")
async def blocks():
    found = []
    async with asyncio.timeout(5):
        for customer in Customer.query.order_by(Customer.id).all():
            found.append([customer.name, customer.total(), sorted(o.number for o in customer.orders)])
    return jsonify(found)

@bp.post("/changed/<int:key>")
async def change(key):
    order = Order.query.get_or_404(key)
    order.amount += 1
    db.session.commit()
    return jsonify(order.amount, order.customer.name)

@bp.get("/plain")
def plain():
    return jsonify(count())
"""


def test_async_views(alike: Alike, caplog: pytest.LogCaptureFixture) -> None:
    paths = ["/all", "/calls", "/blocks", ("POST", "/changed/2"), "/plain"]
    made = alike(VIEWS, paths).conversion
    views = made.texts["views.py"]
    assert "await numbers(30), await later(40)" in views
    assert "await await" not in views
    assert "count())" in views
    assert "await count()" in views
    assert ".query" not in views.replace("Customer.query.order_by(Customer.id).first()", "")
    assert "Implicit I/O" not in caplog.text


GENERATORS = """
from contextlib import asynccontextmanager, contextmanager
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

def count():
    return Order.query.count()

async def each(least):
    yield count()
    for order in Order.query.filter(Order.amount >= least).order_by(Order.id):
        yield order
    yield (Customer.query.order_by(Customer.id).first().name, count())

async def only():
    for order in Order.query.order_by(Order.id):
        yield order
        if order.amount > 20:
            db.session.commit()

async def doubled(least):
    async for item in each(least):
        yield item if isinstance(item, int) else [item]

@asynccontextmanager
async def first(name):
    found = Customer.query.filter_by(name=name).first()
    try:
        yield found
    finally:
        db.session.rollback()

@asynccontextmanager
async def counted():
    yield count()

class Feed:
    def __init__(self, least):
        self.least = least

    async def __aiter__(self):
        for order in Order.query.filter(Order.amount >= self.least).order_by(Order.id):
            yield order.number, count()

    @staticmethod
    def lengths():
        return [len(c.orders) for c in Customer.query.order_by(Customer.id)]

@bp.get("/each")
async def each_order():
    found = []
    async for item in each(15):
        found.append(item.number if isinstance(item, Order) else item)
        if isinstance(item, Order):
            found.append(item.customer.name)
    async for order in only():
        found.append([order.customer.name, order.customer.total()])
    return jsonify(found)

@bp.get("/comprehension")
async def comprehension():
    items = [str(getattr(x, "number", x)) async for x in each(20)]
    return jsonify(items, [n async for n in Feed(1)], {str(i) async for i in doubled(99)} != set())

@bp.get("/entered/<name>")
async def entered(name):
    async with first(name) as customer, counted() as number:
        return jsonify(customer and [customer.name, customer.total()], number, Feed.lengths())

@bp.get("/stepped")
async def stepped():
    items = each(1)
    made = [[x.number async for x in make(30) if isinstance(x, Order)] for make in (each, each)]
    return jsonify(await items.__anext__(), (await anext(items)).number, count(), made)
"""


def test_async_generators(alike: Alike, caplog: pytest.LogCaptureFixture) -> None:
    paths = ["/each", "/comprehension", "/entered/ann", "/entered/zed", "/stepped"]
    made = alike(GENERATORS, paths).conversion
    views = made.texts["views.py"]
    assert ".query" not in views
    assert "    yield (await count())\n" in views
    assert "Implicit I/O" not in caplog.text
    assert not outcome_of(made).findings


ASYNC_ALREADY = """
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from shop.models import Order

engine = create_async_engine("sqlite+aiosqlite://")
Session = async_sessionmaker(engine)

async def all_orders(session: AsyncSession):
    return (await session.execute(select(Order).order_by(Order.id))).scalars().all()

async def one(key):
    async with Session() as session:
        session.add(Order())
        await session.flush()
        found = await session.get(Order, key)
        await session.commit()
        return found

async def streamed():
    async with Session() as session:
        async for order in await session.stream_scalars(select(Order)):
            yield order
"""
MODELS = """
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"""


def test_code_that_awaits_its_sessions_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").write_text("")
    (tmp_path / "shop/models.py").write_text(MODELS)
    (tmp_path / "shop/own.py").write_text(ASYNC_ALREADY)
    made = convert(tmp_path / "shop", package="shop")
    assert made.texts.get("own.py", ASYNC_ALREADY) == ASYNC_ALREADY
    assert outcome_of(made).findings == ()


NOWHERE = """
from flask import Blueprint, jsonify
from PKG.models import Order

bp = Blueprint("shop", __name__)

def count():
    return Order.query.count()

@bp.get("/left")
async def left():
    class Page:
        orders = count()

    return jsonify(Page.orders)

@bp.get("/converted")
async def converted():
    return jsonify(count())
"""


def test_what_is_asynchronous_already_and_cannot_await_is_left(alike: Alike) -> None:
    made = alike(NOWHERE, ["/converted"]).conversion
    assert "def left" not in made.texts["views.py"]
    assert "return jsonify(await count())" in made.texts["views.py"]
    found = {f.code for f in outcome_of(made).findings if f.symbol == "left"}
    assert found == {"MIG508"}
