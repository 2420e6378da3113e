"""Annotations may name what isn't there: a name for type checkers only, a class that comes later."""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import Any

import pytest

from migrator.runtime.loading import application_kind, is_factory

_SOURCE = """
from typing import TYPE_CHECKING

from migrator.runtime.compat import App, jsonify
from migrator.runtime.db import select_method, unbridged

if TYPE_CHECKING:
    from decimal import Decimal as Money


def create_app(name: Money = "shop") -> Later:
    app = App(name)

    @app.get("/bridged/{number:int}")
    def bridged(number: int) -> Money:
        return jsonify(number, type(number).__name__)

    @app.get("/native/{number:int}")
    async def native(number: int) -> Later:
        return jsonify(number, type(number).__name__)

    return app


@unbridged
async def cost(of: Later, *, at_most: Money = 3) -> Money:
    return (of, at_most)


@select_method
async def dearest(query, of: Later) -> Money:
    return of


class Later:
    pass
"""


#: Before Python 3.14 annotations that aren't put off are evaluated at once.
_FIRST = ["from __future__ import annotations", *([""] if sys.version_info >= (3, 14) else [])]


@pytest.mark.parametrize("first", _FIRST)
def test_what_is_not_there(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shop: Any = ModuleType("shop")
    monkeypatch.setitem(sys.modules, "shop", shop)
    exec(compile(first + _SOURCE, "shop.py", "exec", dont_inherit=True), shop.__dict__)
    assert is_factory(shop.create_app)
    assert application_kind(shop.create_app) is None
    client = shop.create_app().test_client()
    assert client.get("/bridged/7").json == [7, "int"]
    assert client.get("/native/7").json == [7, "int"]
    assert shop.cost(1, at_most=2) == (1, 2)
    assert [str(p) for p in inspect.signature(shop.cost).parameters] == ["of", "at_most"]
    assert list(inspect.signature(shop.dearest).parameters) == ["query", "of"]
