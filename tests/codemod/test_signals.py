"""Receivers of Flask's own signals: an application that has some keeps Flask as its frame."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, LOGIN, Alike
from tests.codemod.small_package import converted

VIEWS = """
from flask import got_request_exception, request_finished
from flask_login import LoginManager, login_user, user_logged_in
import flask.signals
"""
RECEIVERS = """
def note(what):
    db.session.add(Customer(name=what))
    db.session.commit()

@bp.get("/names")
def names():
    return [c.name for c in Customer.query.order_by(Customer.id)]

@bp.get("/login")
def log_in():
    login_user(Customer.query.first())
    return "hello"

@bp.get("/tell")
def tell():
    from flask import flash
    flash("told")
    return "told"

_setup = setup

def setup(app):
    _setup(app)

    @user_logged_in.connect_via(app)
    def came(sender, user, **more):
        note("came " + user.name)

    def told(sender, message, category, **more):
        note(message)

    flask.signals.message_flashed.connect(told, app, weak=False)

    @request_finished.connect_via(app)
    def finished(sender, response, **more):
        if request.path == "/login":
            note("finished " + response.get_data(as_text=True))
"""


@pytest.mark.parametrize("alike", ["auto", "flask"], indirect=True)
def test_they_are_called(alike: Alike) -> None:
    models = (
        "from flask_sqlalchemy import SQLAlchemy\nfrom flask_login import UserMixin\n"
        "db = SQLAlchemy()\n"
        "class Customer(UserMixin, db.Model):\n"
        "    id = db.Column(db.Integer, primary_key=True)\n"
        "    name = db.Column(db.String(50))\n"
        "class Order(db.Model):\n"
        "    id = db.Column(db.Integer, primary_key=True)\n"
        "def seed():\n"
        "    db.session.add(Customer(name='ann'))\n"
        "    db.session.commit()\n"
    )
    asked = ["/names", "/login", "/names", "/tell", "/names"]
    alike(HEAD + VIEWS + LOGIN + RECEIVERS, asked, models=models)


@pytest.mark.parametrize(
    ("connected", "codes"),
    [
        ("from flask import request_started\nrequest_started.connect(print)", ["MIG117"]),
        ("import flask\n@flask.got_request_exception.connect\ndef f(s, **k): ...", ["MIG117"]),
        ("from flask_login.signals import user_logged_out as out\nout.connect(print)", ["MIG117"]),
        ("from blinker import Namespace\nNamespace().signal('own').connect(print)", []),
        ("from flask import request_started\nprint(request_started)", []),
    ],
)
def test_the_other_frame_sends_none(connected: str, codes: list[str], tmp_path: Path) -> None:
    made = outcome_of(converted(tmp_path, connected, "fastapi"))
    assert [f.code for f in made.findings if f.code == "MIG117"] == codes


def test_a_query_that_a_receiver_hands_on(alike: Alike) -> None:
    views = """
from blinker import Namespace

asked = Namespace().signal("asked")

def orders():
    return db.session.query(Order).order_by(Order.id)

@asked.connect
def heard(sender):
    return orders()

@bp.route("/heard")
def sent():
    ((_, found),) = asked.send("sent")
    return jsonify(found.count(), orders().first().number)
"""
    alike(HEAD + views, ["/heard"])
