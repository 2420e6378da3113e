"""Texts of a relationship that name a class by its module: SQLAlchemy looks for it in the new one."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = """
from sqlalchemy.orm import backref

class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(60))
    order_id = db.Column(db.ForeignKey("order.id"))
    order = db.relationship(
        "PKG.models.Order",
        primaryjoin="and_(PKG.models.Order.id == PKG.views.Note.order_id, Note.text != 'PKG.models.Order')",
        backref=backref("notes", order_by="PKG.views.Note.text.desc()"),
    )

@bp.route("/notes")
def notes():
    order = Order.query.first()
    for text in ("a", "PKG.models.Order", "b"):
        db.session.add(Note(text=text, order_id=order.id))
    db.session.flush()
    return jsonify([n.text[-1] for n in order.notes], len(Note.query.all()))
"""


def test_they_are_found(alike: Alike) -> None:
    sides = alike(HEAD + VIEWS, ["/notes"])
    assert f"!= '{sides.legacy}.models.Order'" in sides.conversion.texts["views.py"]
