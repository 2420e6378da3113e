"""One name that is a dynamic relationship, a list, a column or a property, by the class of the object."""

from __future__ import annotations

from tests.codemod.alike import Alike

MODELS = """
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class Named:
    def names(self):
        return [l.name for l in self.lines]
    def count(self):
        return self.lines.count() if hasattr(self.lines, "count") and not isinstance(self.lines, list) else len(self.lines)
    def firstname(self):
        return self.owner.name
    def label(self):
        return f"{self.title}"
    def show(self):
        return self.title + "/" + str(len(list(self.lines)))
class Owner(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(10))
class A(Named, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(10), default="a")
    owner_id = db.Column(db.ForeignKey("owner.id"))
    owner = db.relationship(Owner)
    lines = db.relationship("LA", lazy="dynamic", order_by="LA.id")
class LA(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(10))
    a_id = db.Column(db.ForeignKey("a.id"))
class B(Named, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    owner_id = db.Column(db.ForeignKey("owner.id"))
    @property
    def owner(self):
        return Owner.query.get(self.owner_id)
    @property
    def title(self):
        return Owner.query.get(self.owner_id).name
    lines = db.relationship("LB", order_by="LB.id")
class LB(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(10))
    b_id = db.Column(db.ForeignKey("b.id"))
class C(Named, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.deferred(db.Column(db.String(10), default="c"))
    owner_id = db.Column(db.ForeignKey("owner.id"))
    owner = db.relationship(Owner, lazy="joined")
    @property
    def lines(self):
        return LB.query.filter(LB.b_id == self.id).order_by(LB.id)
def seed():
    o = Owner(name="own")
    db.session.add(o); db.session.flush()
    a = A(owner=o); a.lines.append(LA(name="la1")); a.lines.append(LA(name="la2"))
    b = B(owner_id=o.id, lines=[LB(name="lb1")])
    db.session.add_all([a, b, C(owner=o)])
    db.session.commit()
"""
VIEWS = """
from flask import Blueprint, jsonify, render_template_string
from PKG.models import *
bp = Blueprint("b", __name__)
EVERY = (
    "{% for x in every %}{{ x.title }}{{ x.owner.name }}"
    "{% for l in x.lines %}{{ l.name }}{% endfor %}{{ x.names() }}{% endfor %}"
)

def described(x):
    return [x.owner.name, x.title, [line.name for line in x.lines]]

@bp.get("/names")
def names():
    return jsonify([[x.names() for x in k.query.all()] for k in (A, B, C)])

@bp.get("/counts")
def counts():
    return jsonify(A.query.first().count(), B.query.first().count(), C.query.first().count())

@bp.get("/methods")
def methods():
    owners = [k.query.first().firstname() for k in (A, B, C)]
    labels = [k.query.first().label() for k in (A, B, C)]
    return jsonify(owners, labels, [k.query.first().show() for k in (A, B, C)])

@bp.get("/described")
def functions():
    return jsonify(described(A.query.first()), described(B.query.first()), described(C.query.first()))

@bp.get("/after")
def after_a_commit():
    every = [A.query.first(), B.query.first(), C.query.first()]
    db.session.commit()
    titles = sorted(x.title for x in every)
    return jsonify([described(x) for x in every], titles, max(every, key=lambda x: x.owner.name) is every[0])

@bp.get("/page")
def page():
    return render_template_string(EVERY, every=A.query.all() + B.query.all() + C.query.all())
"""


def test_one_name_of_several_kinds(alike: Alike) -> None:
    alike(VIEWS, ["/names", "/counts", "/methods", "/described", "/after", "/page"], models=MODELS)
