"""`Base.__init__(self, load)`: what a constructor gets by its class's name is what its parameters are."""

from __future__ import annotations

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, all_native, asked

_INIT = """
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()

    class Item(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(9))

    def create_app():
        from {name}.views import bp
        app = Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///constructors.db"
        db.init_app(app)
        app.register_blueprint(bp)
        return app

    def fresh():
        db.drop_all()
        db.create_all()
        db.session.add_all([Item(name="a"), Item(name="b")])
        db.session.commit()
"""
_VIEWS = """
    from flask import Blueprint
    from flask.views import MethodView
    from {name} import Item, db

    bp = Blueprint("items", __name__)

    def first(id):
        return Item.query.get(id).name

    def last(id):
        return Item.query.order_by(Item.id.desc()).first().name

    def renamed(id, name="z"):
        item = Item.query.get(id)
        item.name = name
        db.session.commit()
        return item.name

    class Base(BASE):
        def __init__(self, kind, load, *, change=None, session=None):
            BASE.__init__(self)
            self.kind = kind
            self.load = load
            self.change = change
            self.session = session
            self.found = None

        def find(self, id):
            self.found = self.load(id)

        def get(self, id):
            self.find(id)
            return self.kind + self.found

    class First(Base):
        def __init__(self):
            Base.__init__(self, "first", first)

    class Renamed(First):
        def __init__(self, name="y"):
            First.__init__(self)
            Base.__init__(self, "renamed", last, change=renamed, session=db.session)

        def get(self, id):
            kept = self.change(id)
            self.session.query(Item).filter_by(name="b").delete()
            return super().get(id) + kept + str(self.session.query(Item).count())

    @bp.get("/first/<int:id>")
    def by_first(id):
        return First().get(id)

    @bp.get("/renamed/<int:id>")
    def by_renamed(id):
        return Renamed().get(id)
"""


@pytest.mark.parametrize("base", ["MethodView", "object"])
@pytest.mark.parametrize("frame", FRAMES)
def test_what_is_given_by_the_name_of_the_class(
    frame: FrameChoice, base: str, make_sides: Make
) -> None:
    package = {"__init__.py": _INIT, "views.py": _VIEWS.replace("BASE", base)}
    sides = make_sides(f"constructors_{frame}_{base}", package, frame)
    all_native(sides)
    asked(sides, [("GET", "/first/1"), ("GET", "/renamed/1"), ("GET", "/first/2")])
