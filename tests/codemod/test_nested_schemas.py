"""Schemas that are named by their bare names: both packages have one of each, in one process."""

from __future__ import annotations

import importlib

import pytest
from werkzeug.test import Client

from migrator.runtime.mount.schemas_by_name import side_of
from tests.codemod.alike import HEAD, Alike

VIEWS = """
from marshmallow import Schema, fields

class OrderSchema(Schema):
    number = fields.String()
    customer = fields.Nested("CustomerSchema", only=("name",))

class CustomerSchema(Schema):
    name = fields.String()
    orders = fields.List(fields.Nested("OrderSchema", exclude=("customer",)))
    numbers = fields.Pluck("OrderSchema", "number", many=True, attribute="orders", dump_only=True)

@bp.route("/customers")
def customers():
    return jsonify(CustomerSchema(many=True).dump(Customer.query.order_by(Customer.id)))
@bp.route("/orders")
def orders():
    return jsonify(OrderSchema(many=True).dump(Order.query.order_by(Order.id)))
@bp.route("/loaded")
def loaded():
    return jsonify(CustomerSchema().load({"name": "x", "orders": [{"number": "N9"}]}))
"""


def test_each_side_finds_its_own(alike: Alike) -> None:
    pytest.importorskip("marshmallow")
    sides = alike(HEAD + VIEWS, ["/customers", "/orders", "/loaded"])
    # The legacy side too, which was asked alone so far.
    legacy = importlib.import_module(sides.legacy).create_app()
    with sides.converted():
        assert Client(legacy).get("/customers").status_code == 200


def _class(module: str) -> type:
    return type("OrderSchema", (), {"__module__": module})


@pytest.mark.parametrize(
    ("asking", "legacy", "new", "expected"),
    [
        ("shop.users", "shop.schemas", "shop_async.schemas", "shop.schemas"),
        ("shop_async.users", "shop.schemas", "shop_async.schemas", "shop_async.schemas"),
        ("users", "schemas.orders", "new.schemas.orders", "schemas.orders"),
        ("new.users", "schemas.orders", "new.schemas.orders", "new.schemas.orders"),
        ("schemas", "schemas", "new.schemas", "schemas"),
        ("elsewhere", "shop.schemas", "shop_async.schemas", ""),
    ],
)
def test_packages_and_folders_of_modules(asking: str, legacy: str, new: str, expected: str) -> None:
    found = side_of(asking, [_class(legacy), _class(new)])
    assert [cls.__module__ for cls in found] == ([expected] if expected else [legacy, new])


def test_what_was_ambiguous_before_stays_so() -> None:
    classes = [_class(name) for name in ("shop.a", "shop.b", "new.a", "new.b")]
    assert len(side_of("shop.users", classes)) == 2
