"""A module that is imported before the extension is made can't import it: it asks the module that will have it."""

from __future__ import annotations

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, all_native, asked

FILES = {
    "__init__.py": """
        def create_app():
            from {name} import views
            return views.app

        def fresh():
            from {name}.config import db
            from {name}.models import Item
            db.drop_all()
            db.create_all()
            db.session.add_all([Item(name="a"), Item(name="b")])
            db.session.commit()
    """,
    "config.py": """
        import os
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy
        from {name}.base.model import Base

        app = Flask("{name}", instance_relative_config=True)
        os.makedirs(app.instance_path, exist_ok=True)
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.join(app.instance_path, "shop.db")
        db = SQLAlchemy(app, model_class=Base)
    """,
    "base/__init__.py": "",
    "base/model.py": """
        from flask_sqlalchemy.model import Model
        from {name}.base.named import Named

        class Base(Named, Model):
            @classmethod
            def names(cls):
                return [item.name for item in cls.query.order_by(cls.name).all()]

            def save(self):
                from {name}.config import db
                db.session.add(self)
                db.session.commit()
                return self
    """,
    "base/named.py": """
        class Named:
            @classmethod
            def by_name(cls, name):
                return cls.query.filter_by(name=name).first()
    """,
    "models.py": """
        from {name}.config import db

        class Item(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(9))
    """,
    "views.py": """
        from flask import jsonify
        from {name}.config import app
        from {name}.models import Item

        @app.get("/names")
        def names():
            return jsonify(Item.names(), Item.by_name("b").id)

        @app.post("/<name>")
        def add(name):
            return jsonify(Item(name=name).save().name, Item.names())
    """,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_what_comes_later_is_asked_of_its_module(frame: FrameChoice, make_sides: Make) -> None:
    sides = make_sides("circular", FILES, frame)
    all_native(sides)
    assert "from target_circular import config\n" in sides.conversion.texts["base/model.py"]
    assert "from target_circular.config import db" in sides.conversion.texts["models.py"]
    asked(sides, [("GET", "/names"), ("POST", "/c"), ("GET", "/names")])
