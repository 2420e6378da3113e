"""`given.items()` where a model has a relationship `items`: a list is not called, so it is no lazy load."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.item_app import item_app
from tests.codemod.parity import FRAMES, Make, Request

MODELS = """
    from . import db

    class Event(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        items = db.relationship("Item", back_populates="event")

    class Item(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(20))
        event_id = db.Column(db.ForeignKey("event.id"))
        event = db.relationship(Event, back_populates="items")
        maker_id = db.Column(db.ForeignKey("maker.id"))
        maker = db.relationship("Maker", back_populates="made")

    class Maker(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(20))
        made = db.relationship(Item, back_populates="maker")

        def __call__(self):
            return self.name
"""
VIEWS = """
    import json
    from flask import Blueprint, current_app, jsonify
    from . import db
    from .models import Event, Item, Maker

    bp = Blueprint("views", __name__)

    class Box:
        def maker(self):
            return "box"

    @bp.after_request
    def put_headers(response):
        for name, value in current_app.config.get("HEADERS", {{}}).items():
            response.headers[name] = value
        return response

    @bp.route("/made")
    def make():
        Item.query.delete()
        Maker.query.delete()
        Event.query.delete()
        db.session.add(Event(items=[Item(name="a", maker=Maker(name="ann")), Item(name="b")]))
        db.session.commit()
        return "made"

    @bp.route("/called")
    def called():
        given = json.loads('{{"a": 1}}')
        return jsonify(sorted(given.items()))

    @bp.route("/read")
    def read():
        db.session.expunge_all()
        found = json.loads("[null]")
        found[0] = Item.query.filter_by(name="a").one()
        one = found[0]
        return jsonify(one.maker(), len(one.event.items))
"""


@pytest.mark.parametrize("frame", FRAMES)
def test_a_method_of_that_name_is_called_as_it_is(make_sides: Make, frame: FrameChoice) -> None:
    files = {**item_app(), "models.py": MODELS, "views.py": VIEWS}
    sides = make_sides(f"names_{frame}", files, frame)
    requests: list[Request] = [("GET", "/made"), ("GET", "/called"), ("GET", "/read")]
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), requests))
    assert [answer[2] for answer in expected] == [200] * 3
    assert expected[2][3] == b'["ann",2]\n'
    text = sides.conversion.texts["views.py"]
    assert '.get("HEADERS", {}).items()' in text
    assert "sorted(given.items())" in text
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
