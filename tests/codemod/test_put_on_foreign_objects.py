"""What the repository puts on an object of Flask's, a blueprint say, is none of Flask's: executed, in both frames."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

DRIVER = """
from PKG.models import Order

class NoRecord(Exception):
    pass

class Driver:
    def by_number(self, number):
        found = Order.query.filter_by(number=number).first()
        if found is None:
            raise NoRecord()
        return found.amount

    def count(self):
        return Order.query.count()
"""
VIEWS = """
from PKG.driver import NoRecord

bp.driver = None
bp.url = "here"

@bp.record
def configured(state):
    bp.driver = state.app.config["STORE"]["driver"]

@bp.get("/one")
def one():
    try:
        found = bp.driver.by_number("N1")
    except NoRecord:
        found = "none"
    return jsonify(found, bp.driver.count(), bp.url.upper())

@bp.get("/none")
def none():
    try:
        found = bp.driver.by_number("nothing")
    except NoRecord:
        found = "none"
    return jsonify(found, Order.query.count())
"""
FACTORY = """
import os
from flask import Flask
from PKG import views
from PKG.driver import Driver
from PKG.models import db

STORE = {"config": {"STORE": {"driver": Driver()}}}

def started(app, settings=None):
    app.config.update((settings or STORE)["config"])
    app.register_blueprint(views.bp)

def create_app():
    app = Flask(__name__, instance_relative_config=True)
    os.makedirs(app.instance_path, exist_ok=True)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.join(app.instance_path, "shop.db")
    db.init_app(app)
    settings = None
    if "SHOP_SETTINGS" in os.environ:
        from local_settings import settings
    started(app, settings)
    return app
"""


def test_an_object_on_a_blueprint(alike: Alike) -> None:
    files = {"__init__.py": FACTORY, "driver.py": DRIVER}
    asked = alike(HEAD + VIEWS, ["/one", "/none"], **files)
    text = asked.conversion.texts["views.py"]
    assert "call(bp.driver.by_number" in text
    # What is plain data stays what it is.
    assert "bp.url.upper()" in text
