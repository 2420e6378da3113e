"""An extension that stays behind is made with the application, and its object is used: FastAPI's side begins to serve."""

from __future__ import annotations

import importlib

import pytest

from tests.codemod.parity import Make, Request

#: `jwt_required` comes to the views by two `import *`, and the object by a function's return.
_PACKAGE = {
    "__init__.py": """
        from flask import Flask, jsonify
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        def create_app():
            from {name}.guards import set_up
            from {name}.views import bp

            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///behind.db"
            app.config["JWT_SECRET_KEY"] = "x" * 40
            db.init_app(app)
            app.register_blueprint(bp)
            jwt = set_up(app)

            @jwt.unauthorized_loader
            def refused(why):
                return jsonify(why="log in"), 401

            with app.app_context():
                db.drop_all()
                db.create_all()
                db.session.add(Item(name="a"))
                db.session.commit()
            return app

        class Item(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(9))
    """,
    "guards/__init__.py": "from .tokens import *\n",
    "guards/tokens.py": """
        from flask_jwt_extended import JWTManager, create_access_token, jwt_required

        from {name} import Item, db

        def set_up(app):
            MADE

            @jwt.user_lookup_loader
            def load(header, data):
                return db.session.get(Item, int(data["sub"]))

            return jwt

        def token():
            return create_access_token(identity="1")
    """,
    "views.py": """
        from flask import Blueprint, jsonify
        from flask_jwt_extended import current_user
        from {name} import Item
        from {name}.guards import jwt_required, token

        bp = Blueprint("items", __name__)

        @bp.get("/items")
        def items():
            return jsonify([item.name for item in Item.query])

        @bp.get("/token")
        def given():
            return jsonify(long=len(token()) > 20)

        @bp.get("/me")
        @jwt_required()
        def me():
            return jsonify(name=current_user.name)
    """,
}
_ASKED: list[Request] = [("GET", "/items"), ("GET", "/token"), ("GET", "/me"), ("GET", "/nothing")]


@pytest.mark.parametrize(
    "made",
    [
        "jwt = JWTManager(app)",
        "jwt = JWTManager(app=app)",
        "jwt: JWTManager = JWTManager(app, add_context_processor=False)",
        "jwt = JWTManager()\n            jwt.init_app(app)",
    ],
)
def test_the_object_is_there_for_what_is_registered_on_it(made: str, make_sides: Make) -> None:
    package = {name: text.replace("MADE", made) for name, text in _PACKAGE.items()}
    sides = make_sides("behind", package, "fastapi")
    surface = sides.conversion.surface
    assert surface is not None
    served = {e.endpoint: e.refusal is None for e in surface.endpoints}
    assert (served["items.items"], served["items.me"]) == (True, False)
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), _ASKED))
    assert [answer[2] for answer in expected] == [200, 200, 401, 404]
    with sides.converted() as asgi:
        assert list(sides.answers(asgi.app, _ASKED)) == expected


def test_one_that_nothing_asks_for_is_not_made(make_sides: Make) -> None:
    package = {name: text.replace("MADE", "jwt = JWTManager()") for name, text in _PACKAGE.items()}
    package["__init__.py"] = (
        package["__init__.py"]
        .replace(
            "app.register_blueprint(bp)\n",
            "app.register_blueprint(bp)\n            mail = Mail(app)\n",
        )
        .replace(
            "from flask_sqlalchemy", "from flask_mail import Mail\n        from flask_sqlalchemy", 1
        )
    )
    sides = make_sides("behind_unused", package, "fastapi")
    assert "mail = None" in sides.conversion.texts["__init__.py"]
