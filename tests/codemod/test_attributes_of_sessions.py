"""What code puts on a session, its listeners read: they are given the sync Session."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.surface import FrameChoice
from tests.codemod.alike import HEAD, Alike
from tests.codemod.own_notes import own_notes
from tests.codemod.parity import FRAMES, Make, asked

AUDIT = (
    HEAD
    + """
from sqlalchemy import event

def make():
    return db.session()

def named(session, name):
    session.actor = name
    return session

def shown():
    return jsonify([c.name for c in Customer.query.order_by(Customer.id)])

@event.listens_for(db.session, "before_flush")
def audit(session, context, instances):
    for one in [one for one in session.new if isinstance(one, Customer)]:
        one.name += " by " + str(getattr(session, "actor", None))

@bp.get("/own")
def own():
    sess = db.session()
    sess.actor = "ann"
    sess.add(Customer(name="z"))
    sess.commit()
    return jsonify(sess.actor, shown().json)

@bp.get("/made")
def made():
    make().actor = "bob"
    make().add(Customer(name="z"))
    make().commit()
    return jsonify(make().actor, hasattr(make(), "actor"), getattr(make(), "other", 1), shown().json)

@bp.get("/given")
def given():
    sess = named(db.session(), "cy")
    sess.add(Customer(name="z"))
    sess.flush()
    return shown()

@bp.get("/by-name")
def by_name():
    setattr(db.session(), "actor", "dan")
    db.session.add(Customer(name="z"))
    db.session.commit()
    return shown()

@bp.get("/deleted")
def deleted():
    sess = db.session()
    sess.actor = "eve"
    sess.actor += "!"
    name = sess.actor
    del sess.actor
    sess.add(Customer(name="z"))
    sess.commit()
    return jsonify(name, hasattr(sess, "actor"), shown().json)

@bp.get("/none")
def none():
    db.session.add(Customer(name="z"))
    db.session.commit()
    return shown()
"""
)


def test_of_the_extension_s_session(alike: Alike) -> None:
    paths = ["/own", "/made", "/given", "/by-name", "/deleted", "/none"]
    views = alike(AUDIT, [*paths]).conversion.texts["views.py"]
    assert "async def own():" in views
    assert 'sess.actor = "ann"' in views


HANDED = (
    HEAD
    + """
from sqlalchemy import event

def titled(session):
    session.actor = "title"
    return [o.number for o in session.query(Order).order_by(Order.id)]

class Counts:
    def of(self, session, model=Order):
        return session.query(model).count()

@bp.get("/argument")
def argument():
    kept = [n for n, in Order.query.enable_eagerloads(False).with_entities(Order.number)]
    return jsonify(kept, Counts().of(db.session()), Counts().of(model=Customer, session=db.session()))

@bp.get("/variable")
def variable():
    sess = db.session()
    sess.actor = "ann"
    kept = [n for n, in Order.query.enable_eagerloads(False).with_entities(Order.number)]
    return jsonify(kept, titled(sess), sess.actor)

@bp.get("/item")
def item():
    Order.query.order_by(Order.id).all()[0].amount = 1
    kept = [n for n, in Order.query.enable_eagerloads(False).with_entities(Order.number)]
    return jsonify(kept, Counts().of(db.session()))
"""
)


def test_handed_on_by_what_stays_in_the_bridge(alike: Alike) -> None:
    """There it is the sync session, which what is called can't await."""
    views = alike(HANDED, ["/argument", "/variable", "/item"]).conversion.texts["views.py"]
    assert "call_sync(Counts().of, db.session())" in views


PROXIED = (
    HEAD
    + """
from sqlalchemy import event
from werkzeug.local import LocalProxy

def current():
    return db.session

def actual():
    return db.session()

proxied, real = LocalProxy(current), LocalProxy(actual)

def shown():
    return [c.name for c in Customer.query.order_by(Customer.id)]

@event.listens_for(db.session, "before_flush")
def audit(session, context, instances):
    for one in [one for one in session.new if isinstance(one, Customer)]:
        one.name += " by " + str(getattr(session, "actor", None))

@bp.get("/registry")
def registry():
    legacy = [n for n, in Order.query.enable_eagerloads(False).with_entities(Order.number)]
    proxied.actor = "ann"
    proxied.add(Customer(name="z"))
    proxied.commit()
    actor = proxied.actor
    del proxied.actor
    return jsonify(legacy, actor, shown(), hasattr(proxied, "actor"))

@bp.get("/session")
def of_session():
    legacy = [n for n, in Order.query.enable_eagerloads(False).with_entities(Order.number)]
    real.actor = "bob"
    real.add(Customer(name="z"))
    real.commit()
    return jsonify(legacy, real.actor, shown())

@bp.get("/native")
def native():
    actual().actor = "cy"
    actual().add(Customer(name="z"))
    actual().commit()
    real.commit()
    actor = actual().actor
    del actual().actor
    return jsonify(actor, real.get(Order, 1).number, shown(), hasattr(actual(), "actor"))
"""
)


def test_of_what_a_getter_or_a_proxy_gives(alike: Alike) -> None:
    views = alike(PROXIED, ["/registry", "/session", "/native"]).conversion.texts["views.py"]
    assert "return db.session.at_hand" in views
    assert "await actual().commit()" in views


OWN = """
    from flask import Blueprint, jsonify
    from sqlalchemy import event
    from {name}.db import Note, Session, maker

    bp = Blueprint("b", __name__)

    @event.listens_for(maker, "before_flush")
    def audit(session, context, instances):
        for note in session.new:
            if isinstance(note, Note) and note.text is None:
                note.text = "by " + str(getattr(session, "actor", None))

    @bp.get("/made")
    def made():
        with maker() as session:
            session.actor = "ann"
            session.add(Note())
            session.commit()
            return jsonify(session.actor, [n.text for n in session.query(Note)])

    @bp.get("/registry")
    def registry():
        session = Session()
        session.actor = "bob"
        session.add(Note())
        session.commit()
        found = [n.text for n in Session.query(Note)]
        Session.remove()
        return jsonify(found, hasattr(Session(), "actor"))
"""


@pytest.mark.parametrize("frame", FRAMES)
def test_of_sessions_of_ones_own(frame: FrameChoice, make_sides: Make, tmp_path: Path) -> None:
    sides = make_sides("actors", own_notes(tmp_path, OWN), frame)
    asked(sides, [("GET", "/made"), ("GET", "/registry")])
    assert "async with maker() as session:" in sides.conversion.texts["views.py"]
