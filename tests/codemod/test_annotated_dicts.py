"""Parameters that are annotated as dicts, in a package where some class has its own `get` or `keys`."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
import json
from typing import Any, Dict, Optional, TypedDict, Union

Data = Dict[str, Any]
Named = "dict[str, Any]"

class Options(TypedDict, total=False):
    limit: int

class Numbers:
    @staticmethod
    def get(key):
        return Order.query.filter_by(id=key).first().number

    def keys(self):
        return [o.number for o in Order.query.order_by(Order.id)]

def plain(data: dict, key):
    return data.get(key)

def alias(data: Data, key):
    return data.get(key), sorted(data.keys())

def text(data: Named, key):
    return data.get(key)

def optional(data: Optional[Dict[str, Any]], more: "dict | None", key):
    return (data or {}).get(key), more.get(key) if more else None

def typed(options: Options):
    return options.get("limit")

def unsaid(data, key):
    return data.get(key)

def numbers(data: dict, source: Union[Numbers, dict]):
    return data.get("a"), [str(k) for k in source.keys()]

@bp.get("/dicts")
def dicts():
    data = vars(json)["loads"]('{"a": 1, "limit": 2}')
    return jsonify(
        plain(data, "a"), alias(data, "a"), text(data, "a"), unsaid(data, "a"),
        optional(data, None, "a"), optional(None, data, "a"), typed(data),
        numbers(data, data), numbers(data, Numbers()),
        Numbers.get(1), unsaid(Numbers, 1), Numbers().keys(),
    )
"""
)


def test_they_are_asked_as_dicts(alike: Alike) -> None:
    sides = alike(VIEWS, ["/dicts"])
    views = sides.conversion.texts["views.py"]
    for name in ("plain", "alias", "text", "optional", "typed"):
        assert f"\ndef {name}(" in views, name
    assert "call(data.get, key)" in views.partition("def unsaid")[2]
    assert "call(source.keys)" in views
