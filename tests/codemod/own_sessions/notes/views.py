from functools import wraps

from flask import Blueprint, abort, g, jsonify, request
from sqlalchemy import func, select

from .db import SessionLocal, get_session
from .models import Note, User

bp = Blueprint("notes", __name__)


def with_session(f):
    @wraps(f)
    def inner(*args, **kwargs):
        session = SessionLocal()
        try:
            return f(session, *args, **kwargs)
        finally:
            session.close()
    return inner


@bp.get("/notes")
def listing():
    notes = g.db.query(Note).order_by(Note.id).all()
    return jsonify([[n.text, n.owner.name] for n in notes])


@bp.get("/mine")
def mine():
    return jsonify(name=g.user.name, notes=[n.text for n in g.user.notes], count=g.user.count(g.db))


@bp.post("/notes")
def add():
    note = Note(text=request.form["text"], owner=g.user)
    g.db.add(note)
    g.db.commit()
    g.db.refresh(note)
    return jsonify(id=note.id, likes=note.likes, owner=note.owner.name), 201


@bp.get("/notes/<int:id>")
def one(id):
    session = get_session()
    note = session.get(Note, id)
    if note is None:
        abort(404)
    return jsonify(text=note.text, others=[n.text for n in note.owner.notes if n is not note])


@bp.post("/notes/<int:id>/like")
def like(id):
    note = Note.fetch(g.db, id)
    if note is None:
        abort(404)
    note.likes = Note.likes + 1
    g.db.commit()
    return jsonify(likes=note.likes)


@bp.get("/top")
@with_session
def top(session):
    rows = session.execute(select(User.name, func.count(Note.id)).join(Note, isouter=True).group_by(User.name).order_by(User.name))
    return jsonify([{"name": r.name, "n": r[1]} for r in rows])


@bp.delete("/notes/<int:id>")
def drop(id):
    s = get_session()
    n = s.query(Note).filter_by(id=id).delete()
    s.commit()
    return jsonify(n)


@bp.get("/fail")
def fail():
    g.db.add(Note(text="never"))
    g.db.flush()
    raise RuntimeError("boom")
