"""JSON bytes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from markupsafe import Markup


@dataclasses.dataclass
class Point:
    x: int
    y: Decimal


class Custom:
    pass


TZ = dt.timezone(dt.timedelta(hours=2))
VALUES: dict[str, Any] = {
    "order": {"b": 1, "a": {"d": 1, "c": 2}},
    "text": 'é 漢 \U0001f600 </script> \u2028 "',
    "date": dt.date(2026, 1, 2),
    "naive": dt.datetime(2026, 1, 2, 3, 4, 5, 678),
    "aware": dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=TZ),
    "time": dt.time(1, 2),
    "decimal": Decimal("1.10"),
    "uuid": uuid.UUID(int=7),
    "dataclass": Point(1, Decimal("2.50")),
    "markup": Markup("<b>x</b>"),
    "nan": [float("nan"), float("inf"), -0.0, 1e20, 1.0],
    "big": 2**70,
    "tuple": (1, 2),
    "set": {1},
    "bytes": b"x",
    "custom": Custom(),
    "none": None,
    "mixed keys": {1: "a", "b": 2},
    "int keys": {2: "a", 1: "b"},
    "nested": [{"when": dt.date(1999, 12, 31)}],
}


@pytest.mark.parametrize("name", VALUES)
def test_values(both: Any, name: str) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/one", endpoint="one")(lambda: f.jsonify(VALUES[name]))
        app.get("/keyword", endpoint="keyword")(lambda: f.jsonify(value=VALUES[name], a=1))
        app.get("/several", endpoint="several")(lambda: f.jsonify(VALUES[name], 1))
        app.get("/plain", endpoint="plain")(lambda: {"value": VALUES[name]})

    pair = both(setup)
    for path in ("/one", "/keyword", "/several", "/plain"):
        pair.get(path)


def test_no_value_and_too_many(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/none", endpoint="none")(lambda: f.jsonify())
        app.get("/both", endpoint="both")(lambda: f.jsonify(1, a=2))

    pair = both(setup)
    pair.get("/none")
    pair.get("/both")


def test_the_provider_s_attributes(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.json.sort_keys = False
        app.json.ensure_ascii = False
        app.json.compact = False
        app.json.mimetype = "application/vnd.api+json"
        app.get("/", endpoint="index")(lambda: {"b": "é", "a": [1]})

    both(setup).get("/")


def test_debug_mode_indents(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/", endpoint="index")(lambda: {"b": "é", "a": [1]})

    both(setup, DEBUG=True).get("/")


def test_a_default_of_the_application(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        inherited = app.json.default
        app.json.default = lambda o: sorted(o) if isinstance(o, set) else inherited(o)
        app.get("/", endpoint="index")(lambda: {"tags": {"b", "a"}, "price": Decimal(1)})

    both(setup).get("/")


def test_the_module_s_functions(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/", endpoint="index")(
            lambda: (
                f.module.json.dumps({"b": dt.date(2026, 1, 1), "a": "é"})
                + str(f.module.json.loads('{"x": 1}'))
            )
        )

    both(setup).get("/")
