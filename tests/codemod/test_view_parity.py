"""Class-based views and rules beyond FastAPI's syntax, converted and served by `asgi.py`."""

from __future__ import annotations

import importlib

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

VIEWS = {
    "__init__.py": """
        import os
        from flask import Flask
        from werkzeug.routing import BaseConverter, ValidationError

        class Even(BaseConverter):
            regex = "[0-9]+"

            def to_python(self, value):
                number = int(value)
                if number % 2:
                    raise ValidationError
                return number

            def to_url(self, value):
                return str(value)

        def create_app():
            from {name}.models import db, login
            app = Flask(__name__, instance_relative_config=True)
            app.config["SECRET_KEY"] = "parity"
            app.url_map.converters["even"] = Even
            os.makedirs(app.instance_path, exist_ok=True)
            path = os.path.join(app.instance_path, "shop.db")
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + path
            db.init_app(app)
            login.init_app(app)
            from {name}.views import bp
            from {name}.pages import pages
            app.register_blueprint(bp, url_prefix="/api")
            app.register_blueprint(pages, url_prefix="/pages/<int(fixed_digits=2):shelf>")
            return app
    """,
    "models.py": """
        from flask_login import LoginManager
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()
        login = LoginManager()

        class Item(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(50))
            parent_id = db.Column(db.ForeignKey("item.id"))
            children = db.relationship("Item", backref=db.backref("parent", remote_side=[id]))

        @login.user_loader
        def load(user_id):
            return None
    """,
    "guards.py": """
        from functools import wraps
        from flask import abort, make_response, request
        from {name}.models import Item

        def counted(f):
            @wraps(f)
            def wrapper(*args, **kwargs):
                response = make_response(f(*args, **kwargs))
                response.headers["X-Items"] = str(Item.query.count())
                return response
            return wrapper

        def keyed(key):
            def decorator(f):
                @wraps(f)
                def wrapper(*args, **kwargs):
                    if request.args.get("key", key) != key:
                        abort(403)
                    return f(*args, **kwargs)
                return wrapper
            return decorator
    """,
    "views.py": """
        from flask import Blueprint, abort, jsonify, request, url_for
        from flask.views import MethodView, View
        from flask_login import login_required

        from {name}.guards import counted, keyed
        from {name}.models import Item, db

        bp = Blueprint("api", __name__)

        class Crud(MethodView):
            model = None
            init_every_request = False

            def __init__(self, label="x"):
                self.label = label

            def one(self, item_id):
                return self.model.query.get_or_404(item_id)

            def get(self, item_id=None):
                if item_id is None:
                    names = [i.name for i in self.model.query.order_by(self.model.id)]
                    return jsonify(names=names, label=self.label)
                item = self.one(item_id)
                return jsonify(name=item.name, children=[c.name for c in item.children])

        class Items(Crud):
            model = Item
            decorators = [keyed("open"), counted]

            def post(self):
                item = Item(name=request.get_json()["name"])
                db.session.add(item)
                db.session.commit()
                return jsonify(id=item.id, url=url_for(".items", item_id=item.id)), 201

            def delete(self, item_id):
                Item.query.filter(Item.id == item_id).delete()
                db.session.commit()
                return "", 204

        view = Items.as_view("items", label="all")
        bp.add_url_rule("/items/", view_func=view, defaults={{"item_id": None}}, methods=["GET"])
        bp.add_url_rule("/items/", view_func=view, methods=["POST"])
        bp.add_url_rule("/items/<int:item_id>", view_func=view, methods=["GET", "DELETE"])

        class Template(View):
            methods = ["GET", "POST"]

            def names(self):
                raise NotImplementedError

            def dispatch_request(self):
                return jsonify(method=request.method, names=self.names())

        class Roots(Template):
            def names(self):
                return [i.name for i in Item.query.filter(Item.parent_id == None)]

        class Fixed(Template):
            methods = ["GET"]

            def names(self):
                return ["a"]

        for cls in (Roots, Fixed):
            bp.add_url_rule("/" + cls.__name__.lower(), view_func=cls.as_view(cls.__name__.lower()))

        class Guarded(MethodView):
            decorators = [login_required]

            def get(self):
                return str(Item.query.count())

        bp.add_url_rule("/guarded", view_func=Guarded.as_view("guarded"))

        class Logged(MethodView):
            def dispatch_request(self, *args, **kwargs):
                response = super().dispatch_request(*args, **kwargs)
                return response + "!" + str(Item.query.count())

            def get(self, name):
                found = Item.query.filter_by(name=name).first()
                return found.name if found else "none"

        bp.add_url_rule("/logged/<string(length=3):name>", view_func=Logged.as_view("logged"))

        class Wrapped(MethodView):
            def get(self):
                return Item.query.first().name

        bp.add_url_rule("/wrapped", view_func=counted(Wrapped.as_view("wrapped")))
    """,
    "pages.py": """
        from flask import Blueprint, jsonify, url_for
        from {name}.models import Item

        pages = Blueprint("pages", __name__)

        @pages.route("/<any(up, down):way>", methods=["GET", "POST"])
        def move(shelf, way):
            return jsonify(shelf=shelf, way=way, n=Item.query.count(), to=url_for(".even", shelf=7, n=4))

        @pages.route("/even/<even:n>")
        def even(shelf, n):
            return jsonify(n + shelf)

        @pages.route("/signed/<int(signed=True, max=5):n>", strict_slashes=False)
        def signed(shelf, n):
            return jsonify(n, shelf)

        @pages.route("/list/", defaults={{"page": 1}})
        @pages.route("/list/<int:page>")
        @pages.route("/list/<int:page>/<string(minlength=2):word>/", endpoint="words", strict_slashes=False)
        def listed(shelf, page, word="-"):
            names = [i.name for i in Item.query.order_by(Item.id).limit(page)]
            return jsonify(names, word, url_for(".listed", shelf=shelf, page=1))

        @pages.route("/shelved")
        @pages.route("/shelved/all", defaults={{"many": 9}})
        def shelved(shelf, many=1):
            return f"{{shelf}} {{Item.query.limit(many).count()}}"

        @pages.route("/typed/<number>")
        def typed(shelf: int, number: int):
            return jsonify(number, shelf)
    """,
    "seed.py": """
        from {name}.models import Item, db

        def seed():
            db.drop_all()
            db.create_all()
            db.session.add(Item(name="top", children=[Item(name="pen"), Item(name="cup")]))
            db.session.commit()
    """,
}
REQUESTS: list[Request] = [
    ("GET", "/api/items/"),
    ("HEAD", "/api/items/"),
    ("GET", "/api/items"),
    ("GET", "/api/items/?key=no"),
    ("GET", "/api/items/1"),
    ("GET", "/api/items/9"),
    ("OPTIONS", "/api/items/1"),
    ("OPTIONS", "/api/items/"),
    ("POST", "/api/items/", {"json": {"name": "hat"}}),
    ("POST", "/api/items/", {"data": "x"}),
    ("PUT", "/api/items/1"),
    ("POST", "/api/items/1"),
    ("DELETE", "/api/items/2"),
    ("DELETE", "/api/items/"),
    ("GET", "/api/items/"),
    ("GET", "/api/roots"),
    ("POST", "/api/roots"),
    ("GET", "/api/fixed"),
    ("POST", "/api/fixed"),
    ("GET", "/api/guarded"),
    ("GET", "/api/logged/top"),
    ("GET", "/api/logged/xyz"),
    ("GET", "/api/logged/long"),
    ("POST", "/api/logged/top"),
    ("GET", "/api/wrapped"),
    ("GET", "/pages/07/up"),
    ("POST", "/pages/07/down"),
    ("GET", "/pages/7/up"),
    ("GET", "/pages/07/left"),
    ("DELETE", "/pages/07/up"),
    ("GET", "/pages/07/even/4"),
    ("GET", "/pages/07/even/5"),
    ("GET", "/pages/07/even/x"),
    ("GET", "/pages/07/signed/-4"),
    ("GET", "/pages/07/signed/-4/"),
    ("GET", "/pages/07/signed/6"),
    ("GET", "/pages/07/list/"),
    ("GET", "/pages/07/list"),
    ("GET", "/pages/07/list/1"),
    ("GET", "/pages/07/list/2"),
    ("GET", "/pages/07/list/2/ab"),
    ("GET", "/pages/07/list/2/ab/"),
    ("GET", "/pages/07/list/2/a"),
    ("POST", "/pages/07/list/2"),
    ("GET", "/pages/07/typed/x"),
    ("GET", "/pages/07/typed/12"),
]


@pytest.mark.parametrize("frame", FRAMES)
def test_every_request_is_answered_alike(frame: FrameChoice, make_sides: Make) -> None:
    pair = make_sides("views", VIEWS, frame)
    legacy = importlib.import_module(pair.legacy).create_app()
    seed = importlib.import_module(f"{pair.legacy}.seed").seed
    for before, after in pair.both(legacy, REQUESTS, seed):
        assert after == before


def test_levels(make_sides: Make) -> None:
    conversion = make_sides("levels", VIEWS).conversion
    found = {
        (e.endpoint.endpoint, e.endpoint.methods): (e.level, e.reason)
        for e in outcome_of(conversion).endpoints
    }
    native = {name for (name, _), (level, _) in found.items() if level == "native"}
    assert native >= {
        "api.items", "api.roots", "api.fixed", "api.guarded",
        "pages.move", "pages.even", "pages.signed", "pages.listed", "pages.words", "pages.typed",
    }  # fmt: skip
    assert {level for (name, _), (level, _) in found.items() if name == "api.logged"} == {"bridged"}
    assert not [key for key, (level, _) in found.items() if level == "legacy"], found
