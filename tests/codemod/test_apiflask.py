"""Applications of APIFlask: Flask stays their frame, on the event loop."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.errors import UsageError
from tests.codemod.alike import HEAD, Alike

#: APIFlask, as far as it matters: classes below Flask's, whose decorators ask `ensure_sync`.
APIFLASK = """
from functools import wraps
from flask import Blueprint, Flask, current_app, jsonify, request

class _Scaffold:
    def output(self, schema):
        def decorator(f):
            @wraps(f)
            def wrapper(*args, **kwargs):
                return jsonify(schema(current_app.ensure_sync(f)(*args, **kwargs)))
            return wrapper
        return decorator

    def auth_required(self, auth):
        def decorator(f):
            @wraps(f)
            def wrapper(*args, **kwargs):
                if auth.callback(request.args.get("token")) is None:
                    return "who are you?", 203
                return current_app.ensure_sync(f)(*args, **kwargs)
            return wrapper
        return decorator

class APIFlask(_Scaffold, Flask):
    def __init__(self, import_name, title="APIFlask", **options):
        super().__init__(import_name, **options)
        self.title = title
        self.cli.command("spec")(lambda: print(title))

    def error_processor(self, f):
        callback = self.ensure_sync(f)
        self.register_error_handler(410, lambda error: (jsonify(callback(error)), 299))
        return f

class APIBlueprint(_Scaffold, Blueprint):
    pass

class Auth:
    def verify_token(self, f):
        self.callback = f
        return f
"""
VIEWS = """
from apiflask import APIBlueprint, Auth

bp = APIBlueprint("b", __name__)
auth = Auth()

def described(customer):
    return {"name": customer.name, "numbers": [o.number for o in customer.orders]}

@auth.verify_token
def verify(token):
    return Customer.query.filter_by(name=token).first()

@bp.get("/<int:key>")
@bp.output(described)
def customer(key):
    found = db.session.get(Customer, key)
    if found is None:
        abort(410)
    return found

@bp.post("/<int:key>")
@bp.auth_required(auth)
@bp.output(described)
def rename(key):
    found = Customer.query.get_or_404(key)
    found.name = "eve"
    db.session.commit()
    return found

def setup(app):
    @app.error_processor
    def gone(error):
        return {"known": [c.name for c in Customer.query.order_by(Customer.id)]}

    @app.get("/title")
    def title():
        return {"title": app.title, "commands": sorted(app.cli.commands)}
"""
_MAKE = """
        import os
        IMPORTS
        from PKG import views
        from PKG.models import db

        URL = ""

        def create_app():
            app = MADE(__name__, title="Shop", instance_relative_config=True)
            app.config["SECRET_KEY"] = "alike"
            os.makedirs(app.instance_path, exist_ok=True)
            path = os.path.join(app.instance_path, "shop.db")
            app.config["SQLALCHEMY_DATABASE_URI"] = URL or "sqlite:///" + path
            db.init_app(app)
            app.register_blueprint(views.bp)
            return app
"""


@pytest.fixture
def no_class_of_it_left() -> Iterator[None]:
    """The module stands in for an APIFlask that is not installed."""
    yield
    sys.modules.pop("migrator.runtime.asyncflask.apiflask", None)


@pytest.mark.usefixtures("no_class_of_it_left")
@pytest.mark.parametrize("alike", ["auto", "flask"], indirect=True)
@pytest.mark.parametrize(
    ("imports", "made"),
    [
        ("from apiflask import APIFlask", "APIFlask"),
        ("import apiflask", "apiflask.APIFlask"),
        ("from apiflask import APIFlask\n        class Shop(APIFlask): pass", "Shop"),
    ],
)
def test_flask_stays_the_frame(imports: str, made: str, alike: Alike) -> None:
    main = _MAKE.replace("IMPORTS", imports).replace("MADE", made)
    asked = ["/1", "/2", "/9", ("POST", "/1"), ("POST", "/1?token=ann"), "/1", "/title"]
    sides = alike(HEAD + VIEWS, asked, {"apiflask": APIFLASK}, **{"__init__.py": main})
    assert "async def rename(key):" in sides.conversion.texts["views.py"]


def test_the_other_frame_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("from apiflask import APIFlask\napp = APIFlask(__name__)\n")
    with pytest.raises(UsageError, match="APIFlask"):
        convert(tmp_path, package="new", frame="fastapi")
