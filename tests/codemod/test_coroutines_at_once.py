"""Coroutines that run at once and ask the database are told of; one after the other they answer alike."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike, small_shop
from tests.codemod.parity import Make
from tests.codemod.small_package import converted

VIEWS = """
import asyncio
async def take(number):
    if Order.query.filter_by(number="only").first() is None:
        db.session.add(Order(number="only", amount=number))
        db.session.commit()
    return Order.query.count()
async def quiet(number):
    return number
def sync(number):
    return Order.query.count()
"""
TOLD = {
    "gather": "await asyncio.gather(take(1), take(2))",
    "gather of a list": "tasks = [take(n) for n in range(2)]\n    await asyncio.gather(*tasks)",
    "task": "task = asyncio.create_task(take(1))\n    await take(2)\n    await task",
    "group": "async with asyncio.TaskGroup() as group:\n        group.create_task(take(1))",
    "in turn of coming": "[await f for f in asyncio.as_completed([take(1)])]",
    "started by name": "async with group as g:\n        g.start_soon(take, 1)",
}
NOT_TOLD = {
    "one after the other": "await take(1), await take(2)",
    "without the database": "await asyncio.gather(quiet(1), quiet(2)), await take(1)",
    "in threads": "await asyncio.gather(asyncio.to_thread(sync, 1))",
}


@pytest.mark.parametrize("name", [*TOLD, *NOT_TOLD])
def test_what_is_told(name: str, tmp_path: Path) -> None:
    view = f"@bp.route('/v')\nasync def view():\n    {(TOLD | NOT_TOLD)[name]}\n    return ''\n"
    views = "from flask import Blueprint\nfrom shop.models import Order, db\n"
    made = outcome_of(converted(tmp_path, views + "bp = Blueprint('v', __name__)\n" + VIEWS + view))
    assert [f.code for f in made.findings if f.code == "MIG125"] == ["MIG125"] * (name in TOLD)


def test_one_after_the_other(alike: Alike) -> None:
    alike(
        HEAD + VIEWS + "@bp.route('/v')\ndef view():\n"
        "    async def both():\n        return [await take(1), await take(2)]\n"
        "    return jsonify(asyncio.run(both()))\n",
        ["/v"],
    )


def test_each_in_a_scope_of_its_own(make_sides: Make) -> None:
    """What the page advises, put into the converted code by hand."""
    views = (
        HEAD
        + VIEWS
        + (
            "@bp.route('/v')\nasync def view():\n"
            "    async def own(number):\n        return await sized(number)\n"
            "    return jsonify(await asyncio.gather(own(1), own(2), own(3)))\n"
            "async def sized(number):\n    return Order.query.count() + number\n"
        )
    )
    sides = small_shop(make_sides, "fastapi", views)
    place = sides.root / sides.target / "views.py"
    text = place.read_text(encoding="utf-8")
    call = "        return await sized(number)\n"
    assert text.count(call) == 1
    own = f"        async with db.scope():\n    {call}"
    place.write_text(text.replace(call, own), encoding="utf-8")
    legacy = importlib.import_module(sides.legacy).create_app()
    models = importlib.import_module(f"{sides.legacy}.models")
    with legacy.app_context():
        models.db.create_all()
        models.seed()
        models.db.session.remove()
        models.db.engine.dispose()
    with sides.converted() as asgi:
        (answer,) = sides.answers(asgi.app, [("GET", "/v")])
    assert answer[2:4] == (200, b"[6,7,8]\n")
