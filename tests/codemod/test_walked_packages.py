"""A package that imports its modules by walking along its folder: their routes are known, and answer alike."""

from __future__ import annotations

import textwrap

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import FILES, HEAD, Alike

ITEM = """
from flask import jsonify
from PKG.api import api
from PKG.models import Order

@api.route("/{name}/<int:number>")
def {name}(number):
    return jsonify("{name}", Order.query.filter_by(id=number).first().number)
"""
BLUEPRINT = 'from flask import Blueprint\napi = Blueprint("api", __name__, url_prefix="/api")\n'
WALKS = {
    "names that pkgutil makes": """
import importlib, pkgutil
def load(package):
    for _, name, is_package in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(name)
import PKG
load(PKG)
""",
    "by a name, again below": """
import importlib
import pkgutil
def load(package):
    if isinstance(package, str):
        package = importlib.import_module(package)
    for finder, name, is_package in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not name.split(".")[-1].startswith("_"):
            importlib.import_module(name)
            if is_package:
                load(name)
load(__name__)
""",
    "its own path": """
from importlib import import_module
from pkgutil import iter_modules
for found in iter_modules(__path__):
    import_module(f"{__name__}.{found.name}")
""",
    "relative names": """
from importlib import import_module
from pkgutil import iter_modules
for _, name, _ in iter_modules(__path__):
    import_module("." + name, __package__)
""",
    "its own folder": """
import os, pkgutil
from importlib import import_module
for _, name, _ in pkgutil.iter_modules([os.path.dirname(__file__)], prefix=__name__ + "."):
    import_module(name)
""",
}


@pytest.mark.parametrize("walk", WALKS)
def test_what_a_package_walks_along(walk: str, alike: Alike) -> None:
    text = WALKS[walk]
    inside = "load(" not in text  # else the application's own module walks
    root = FILES["__init__.py"].replace(
        "app.register_blueprint(views.bp)",
        "app.register_blueprint(views.bp)\n            app.register_blueprint(api)",
    )
    root = root.replace("from PKG.models", "from PKG.api import api\n        from PKG.models")
    if not inside:
        root += textwrap.indent(text, " " * 8)
    pair = alike(
        HEAD,
        ["/api/orders/1", "/api/lines/2", "/api/more/3"],
        **{
            "__init__.py": root,
            "api/__init__.py": BLUEPRINT + (text if inside else ""),
            "api/orders.py": ITEM.replace("{name}", "orders"),
            "api/lines.py": ITEM.replace("{name}", "lines"),
            "api/deep/__init__.py": ITEM.replace("{name}", "more"),
        },
    )
    surface = pair.conversion.surface
    assert surface is not None
    listed = {endpoint.endpoint for endpoint in surface.endpoints}
    assert {"api.orders", "api.lines", "api.more"} <= listed
    made = outcome_of(pair.conversion)
    assert not {"MIG427", "MIG418"} & {f.code for f in (*made.findings, *made.notes)}
