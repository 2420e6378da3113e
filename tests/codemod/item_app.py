"""A package with one model, which a test's own modules are put into: `db`, `create_app` and `models.Item`."""

from __future__ import annotations

_INIT = """
import os
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

def create_app():
    app = Flask(__name__)
    place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __name__ + ".db")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + place
    db.init_app(app)
    from .VIEWS import bp
    app.register_blueprint(bp)
    with app.app_context():
        db.create_all()
    return app
"""
_MODELS = """
from . import db

class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
"""
#: A view of a test's own module, indented as its others: the one row that there is from then on.
MADE = """
    @bp.route("/made")
    def make():
        Item.query.delete()
        db.session.add(Item(name="a"))
        db.session.commit()
        return "made"
"""


def item_app(views: str = "views") -> dict[str, str]:
    """Its files; the blueprint `bp` is taken from the module `views`."""
    return {"__init__.py": _INIT.replace("VIEWS", views), "models.py": _MODELS}
