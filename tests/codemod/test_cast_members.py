"""`cast(Mapped["User"], relationship("User"))` is that relationship, and what is called on its objects is awaited."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

_MODELS = """
import typing
from typing import cast as same
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Float, ForeignKey, cast
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

db = SQLAlchemy()

class User(db.Model):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    items: Mapped[list["Item"]] = same(Mapped[list["Item"]], relationship("Item"))

    def to_dict(self):
        return {{"name": self.name, "items": [item.id for item in self.items], "of": User.query.count()}}

class Item(db.Model):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped["User"] = typing.cast(Mapped["User"], relationship("User", overlaps="items"))
    half = column_property(cast(id, Float) / 2)

    def to_dict(self):
        return {{"user": self.user.to_dict(), "half": self.half}}
"""
_APPLICATION = """
from flask import Flask, jsonify
from {name}.models import Item, User, db

def create_app(bases=()):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + app.root_path + ".db"
    db.init_app(app)
    with app.app_context():
        db.drop_all()
        db.create_all()

    @app.route("/add/<name>")
    def add(name):
        user = User(name=name)
        user.items.append(Item())
        db.session.add(user)
        db.session.commit()
        return jsonify(user.to_dict())

    @app.route("/items")
    def items():
        return jsonify([item.to_dict() for item in Item.query.order_by(Item.id)])

    return app
"""


@pytest.mark.parametrize("frame", FRAMES)
def test_its_objects_are_known(make_sides: Make, frame: FrameChoice) -> None:
    sides = make_sides(
        f"castmembers_{frame}", {"models.py": _MODELS, "__init__.py": _APPLICATION}, frame
    )
    requests: list[Request] = [("GET", path) for path in ("/add/a", "/add/b", "/items")]
    app = importlib.import_module(sides.legacy).create_app()
    expected = list(sides.answers(app, requests))
    assert [answer[2] for answer in expected] == [200] * len(requests), expected
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
