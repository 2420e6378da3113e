"""What has been seen to be None alone: its attributes say nothing of what else there will be."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

MODELS = """
from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Member(UserMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80))
    notes = db.relationship("Note", backref="member", lazy="dynamic")

class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(80))
    member_id = db.Column(db.ForeignKey("member.id"))

class Token(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    value = db.Column(db.String(80))
    member_id = db.Column(db.ForeignKey("member.id"))
    member = db.relationship(Member)

def seed():
    ann, bob = Member(name="ann"), Member(name="bob")
    db.session.add_all([ann, bob, Token(value="t-ann", member=ann), Token(value="t-bob", member=bob)])
    db.session.add_all([Note(text=f"note {n}", member=ann if n % 3 else bob) for n in range(6)])
    db.session.commit()
"""

VIEWS = """
from flask import Blueprint, jsonify, request
from flask_login import LoginManager, current_user, login_required
from PKG.models import Member, Note, Token, db

bp = Blueprint("shop", __name__)
login = LoginManager()

def setup(app):
    login.init_app(app)

@login.user_loader
def by_session(key):
    return db.session.get(Member, int(key))

@login.request_loader
def by_request(request):
    token = given_token()
    if token is not None:
        return token.member
    return None

def given_token():
    value = request.args.get("token")
    if value is None:
        return None
    return found_token(value)

def found_token(value):
    return Token.query.filter_by(value=value).first()

@bp.route("/notes/<int:key>")
@login_required
def note(key):
    found = current_user.notes.filter(Note.id == key).first_or_404()
    return jsonify(found.text, current_user.notes.count(), current_user.name)

@bp.route("/anybody")
def anybody():
    if not current_user.is_authenticated:
        return jsonify("nobody")
    return jsonify([n.text for n in current_user.notes.order_by(Note.id)])
"""


def test_who_is_logged_in_by_a_token_has_dynamic_relationships(alike: Alike) -> None:
    paths = ["/notes/2?token=t-ann", "/notes/1?token=t-bob", "/anybody", "/anybody?token=t-bob"]
    sides = alike(VIEWS, paths, models=MODELS)
    totals = outcome_of(sides.conversion).totals
    assert (totals.bridged, totals.left) == (0, 0)


CHECKED = """
from flask import Blueprint, jsonify
from flask.views import MethodView
from functools import wraps
from PKG.driver import manager
from PKG.models import db

bp = Blueprint("b", __name__)

def checked(f):
    @wraps(f)
    def inner(*args, **kwargs):
        self = args[0]
        self.conn = manager().connection()
        self.other = manager().connection()
        return f(*args, **kwargs)
    return inner

class Rows(MethodView):
    other = None

    def __init__(self):
        self.conn = None

    @checked
    def get(self):
        number, names = self.conn.names()
        return jsonify(number, names, self.other.count())

bp.add_url_rule("/rows", view_func=Rows.as_view("rows"))
"""
DRIVER = """
from PKG.models import Member

class Connection:
    def names(self):
        return 1, [member.name for member in Member.query.order_by(Member.id)]

    def count(self):
        return Member.query.count()

class Manager:
    def connection(self):
        return globals()["Connection"]()

KNOWN = {}

def manager():
    return KNOWN.setdefault("one", Manager())
"""


def test_what_a_decorator_puts_on_self(alike: Alike) -> None:
    asked = alike(CHECKED, ["/rows"], **{"models.py": MODELS, "driver.py": DRIVER})
    text = asked.conversion.texts["views.py"]
    assert "call(self.conn.names)" in text
    assert "call(self.other.count)" in text
