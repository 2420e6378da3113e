"""Small applications converted and served by `asgi.py`: the same requests, the same answers."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

FACTORY = {
    "__init__.py": """
        import os
        from flask import Flask, jsonify, render_template_string

        from {name} import models  # noqa: F401
        from {name}.extensions import db, login, migrate

        def create_app(config=None):
            app = Flask(__name__, instance_relative_config=True)
            app.config["SECRET_KEY"] = "parity"
            os.makedirs(app.instance_path, exist_ok=True)
            path = os.path.join(app.instance_path, "shop.db")
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + path
            db.init_app(app)
            migrate.init_app(app, db)
            login.init_app(app)
            register_blueprints(app)

            @app.errorhandler(404)
            def missing(error):
                return jsonify(error=str(error.name)), 404

            @app.template_filter("shout")
            def shout(text):
                return text.upper()

            @app.route("/nested/<int:number>")
            def nested(number):
                return render_template_string("{{{{ number }}}}{{{{ 'x'|shout }}}}", number=number)

            return app

        def register_blueprints(app):
            from {name}.views import blueprints
            for bp, prefix in blueprints.items():
                app.register_blueprint(bp, url_prefix=prefix)
    """,
    "extensions.py": """
        from flask_login import LoginManager
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()
        login = LoginManager()
        migrate = Migrate()
    """,
    "models.py": """
        from flask_login import UserMixin
        from {name}.extensions import db, login

        class User(UserMixin, db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(50), unique=True)
            role = db.Column(db.String(20), default="clerk")

        class Item(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(50))
            owner_id = db.Column(db.ForeignKey("user.id"))
            owner = db.relationship("User", backref="items")

        @login.user_loader
        def load_user(user_id):
            return db.session.get(User, int(user_id))
    """,
    "guards.py": """
        from functools import wraps
        from flask import abort
        from flask_login import current_user
        from {name}.extensions import db  # noqa: F401
        from {name}.models import User

        def role_required(role):
            def decorator(f):
                @wraps(f)
                def wrapper(*args, **kwargs):
                    if not current_user.is_authenticated:
                        abort(401)
                    if User.query.filter_by(id=current_user.id).first().role != role:
                        abort(403)
                    return f(*args, **kwargs)
                return wrapper
            return decorator

        def counted(f):
            @wraps(f)
            def wrapper(*args, **kwargs):
                from flask import make_response
                response = make_response(f(*args, **kwargs))
                response.headers["X-Items"] = str(User.query.count())
                return response
            return wrapper
    """,
    "views.py": """
        import flask
        from flask import Blueprint, abort, flash, g, get_flashed_messages, jsonify, redirect
        from flask import request, session, url_for
        from flask.views import MethodView
        from flask_login import current_user, login_required, login_user, logout_user

        from {name}.extensions import db
        from {name}.guards import counted, role_required
        from {name}.models import Item, User

        items = Blueprint("items", __name__)
        people = Blueprint("people", __name__)
        blueprints = {{items: "/items", people: None}}

        @items.before_app_request
        def start():
            g.seen = ["app"]

        @items.before_request
        def more():
            g.seen.append("items")

        @items.after_request
        def finish(response):
            response.headers["X-Seen"] = ",".join(g.seen)
            return response

        @items.route("/")
        @counted
        def index():
            found = Item.query.order_by(Item.id).all()
            return jsonify([{{"id": i.id, "name": i.name, "owner": i.owner.name}} for i in found])

        @items.route("/<int:item_id>", methods=["GET", "DELETE"])
        def one(item_id):
            item = Item.query.get_or_404(item_id)
            if request.method == "DELETE":
                db.session.delete(item)
                db.session.commit()
                return "", 204
            return jsonify(name=item.name, url=url_for(".one", item_id=item.id), me=url_for("people.me"))

        @items.post("/")
        @role_required("admin")
        def add():
            item = Item(name=request.get_json()["name"], owner=User.query.get(current_user.id))
            db.session.add(item)
            db.session.commit()
            return flask.jsonify(id=item.id), 201

        @items.route("/<any(red, blue):colour>", redirect_to="/items/1")
        def colour(colour):
            return colour

        class Bulk(MethodView, metaclass=type):
            def post(self):
                return "bulk"

        items.add_url_rule("/bulk", view_func=Bulk.as_view("bulk"))

        @people.route("/me")
        @login_required
        def me():
            return jsonify(name=current_user.name, items=[i.name for i in current_user.items])

        @people.route("/in/<name>", endpoint="log_in")
        def enter(name):
            user = User.query.filter_by(name=name).first()
            if user is None:
                abort(404)
            login_user(user)
            session["count"] = session.get("count", 0) + 1
            flash("Welcome " + name)
            return redirect(url_for("people.messages"))

        @people.route("/messages")
        def messages():
            return jsonify(get_flashed_messages(), session.get("count"))

        @people.route("/out")
        def leave():
            logout_user()
            return redirect("/items/")

        def seed():
            db.create_all()
            ann, bob = User(name="ann", role="admin"), User(name="bob")
            db.session.add_all([ann, bob, Item(name="pen", owner=ann), Item(name="cup", owner=bob)])
            db.session.commit()
    """,
}
FACTORY_REQUESTS: list[Request] = [
    ("GET", "/items/"),
    ("HEAD", "/items/"),
    ("OPTIONS", "/items/1"),
    ("GET", "/items"),
    ("GET", "/items/1"),
    ("GET", "/items/99"),
    ("GET", "/items/x"),
    ("GET", "/items/red"),
    ("POST", "/items/bulk"),
    ("GET", "/items/bulk"),
    ("PUT", "/items/1"),
    ("GET", "/nested/7"),
    ("GET", "/nested/-7"),
    ("GET", "/nowhere"),
    ("POST", "/items/", {"json": {"name": "hat"}}),
    ("GET", "/me"),
    ("GET", "/in/nobody"),
    ("GET", "/in/bob"),
    ("GET", "/messages"),
    ("GET", "/messages"),
    ("POST", "/items/", {"json": {"name": "hat"}}),
    ("GET", "/out"),
    ("GET", "/in/ann"),
    ("GET", "/me"),
    ("POST", "/items/", {"json": {"name": "hat"}}),
    ("POST", "/items/", {"data": "not json"}),
    ("GET", "/me"),
    ("DELETE", "/items/2"),
    ("GET", "/items/"),
]

MODULE = {
    "__init__.py": "",
    "web.py": """
        import flask

        app = flask.Flask(__name__)
        app.secret_key = "parity"

        @app.route("/")
        def home():
            return flask.render_template_string("{{% for i in range(3) %}}{{{{ i }}}}{{% endfor %}}")

        @app.route("/cookie")
        def cookie():
            flask.session["a"] = 1
            return "set"

        @app.teardown_request
        def ended(error):
            flask.g.pop("x", None)

        def late():
            return flask.jsonify(late=True)
    """,
    "more.py": """
        from {name}.web import app, late

        app.add_url_rule("/late", "late", late)

        for word in ("a", "b"):
            app.add_url_rule("/words/" + word, "word_" + word, late, methods=["POST"])

        @app.route("/sum/<int:a>/<float:b>")
        @app.route("/sum/<int:a>")
        def add(a, b=0.5):
            return str(a + b)
    """,
    "wsgi.py": """
        from {name}.web import app
        from {name} import more
    """,
}
MODULE_REQUESTS: list[Request] = [
    ("GET", "/"),
    ("GET", "/cookie"),
    ("GET", "/late"),
    ("POST", "/words/a"),
    ("GET", "/words/b"),
    ("GET", "/sum/1/2.5"),
    ("GET", "/sum/1"),
    ("GET", "/sum/x"),
]


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.LegacyAPIWarning")
@pytest.mark.parametrize("frame", FRAMES)
def test_a_factory_with_blueprints_login_and_a_database(
    frame: FrameChoice, make_sides: Make
) -> None:
    pair = make_sides("factory", FACTORY, frame)
    legacy = importlib.import_module(pair.legacy).create_app()
    seed = importlib.import_module(f"{pair.legacy}.views").seed
    database = Path(legacy.instance_path) / "shop.db"

    def fresh() -> None:
        database.unlink(missing_ok=True)
        importlib.import_module(f"{pair.legacy}.extensions").db.engine.dispose()
        seed()

    for before, after in pair.both(legacy, FACTORY_REQUESTS, fresh):
        assert after == before


def test_what_stays_is_served_by_the_mount(make_sides: Make) -> None:
    pair = make_sides("left", FACTORY, "fastapi")
    left = pair.conversion.surface
    assert left is not None
    assert {e.endpoint for e in left.endpoints if e.refusal} == {"items.bulk", "items.colour"}
    views = pair.conversion.texts["views.py"]
    assert "any(red" not in views
    assert "class Bulk(" not in views


@pytest.mark.parametrize("frame", FRAMES)
def test_a_module_level_application(frame: FrameChoice, make_sides: Make) -> None:
    pair = make_sides("module", MODULE, frame)
    importlib.import_module(f"{pair.legacy}.more")
    legacy = importlib.import_module(f"{pair.legacy}.web").app
    asgi = importlib.import_module(f"{pair.target}.asgi")
    room = "compat" if frame == "fastapi" else "asyncflask"
    assert type(asgi.converted).__module__.startswith(f"migrator.runtime.{room}")
    expected = list(pair.answers(legacy, MODULE_REQUESTS))
    for before, after in zip(expected, pair.answers(asgi.app, MODULE_REQUESTS), strict=True):
        assert after == before
