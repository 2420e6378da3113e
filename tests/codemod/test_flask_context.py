"""Views that use an extension which reads Flask's context only: converted, served by `asgi.py`."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from werkzeug.test import Client

from migrator.codemod.outcome import outcome_of
from migrator.runtime.compat.testing import as_wsgi
from migrator.runtime.db.blocking import run_blocking
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make

FORMS = {
    "__init__.py": """
        import os
        from flask import Flask, g, request

        def create_app():
            from {name}.models import db
            app = Flask(__name__, instance_relative_config=True)
            app.config["SECRET_KEY"] = "parity"
            os.makedirs(app.instance_path, exist_ok=True)
            path = os.path.join(app.instance_path, "shop.db")
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + path
            db.init_app(app)

            @app.before_request
            def begin():
                g.begun = request.path

            @app.after_request
            def end(response):
                response.headers["X-Begun"] = g.begun
                return response

            @app.teardown_request
            def over(error):
                assert g.begun

            from {name}.views import bp
            app.register_blueprint(bp)
            return app
    """,
    "models.py": """
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Item(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(50), unique=True)
    """,
    "forms.py": """
        from flask import g
        from flask_wtf import FlaskForm
        from flask_wtf.file import FileField
        from wtforms import IntegerField, StringField
        from wtforms.validators import DataRequired, NumberRange, ValidationError

        from {name}.models import Item

        class ItemForm(FlaskForm):
            name = StringField("Name", validators=[DataRequired()])
            count = IntegerField("Count", validators=[NumberRange(1, 9)])
            note = FileField("Note")

            def validate_name(self, field):
                if Item.query.filter_by(name=field.data).first() is not None:
                    raise ValidationError(f"{{field.data}} is taken, on {{g.begun}}")
    """,
    "views.py": """
        from flask import Blueprint, after_this_request, flash, g, get_flashed_messages, jsonify
        from flask import redirect, render_template, request, session, url_for

        from {name}.forms import ItemForm
        from {name}.models import Item, db

        bp = Blueprint("shop", __name__)

        @bp.route("/items/new", methods=["GET", "POST"])
        def new():
            form = ItemForm()
            session["seen"] = session.get("seen", 0) + 1
            if form.validate_on_submit():
                note = form.note.data
                text = note.read().decode() if note else ""
                db.session.add(Item(name=form.name.data))
                db.session.commit()
                flash("Added " + form.name.data)
                return redirect(url_for(".items", note=text))

            @after_this_request
            def mark(response):
                response.headers["X-Errors"] = str(len(form.errors))
                return response

            return render_template("form.html", form=form, posted=request.form.get("name"))

        @bp.route("/items")
        def items():
            names = [i.name for i in Item.query.order_by(Item.id)]
            return jsonify(names, get_flashed_messages(), session.get("seen"), request.args)

        @bp.route("/empty")
        def empty():
            return jsonify(valid=ItemForm(meta={{"csrf": False}}).validate())
    """,
    "templates/form.html": (
        "<form>{{{{ form.hidden_tag() }}}}{{{{ form.name }}}}{{{{ posted }}}}"
        "{{% for e in form.errors|dictsort %}}{{{{ e }}}}{{% endfor %}}</form>"
    ),
}
TOKEN = re.compile(rb'name="csrf_token" type="hidden" value="([^"]+)"')


def talk(app: Any) -> Iterator[tuple[Any, ...]]:
    """A visit with one client; the CSRF token of the first page goes into the later requests."""
    wsgi = app if isinstance(app, flask.Flask) else as_wsgi(app, run_blocking)
    client = Client(wsgi)
    token = ""
    for data in (
        None,
        {},
        {"name": "pen", "count": "3"},
        {"name": "pen", "count": "30"},
        {"name": ""},
    ):
        for sent in (False, True):
            if data is None:
                response = client.get("/items/new")
                token = TOKEN.findall(response.data)[0].decode()
            else:
                form: dict[str, Any] = dict(data)
                if sent:
                    form["csrf_token"] = token
                    form["note"] = (__import__("io").BytesIO(b"hello"), "note.txt")
                response = client.post("/items/new", data=form)
            headers = {
                k.lower(): v
                for k, v in response.headers
                if k.lower() not in {"date", "set-cookie", "content-length"}
            }
            yield data, sent, response.status_code, TOKEN.sub(b"", response.data), headers
            answer = client.get("/items?a=1")
            yield answer.status_code, answer.data, sorted(answer.headers.keys())
    answer = client.get("/empty")
    yield answer.status_code, answer.data


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("frame", FRAMES)
def test_forms_are_answered_alike(frame: FrameChoice, make_sides: Make) -> None:
    pytest.importorskip("flask_wtf")
    pair = make_sides("forms", FORMS, frame)
    legacy = importlib.import_module(pair.legacy).create_app()
    models = importlib.import_module(f"{pair.legacy}.models")

    def empty() -> None:
        with legacy.app_context():
            models.db.drop_all()
            models.db.create_all()

    empty()
    expected = list(talk(legacy))
    assert any(b"Added pen" in part for row in expected for part in row if isinstance(part, bytes))
    empty()
    with pair.converted() as asgi:
        for before, after in zip(expected, talk(asgi.app), strict=True):
            assert after == before


def test_levels_and_code(make_sides: Make) -> None:
    conversion = make_sides("levels", FORMS).conversion
    found = {e.endpoint.endpoint: e.level for e in outcome_of(conversion).endpoints}
    assert found["shop.items"] == "native"
    assert set(found.values()) <= {"native", "bridged"}
    views = conversion.texts["views.py"]
    assert views.count("@flask_context\nasync def ") == 2
    assert '@bp.api_route("/items/new", methods=["GET", "POST"])\n@flask_context\n' in views
    assert "await bridge(form.validate_on_submit)" in views


def test_with_translations_they_stay(make_sides: Make) -> None:
    """Flask-WTF would ask the legacy application's locale selector, which may ask its database."""
    files = {**FORMS, "words.py": "from flask_babel import gettext"}
    conversion = make_sides("translated", files, "fastapi").conversion
    left = {e.endpoint.endpoint for e in outcome_of(conversion).endpoints if e.level == "legacy"}
    assert left == {"shop.new", "shop.empty"}
