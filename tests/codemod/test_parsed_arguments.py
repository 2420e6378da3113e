"""What `parse_args()` gives has plain attributes: reading one loads nothing, whatever it is called."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
import argparse
import configparser

def parser():
    made = argparse.ArgumentParser()
    made.add_argument("--customer", default="ann")
    return made

def settings(given):
    found = parser().parse_args(given)
    return found.customer

def section():
    config = configparser.ConfigParser()
    config.read_dict({"orders": {"last": "3"}})
    return config["orders"].last if hasattr(config["orders"], "last") else config.get("orders", "last")

def total(args):
    return str(Order.query.count())

def run(args: argparse.Namespace):
    return args.func(args)

@bp.route("/settings")
def plain():
    return settings(["--customer", "bob"]) + section()

@bp.route("/owner")
def owner():
    made = parser()
    made.set_defaults(owner=Customer.query.filter_by(name="bob").one())
    args, rest = made.parse_known_args(["more"])
    return jsonify(args.owner.name, [o.number for o in args.owner.orders], args.customer, rest)

@bp.route("/put")
def put():
    args = parser().parse_args([])
    args.func = total
    args.order = Order.query.order_by(Order.id).first()
    return args.func(args) + args.order.customer.name + run(args)

@bp.route("/default")
def default():
    made = parser()
    made.set_defaults(func=total)
    return run(made.parse_args([]))
"""
)


@pytest.mark.parametrize("path", ["/settings", "/owner", "/put", "/default"])
def test_they_are_read_as_before(path: str, alike: Alike) -> None:
    text = alike(VIEWS, [path]).conversion.texts["views.py"]
    assert "def settings(given):\n    found = parser().parse_args(given)\n    return found" in text
    assert "\nasync def settings" not in text
    assert "\nasync def section" not in text
    # What the attribute is nobody says: it may be a mapped object.
    assert "bridge(getattr, args," not in text
    assert 'bridge(getattr, args.order, "customer")' in text
    assert "await call(args.func, args)" in text
