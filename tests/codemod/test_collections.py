"""Association proxies and collections that are dicts or of a class of their own: both sides alike."""

from __future__ import annotations

import pytest

from tests.codemod.alike import Alike

MODELS = """
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.orm import attribute_keyed_dict

db = SQLAlchemy()

class Notes(list):
    def latest(self):
        return self[-1]

class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
    links = db.relationship("Link", back_populates="user", order_by="Link.id")
    settings = db.relationship(
        "Setting", collection_class=attribute_keyed_dict("key"), order_by="Setting.id")
    notes = db.relationship("Note", collection_class=Notes, order_by="Note.id")
    keywords = association_proxy("links", "keyword", creator=lambda k: Link(keyword=k))
    words = association_proxy("links", "word")
    values = association_proxy("settings", "value", creator=lambda k, v: Setting(key=k, value=v))
    owners = association_proxy("settings", "keyword")

class Link(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.ForeignKey("user.id"))
    keyword_id = db.Column(db.ForeignKey("keyword.id"))
    user = db.relationship("User", back_populates="links")
    keyword = db.relationship("Keyword")
    word = association_proxy("keyword", "word")

class Keyword(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    word = db.Column(db.String(20))
    parent_id = db.Column(db.ForeignKey("keyword.id"))
    parent = db.relationship("Keyword", remote_side=[id])

class Setting(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    key = db.Column(db.String(20))
    value = db.Column(db.String(20))
    user_id = db.Column(db.ForeignKey("user.id"))
    keyword_id = db.Column(db.ForeignKey("keyword.id"))
    keyword = db.relationship("Keyword")

class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(20))
    user_id = db.Column(db.ForeignKey("user.id"))
    author_id = db.Column(db.ForeignKey("keyword.id"))
    author = db.relationship("Keyword")

def seed():
    words = [Keyword(word=w) for w in ("red", "green", "blue")]
    words[0].parent = words[1]
    user = User(name="ann", keywords=words)
    for number, word in enumerate(words):
        user.settings[f"k{number}"] = Setting(key=f"k{number}", value=f"v{number}", keyword=word)
        user.notes.append(Note(text=f"n{number}", author=word))
    db.session.add_all([user, User(name="bob")])
    db.session.commit()
"""
VIEWS = """
from flask import Blueprint, jsonify
from PKG.models import Keyword, Link, Setting, User, db

bp = Blueprint("shop", __name__)

def shown(keyword):
    return [keyword.word, keyword.parent and keyword.parent.word]

@bp.get("/proxies/<name>")
def proxies(name):
    user = User.query.filter_by(name=name).one()
    return jsonify(
        [shown(k) for k in user.keywords], len(user.keywords), list(user.words),
        sorted(user.values.items()), {k: w and w.word for k, w in user.owners.items()},
        [k.parent.word for k in user.keywords if k.parent])

@bp.get("/scalar")
def scalar():
    return jsonify([link.word for link in Link.query.order_by(Link.id)])

@bp.get("/unknown/<kind>")
def unknown(kind):
    found = {"user": User, "link": Link}[kind].query.order_by("id").first()
    return jsonify([w for w in found.words] if kind == "user" else found.word)

@bp.get("/dict")
def settings():
    user = User.query.filter_by(name="ann").one()
    found = [[key, s.value, s.keyword and s.keyword.word] for key, s in user.settings.items()]
    found += [shown(s.keyword) for s in user.settings.values() if s.keyword]
    return jsonify(found, user.settings["k1"].keyword.word, [k for k in user.settings],
                   "k2" in user.settings, user.settings.get("zz") is None)

@bp.get("/class")
def notes():
    user = User.query.filter_by(name="ann").one()
    return jsonify(user.notes.latest().text, user.notes.latest().author.word,
                   [n.author.word for n in user.notes], user.notes[0].author.word)

@bp.post("/written")
def written():
    user = User.query.filter_by(name="ann").one()
    user.keywords.append(Keyword(word="grey"))
    user.values["k9"] = "v9"
    other = User.query.filter_by(name="bob").one()
    other.keywords = [Keyword(word="pink")]
    db.session.commit()
    del user.values["k0"]
    user.keywords = user.keywords[1:]
    db.session.commit()
    return jsonify(sorted(user.values), [k.word for k in other.keywords], list(user.words))
"""


def test_collections(alike: Alike, caplog: pytest.LogCaptureFixture) -> None:
    paths = ["/proxies/ann", "/proxies/bob", "/scalar", "/unknown/user", "/unknown/link"]
    paths += ["/dict", "/class"]
    views = alike(VIEWS, [*paths, ("POST", "/written"), *paths], models=MODELS)
    text = views.conversion.texts["views.py"]
    assert '[await shown(k) for k in await bridge(proxied, user, "keywords")]' in text
    assert "Implicit I/O" not in caplog.text
