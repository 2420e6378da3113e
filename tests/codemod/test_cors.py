"""Flask-CORS on the FastAPI frame: the headers of every answer are those of the legacy application."""

from __future__ import annotations

import importlib

import pytest

from tests.codemod.parity import Make, Request

_APPLICATION = """
from flask import Blueprint, Flask, abort, jsonify, request
IMPORT
from {name}.models import Order, db

shop = Blueprint("shop", __name__, url_prefix="/shop")
MADE

@shop.route("/orders", methods=["GET", "POST"])
def orders():
    return jsonify([order.id for order in Order.query.order_by(Order.id)])

def create_app():
    app = Flask(__name__)
    app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", CONFIG)
    db.init_app(app)
    SETUP

    @app.route("/api/<int:key>", methods=["GET", "PUT"])
    def show(key):
        return jsonify(id=db.get_or_404(Order, key).id)

    @app.route("/varied")
    def varied():
        response = jsonify(1)
        response.headers["Vary"] = "Accept"
        return response, 201

    @app.route("/fails")
    def fails():
        abort(409)

    @app.errorhandler(404)
    def missing(error):
        return jsonify(error="missing"), 404

    app.register_blueprint(shop)
    with app.app_context():
        db.create_all()
        if not Order.query.count():
            db.session.add(Order())
            db.session.commit()
    return app
"""
_MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"""
_FROM = "from flask_cors import CORS"
#: The import, what the module makes, what the factory does, and the settings.
CASES = {
    "plain": (_FROM, "", "CORS(app)", ""),
    "later": (_FROM, "cors = CORS()", "cors.init_app(app)", ""),
    "later with arguments": (
        _FROM, "cors = CORS(max_age=60)", "cors.init_app(app, origins='http://a.example')", "",
    ),
    "resources": (
        _FROM, "", 'CORS(app, resources={{r"/api/*": {{"origins": ["http://a.example", '
        '"http://b.example"], "methods": ["GET"]}}, r"/varied": {{"origins": "*"}}}})', "",
    ),
    "credentials": (
        _FROM, "", "CORS(app, supports_credentials=True, expose_headers=['X-A', 'X-B'], "
        "allow_headers=['Content-Type', 'X-Own'])", "",
    ),
    "settings": (
        _FROM, "", "CORS(app)",
        "CORS_ORIGINS=[r'http://.*\\.example'], CORS_MAX_AGE=9, CORS_ALWAYS_SEND=False",
    ),
    "wildcard": (_FROM, "", "CORS(app, send_wildcard=True, vary_header=False)", ""),
    "blueprint": (_FROM, "CORS(shop)", "", ""),
    "module": ("import flask_cors", "", "flask_cors.CORS(app)", ""),
    "extension": ("from flask_cors.extension import CORS as Cross", "", "Cross(app)", ""),
}  # fmt: skip
_PATHS = ("/api/1", "/api/7", "/varied", "/fails", "/shop/orders")


def _requests() -> list[Request]:
    asked: list[Request] = []
    for path in _PATHS:
        for origin in ("", "http://a.example", "http://other.test"):
            headers = {"Origin": origin} if origin else {}
            asked.append(("GET", path, {"headers": headers}))
            wanted = {
                "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "X-Own, X-Other",
                "Access-Control-Request-Private-Network": "true",
            }
            asked.append(("OPTIONS", path, {"headers": {**headers, **wanted}}))
        asked.append(("DELETE", path, {"headers": {"Origin": "http://a.example"}}))
    return asked


@pytest.mark.parametrize("case", CASES)
def test_the_headers_are_those_of_the_legacy_application(make_sides: Make, case: str) -> None:
    pytest.importorskip("flask_cors")
    imported, made, setup, config = CASES[case]
    text = _APPLICATION.replace("IMPORT", imported).replace("MADE", made)
    text = text.replace("SETUP", setup or "pass").replace("CONFIG", config)
    name = f"cors_{case.replace(' ', '_')}"
    sides = make_sides(name, {"__init__.py": text, "models.py": _MODELS}, "auto")
    assert not sides.conversion.findings
    assert sides.conversion.surface is not None
    assert sides.conversion.surface.frame == "fastapi"
    native = [e for e in sides.conversion.surface.endpoints if e.refusal is None and not e.static]
    assert len(native) == 4
    legacy = importlib.import_module(sides.legacy).create_app()
    expected = list(sides.answers(legacy, _requests()))
    assert case == "blueprint" or any("access-control" in str(answer) for answer in expected)
    with sides.converted() as asgi:
        assert list(sides.answers(asgi.app, _requests())) == expected
