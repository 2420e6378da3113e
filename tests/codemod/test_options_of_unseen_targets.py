"""Loader options by strings that name what only the run shows: converted, they load the same.

SQLAlchemy 2 has no such options: the converted strings are compared with the attributes that they name.
"""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

MODELS = """
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select
from sqlalchemy.orm import column_property, declared_attr, relationship

db = SQLAlchemy()

class Noted:
    note_target = ""
    notes_name = ""

    @declared_attr
    def note_id(cls):
        return db.Column(db.ForeignKey("note.id"))

    @declared_attr
    def note(cls):
        return relationship(cls.note_target, backref=db.backref(cls.notes_name, order_by=cls.id))

class Author(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(9))

class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(9))
    author_id = db.Column(db.ForeignKey("author.id"))
    author = relationship(Author)

class Item(Noted, db.Model):
    note_target = "Note"
    notes_name = "items"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(9))

def count_notes(cls):
    cls.others = column_property(
        select(func.count(Note.id)).where(Note.id == cls.note_id).scalar_subquery(), deferred=True
    )

count_notes(Item)

def seed():
    ann = Author(name="ann")
    one, two = Note(text="one", author=ann), Note(text="two")
    db.session.add_all([one, two])
    db.session.add_all([Item(name=f"i{n}", note=note) for n, note in enumerate((one, two, one, None))])
    db.session.commit()
"""

VIEWS = """
from flask import Blueprint, jsonify
from sqlalchemy import inspect
from sqlalchemy.orm import contains_eager, defaultload, joinedload, selectinload, undefer
from PKG.models import Author, Item, Note, db

bp = Blueprint("shop", __name__)

def shown(obj, *names):
    unloaded = inspect(obj).unloaded
    return [obj.id, *("-" if name in unloaded else getattr(obj, name) for name in names)]

def of_items(items):
    found = []
    for item in items:
        note = None if "note" in inspect(item).unloaded else item.note
        found.append([shown(item, "name", "others"), note and shown(note, "text")])
        if note and "author" not in inspect(note).unloaded:
            found.append(note.author and shown(note.author, "name"))
    return found

def of_notes(notes):
    return [[n.id, [shown(i, "name") for i in n.items]] for n in notes if "items" not in inspect(n).unloaded]

@bp.route("/strings/<kind>")
def strings(kind):
    if kind == "backref":
        return jsonify(of_notes(Note.query.options(joinedload("items")).order_by(Note.id).all()))
    if kind == "many":
        return jsonify(of_notes(Note.query.options(selectinload("items")).order_by(Note.id)))
    if kind == "below":
        query = Item.query.options(joinedload("note").joinedload("author")).order_by(Item.id)
        return jsonify(of_items(query.all()))
    if kind == "dotted":
        return jsonify(of_items(Item.query.options(selectinload("note.author")).order_by(Item.id).all()))
    if kind == "named":
        query = Item.query.options(selectinload(Item.note).joinedload("author").load_only("id"))
        return jsonify(of_items(query.order_by(Item.id).all()))
    if kind == "column":
        return jsonify(of_items(Item.query.options(undefer("others")).order_by(Item.id).all()))
    if kind == "below-column":
        query = Item.query.options(joinedload("note").load_only("id"), joinedload("note").undefer("text"))
        return jsonify(of_items(query.order_by(Item.id).all()))
    if kind == "rows":
        query = Note.query.add_columns(Note.text).options(joinedload("items")).order_by(Note.id)
        return jsonify([[of_notes([note]), text] for note, text in query.all()])
    if kind == "contains":
        query = Note.query.join(Note.items).options(contains_eager("items")).order_by(Note.id, Item.id)
        return jsonify(of_notes(query.all()))

@bp.route("/attributes/<kind>")
def attributes(kind):
    if kind == "backref":
        return jsonify(of_notes(Note.query.options(joinedload(Note.items)).order_by(Note.id).all()))
    if kind == "many":
        return jsonify(of_notes(Note.query.options(selectinload(Note.items)).order_by(Note.id)))
    if kind == "below":
        query = Item.query.options(joinedload(Item.note).joinedload(Note.author)).order_by(Item.id)
        return jsonify(of_items(query.all()))
    if kind == "dotted":
        query = Item.query.options(defaultload(Item.note).selectinload(Note.author))
        return jsonify(of_items(query.order_by(Item.id).all()))
    if kind == "named":
        query = Item.query.options(selectinload(Item.note).joinedload(Note.author).load_only(Author.id))
        return jsonify(of_items(query.order_by(Item.id).all()))
    if kind == "column":
        return jsonify(of_items(Item.query.options(undefer(Item.others)).order_by(Item.id).all()))
    if kind == "below-column":
        query = Item.query.options(
            joinedload(Item.note).load_only(Note.id), joinedload(Item.note).undefer(Note.text)
        )
        return jsonify(of_items(query.order_by(Item.id).all()))
    if kind == "rows":
        query = Note.query.add_columns(Note.text).options(joinedload(Note.items)).order_by(Note.id)
        return jsonify([[of_notes([note]), text] for note, text in query.all()])
    if kind == "contains":
        query = Note.query.join(Note.items).options(contains_eager(Note.items)).order_by(Note.id, Item.id)
        return jsonify(of_notes(query.all()))
"""

KINDS = (
    "backref",
    "many",
    "below",
    "dotted",
    "named",
    "column",
    "below-column",
    "rows",
    "contains",
)


def test_what_the_strings_name_is_loaded(alike: Alike) -> None:
    pair = alike(VIEWS, [f"/attributes/{kind}" for kind in KINDS], models=MODELS)
    assert not outcome_of(pair.conversion).bridged
    with pair.converted() as asgi:
        for kind in KINDS:
            strings, attributes = pair.answers(
                asgi.app, [("GET", f"/strings/{kind}"), ("GET", f"/attributes/{kind}")]
            )
            assert strings[2:4] == attributes[2:4], kind


@pytest.mark.parametrize("alike", ["fastapi"], indirect=True)
def test_how_they_are_written(alike: Alike) -> None:
    text = alike(VIEWS, ["/attributes/backref"], models=MODELS).conversion.texts["views.py"]
    assert "joinedload(Note.items)" in text.partition("def attributes")[0]
    assert "undefer(Item.others)" in text.partition("def attributes")[0]
    beyond = "joinedload(Item.note).joinedload(Item.note.property.mapper.class_.author)"
    assert beyond in text
