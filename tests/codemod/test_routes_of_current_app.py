"""Modules that the factory imports within its context put their routes on `current_app`: executed, in both frames."""

from __future__ import annotations

from tests.codemod.alike import FILES, HEAD, Alike

FACTORY = FILES["__init__.py"].replace(
    "            return app\n",
    "            with app.app_context():\n                from PKG import counts\n            return app\n",
)
COUNTS = """
from flask import current_app as app, g, jsonify
from PKG.models import Customer, Order

@app.before_request
def count():
    g.count = Order.query.count()

@app.route("/count")
def counted():
    return jsonify(g.count, app.config["SECRET_KEY"])

@app.route("/owner/<int:key>", methods=["GET", "POST"])
def owner(key):
    return jsonify(Order.query.get(key).customer.name)

@app.errorhandler(404)
def missing(error):
    return jsonify(Customer.query.count())
"""


def test_its_routes_and_hooks_are_the_applications(alike: Alike) -> None:
    paths = ["/count", "/owner/1", "/owner/2"]
    pair = alike(HEAD, paths, **{"__init__.py": FACTORY, "counts.py": COUNTS})

    surface = pair.conversion.surface
    assert surface is not None
    assert {"counted", "owner"} <= {e.endpoint for e in surface.endpoints}
    text = pair.conversion.texts["counts.py"]
    assert "unbridged" not in text, text
    assert text.count("async def") == 3, text
