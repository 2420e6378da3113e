"""`--frame flask` for a package without an application: it goes on an AsyncFlask of somebody else."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import flask_login
import pytest

from migrator.codemod.convert import convert
from migrator.runtime.asyncflask import AsyncFlask
from migrator.runtime.db.blocking import run_blocking
from migrator.surface import FrameChoice

FILES = {
    "__init__.py": "",
    "models.py": """
from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(UserMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40))
    orders = db.relationship("Order", backref="user", order_by="Order.id")


class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    note = db.Column(db.String(40))
    user_id = db.Column(db.ForeignKey("user.id"))
""",
    "views.py": """
from flask import Blueprint, g, jsonify, render_template_string
from flask_login import current_user, login_required, login_user

from PKG.models import Order, User, db

bp = Blueprint("part", __name__)


@bp.route("/login/<int:key>")
def login(key):
    login_user(User.query.get_or_404(key))
    return ""


@bp.route("/mine")
@login_required
def mine():
    return jsonify([o.note for o in current_user.orders])


@bp.route("/users")
def users():
    g.user = User.query.first()
    db.session.add(Order(note="more", user=g.user))
    db.session.commit()
    return jsonify(name=g.user.name, n=len(g.user.orders))


@bp.route("/page")
def page():
    return render_template_string("{% for u in users %}{{ u.orders|length }}{% endfor %}", users=User.query)
""",
    "setting_up.py": """
from PKG.models import Order, User, db
from PKG.views import bp


def install(app, login):
    db.init_app(app)
    app.register_blueprint(bp)

    @login.user_loader
    def load(key):
        return db.session.get(User, int(key))


def fill():
    db.create_all()
    db.session.add(User(name="ann", orders=[Order(note="one")]))
    db.session.commit()
""",
}
PATHS = ("/mine", "/login/9", "/login/1", "/mine", "/users", "/users", "/mine", "/page")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on `sys.path` with the package `plain_part`."""
    monkeypatch.syspath_prepend(str(tmp_path))
    for path, text in FILES.items():
        place = tmp_path / "plain_part" / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(text.lstrip("\n").replace("PKG", "plain_part"))
    yield tmp_path
    for name in [m for m in sys.modules if m.partition(".")[0] in ("plain_part", "async_part")]:
        del sys.modules[name]


def converted(folder: Path, frame: FrameChoice) -> dict[str, str]:
    """The texts of the new package, which is written too."""
    texts = convert(folder / "plain_part", package="async_part", frame=frame).texts
    for path, text in texts.items():
        place = folder / "async_part" / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    return texts


def answers(app: Any, package: str) -> list[tuple[int, str]]:
    app.config.update(SECRET_KEY="s", SQLALCHEMY_DATABASE_URI=f"sqlite:///{package}.db")
    module = importlib.import_module(f"{package}.setting_up")
    module.install(app, flask_login.LoginManager(app))
    with app.app_context():
        filled = module.fill()
        if filled is not None:
            run_blocking(filled)
    client = app.test_client()
    return [(found.status_code, found.text) for found in map(client.get, PATHS)]


def test_it_answers_as_on_flask(folder: Path) -> None:
    texts = converted(folder, "flask")
    assert not any("runtime.compat" in text for text in texts.values())
    legacy = flask.Flask("plain", instance_path=str(folder))
    expected = answers(legacy, "plain_part")
    assert [status for status, _ in expected] == [401, 404, 200, 200, 200, 200, 200, 200]
    target = AsyncFlask("target", instance_path=str(folder))
    assert answers(target, "async_part") == expected
    run_blocking(target.dispose_database())


@pytest.mark.parametrize("frame", ["auto", "flask"])
def test_no_name_of_the_other_frame(folder: Path, frame: FrameChoice) -> None:
    for text in converted(folder, frame).values():
        assert "runtime.compat" not in text
