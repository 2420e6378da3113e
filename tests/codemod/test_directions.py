"""To one or to many: by constraints over several columns, or by nothing that is seen."""

from __future__ import annotations

from tests.codemod.alike import Alike

MODELS = """
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, ForeignKey, Integer, String, Table

db = SQLAlchemy()

class Author(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))

class Page(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    version = db.Column(db.Integer, primary_key=True)
    author_id = db.Column(db.ForeignKey("author.id"))
    author = db.relationship("Author")
    notes = db.relationship("Note", order_by="Note.id")

    def signed(self, word):
        return f"{word} {self.author.name}"

class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    page_id = db.Column(db.Integer)
    page_version = db.Column(db.Integer)
    __table_args__ = (
        db.ForeignKeyConstraint(["page_id", "page_version"], ["page.id", "page.version"]),
        {"comment": "notes"},
    )
    page = db.relationship("Page", overlaps="notes")

    @property
    def shown(self):
        return self.page.signed("by").upper()

tags = Table(
    "tag", db.metadata, Column("id", Integer, primary_key=True), Column("name", String(20)),
    Column("author_id", ForeignKey("author.id")),
)

class Tag(db.Model):
    __table__ = tags
    author = db.relationship("Author", backref="tags")

    @property
    def owner(self):
        return self.author.name

class Label(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    author_name = db.Column(db.String(20))
    authors = db.relationship(
        "Author", primaryjoin="foreign(Label.author_name) == Author.name", backref="labels"
    )

    def named(self):
        return self.authors.name if self.authors else None

def seed():
    for n, name in enumerate(("ann", "bob"), 1):
        author = Author(id=n, name=name)
        db.session.add_all([author, Page(id=n, version=2, author=author), Tag(id=n, name="t", author=author)])
        db.session.add_all([Note(id=n, page_id=n, page_version=2), Label(id=n, author_name=name)])
    db.session.add(Label(id=9))
    db.session.commit()
"""
VIEWS = """
from flask import Blueprint, jsonify
from PKG.models import Author, Label, Note, Page, Tag, db

bp = Blueprint("shop", __name__)

@bp.route("/notes")
def notes():
    found = Note.query.order_by(Note.id).all()
    return jsonify([[n.shown, n.page.signed("of"), n.page.author.name, len(n.page.notes)] for n in found])

@bp.route("/note/<int:key>")
def note(key):
    found = db.session.get(Note, key)
    page = found.page
    db.session.commit()
    return jsonify(page.signed("by"), [other.shown for other in page.notes])

@bp.route("/tags")
def tags():
    authors = Author.query.order_by(Author.id).all()
    owners = [tag.owner for tag in Tag.query.order_by(Tag.id)]
    return jsonify(owners, [[tag.name for tag in author.tags] for author in authors])

@bp.route("/labels")
def labels():
    named = [label.named() for label in Label.query.order_by(Label.id)]
    counted = [len(author.labels) for author in Author.query.order_by(Author.id)]
    label = Label.query.first()
    return jsonify(named, counted, label.authors.name, label.authors.labels[0].named())

@bp.route("/moved")
def moved():
    note, page = db.session.get(Note, 1), db.session.get(Page, (2, 2))
    note.page = page
    label = db.session.get(Label, 1)
    label.authors = Author.query.filter_by(name="bob").first()
    db.session.commit()
    return jsonify(note.shown, note.page_id, label.named(), len(page.notes), label.author_name)
"""


def test_the_side_of_the_foreign_key(alike: Alike) -> None:
    paths = ["/notes", "/note/1", "/tags", "/labels", "/moved"]
    sides = alike(VIEWS, paths, models=MODELS)
    text = sides.conversion.texts["models.py"]
    assert '(await (await self.awaitable_attrs.page).signed("by")).upper()' in text
