"""Listeners on what both sides of a mount have are told of; what is advised instead is executed, in both frames."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike, small_shop
from tests.codemod.parity import Make
from tests.codemod.small_package import converted, files, write

LISTENER = """
from sqlalchemy import event, Engine
from sqlalchemy.orm import Mapper, Session
import sqlalchemy.orm as orm

@event.listens_for({target}, "{name}")
def heard(*given):
    print(given)
"""


@pytest.mark.parametrize(
    ("target", "name", "severity"),
    [
        ("Session", "before_flush", "error"),
        ("orm.Session", "after_commit", "error"),
        ("Mapper", "after_insert", "error"),
        ("Engine", "before_cursor_execute", "info"),
        ("Engine", "connect", ""),
        ("Mapper", "after_configured", ""),
        ("db.session", "before_flush", ""),
        ("Order", "after_insert", ""),
    ],
)
def test_what_hears_both_sides(target: str, name: str, severity: str, tmp_path: Path) -> None:
    made = outcome_of(converted(tmp_path, LISTENER.format(target=target, name=name)))
    found = {f.severity for f in (*made.findings, *made.notes) if f.code == "MIG111"}
    assert found == ({severity} if severity else set())


@pytest.mark.parametrize(
    "given", ['identifier="before_flush", target=Session', 'Session, identifier="before_flush"']
)
def test_by_keywords(given: str, tmp_path: Path) -> None:
    said = LISTENER.replace('{target}, "{name}"', given)
    assert [f.code for f in outcome_of(converted(tmp_path, said)).findings] == ["MIG111"]


def test_what_is_converted_in_place_has_no_other_side(tmp_path: Path) -> None:
    from migrator.codemod.convert import convert

    root = write(tmp_path, files(LISTENER.format(target="Session", name="before_flush")))
    assert not outcome_of(convert(root, package="shop")).findings


def test_each_side_hears_its_own_session(alike: Alike) -> None:
    views = """
from sqlalchemy import event
class Audit(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    what = db.Column(db.String(50))
@event.listens_for(db.session, "before_flush")
def audit(session, context, instances):
    for one in list(session.new):
        if isinstance(one, Order):
            session.add(Audit(what="new " + one.number))
@bp.route("/add")
def add():
    db.session.add(Order(number="N9", amount=1))
    db.session.commit()
    return jsonify([one.what for one in Audit.query.order_by(Audit.id)][-2:], Audit.query.filter_by(what="new N9").count())
"""
    alike(HEAD + views, ["/add", "/add"])


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("from blinker import signal\nplaced = signal('placed')", 0),
        ("import blinker\nblinker.signal('placed').connect(print)", 0),
        ("from blinker import Namespace\nplaced = Namespace().signal('placed')", 0),
        ("from pubsub import pub\npub.subscribe(print, 'placed')", 1),
        ("from pydispatch import dispatcher\ndispatcher.connect(print, signal='placed')", 1),
        ("import zope.event\nzope.event.subscribers.append(print)", 1),
        ("import signal\nplaced = signal.signal", 0),
    ],
)
def test_receivers_that_the_process_keeps_by_name(code: str, count: int, tmp_path: Path) -> None:
    made = outcome_of(converted(tmp_path, code + "\n"))
    assert [f.code for f in made.findings].count("MIG111") == count


SIGNAL = """
from blinker import Namespace, signal
placed = {signal}("placed by either")
@placed.connect
def noted(sender, **more):
    return __name__
@bp.route("/place")
def place():
    return jsonify(len(placed.send("me")))
"""


def test_a_signal_of_the_process_has_the_receivers_of_one_side(make_sides: Make) -> None:
    sides = small_shop(make_sides, "fastapi", HEAD + SIGNAL.format(signal="signal"))
    with sides.converted() as asgi:
        for app in (asgi.app, asgi.legacy):
            (answer,) = sides.answers(app, [("GET", "/place")])
            assert answer[3].strip() == b"1"


def test_a_signal_of_its_own_has_its_own_receivers(alike: Alike) -> None:
    alike(HEAD + SIGNAL.format(signal="Namespace().signal"), ["/place"])
