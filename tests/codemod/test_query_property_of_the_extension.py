"""Models beside the extension's whose base has the `query` of the extension's own session."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = """
from sqlalchemy.orm import Query, declarative_base

Base = declarative_base(metadata=db.metadata)
Base.query = None

class Note(Base):
    __tablename__ = "note"
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(20))
    order_id = db.Column(db.ForeignKey("order.id"))
    order = db.relationship(Order, backref="notes")

class Newest(Query):
    def newest(self):
        return self.order_by(Mark.id.desc()).first()

class Mark(Base):
    __tablename__ = "mark"
    id = db.Column(db.Integer, primary_key=True)

def setup(app):
    with app.app_context():
        Base.query = db.session.query_property()
        Mark.query = db.session.query_property(Newest)

@bp.route("/add/<text>")
def add(text):
    db.session.add(Mark())
    db.session.add(Note(text=text, order=Order.query.order_by(Order.id.desc()).first()))
    found = Note.query.filter_by(text=text).one()
    db.session.commit()
    return jsonify(found.text, found.order.number, [n.text for n in found.order.notes])

@bp.route("/notes")
def notes():
    listed = [(n.text, n.order.customer.name) for n in Note.query.order_by(Note.id)]
    return jsonify(listed, Note.query.count(), Mark.query.newest().id)
"""


def test_they_are_asked_on_its_session(alike: Alike) -> None:
    alike(HEAD + VIEWS, ["/add/a", "/add/b", "/notes"])
