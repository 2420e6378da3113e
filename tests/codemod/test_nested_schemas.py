"""Schemas that are named by their bare names: both packages have one of each, in one process."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from werkzeug.test import Client

from migrator.runtime.schemas_by_name import side_of
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


_SET_UP = """
from types import SimpleNamespace
from marshmallow import Schema, fields
from migrator.runtime.compat import settings_of

def customers(package):
    module = f"{package}.schemas"
    type("OrderSchema", (Schema,), {"__module__": module, "number": fields.String()})
    order = fields.Nested("OrderSchema")
    return type("CustomerSchema", (Schema,), {"__module__": module, "order": order})

legacy, converted = customers("shop"), customers("shop_async")
with settings_of(SimpleNamespace(config={}, instance_path=".")):
    print(type(converted().fields["order"].schema).__module__)
"""


def test_an_extension_asks_for_them_while_it_sets_the_application_up() -> None:
    """Flask-Smorest describes each schema where its blueprint is registered, before anything is mounted."""
    pytest.importorskip("marshmallow")
    # A process of its own: what the mount does to marshmallow lasts.
    run = subprocess.run([sys.executable, "-c", _SET_UP], capture_output=True, text=True)
    assert run.stdout.strip() == "shop_async.schemas", run.stderr


_SIDE = """
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields
{frame}

app = Flask(__name__)
spec = APISpec("shop", "1", "3.0.2", plugins=[MarshmallowPlugin()])

class OrderSchema(Schema):
    {name} = fields.String()

spec.path("/orders", operations={{"get": {{"responses": {{"200": {{"content": {{"json": {{"schema": "OrderSchema"}}}}}}}}}}}})
"""
_ASKED = """
import shop_async, shop
from marshmallow import class_registry
from marshmallow.exceptions import RegistryError
for side in (shop, shop_async):
    print(*side.spec.to_dict()["components"]["schemas"]["Order"]["properties"])
try:
    class_registry.get_class("OrderSchema")
except RegistryError:
    print("neither asks", len(class_registry.get_class("OrderSchema", all=True)))
"""


def test_a_description_that_is_made_while_the_packages_are_imported(tmp_path: Path) -> None:
    """By apispec, and the converted package is there first: its asgi.py is a module of it."""
    pytest.importorskip("apispec")
    for name, frame in (
        ("shop", "from flask import Flask"),
        ("shop_async", "from migrator.runtime.asyncflask import AsyncFlask as Flask"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(_SIDE.format(frame=frame, name=f"of_{name}"))
    (tmp_path / "asked.py").write_text(_ASKED)
    run = subprocess.run(
        [sys.executable, "-c", "import asked"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert run.stdout.splitlines() == ["of_shop", "of_shop_async", "neither asks 2"], run.stderr


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
