"""Several applications in one repository: each of them is converted, and answers as before."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from werkzeug.test import Client

from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from migrator.errors import UnclearApplication
from migrator.runtime.compat.testing import as_wsgi
from migrator.runtime.db.blocking import run_blocking
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request, Sides

MODELS = """
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()

    class Customer(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(40))
        orders = db.relationship("Order", backref="customer", order_by="Order.id")

    class Order(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        note = db.Column(db.String(40))
        customer_id = db.Column(db.ForeignKey("customer.id"))

    def fresh():
        db.drop_all()
        db.create_all()
        db.session.add(Customer(name="ann", orders=[Order(note="one"), Order(note="two")]))
        db.session.commit()
"""
SERVICES = """
    from {name}.models import Customer, Order, db

    def found(name=None):
        query = Order.query.join(Customer)
        if name:
            query = query.filter(Customer.name == name)
        return query.order_by(Order.id).all()

    def shown(order):
        return dict(id=order.id, note=order.note, by=order.customer.name)

    def placed(name, note):
        customer = Customer.query.filter_by(name=name).first() or Customer(name=name)
        customer.orders.append(Order(note=note))
        db.session.add(customer)
        db.session.commit()
        return customer
"""
PUBLIC = """
    from flask import Blueprint, Flask, g, jsonify, request
    from {name}.models import Order, db
    from {name}.services import found, placed, shown

    def count():
        g.before = Order.query.count()

    def orders():
        return jsonify([shown(o) for o in found(request.args.get("name"))], g.before)

    def post():
        customer = placed(request.json["name"], request.json["note"])
        return jsonify(n=len(customer.orders)), 201
"""
ADMIN = """
    from flask import Flask, abort, jsonify, render_template_string, url_for
    from {name}.models import Customer, Order, db
    from {name}.services import found, shown

    PAGE = "{{% for o in orders %}}{{{{ o.customer.name }}}}:{{{{ o.note }}}};{{% endfor %}}"

    def customers():
        every = Customer.query.order_by(Customer.id)
        return jsonify([[c.name, [shown(o) for o in c.orders]] for c in every])

    def orders(key):
        customer = Customer.query.get_or_404(key)
        return jsonify([shown(o) for o in found(customer.name)])

    def remove(key):
        order = db.session.get(Order, key)
        if order is None:
            abort(404)
        db.session.delete(order)
        db.session.commit()
        return url_for("customers")

    def page():
        return render_template_string(PAGE, orders=found())

    def missing(error):
        return jsonify(left=Order.query.count()), 404
"""
# Each a way to make the two: what `public.py` and `admin.py` end with, and what both are named.
OBJECTS = (
    """
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///two.db"
    db.init_app(app)
    app.before_request(count)
    app.add_url_rule("/orders", view_func=orders)
    app.add_url_rule("/orders", view_func=post, methods=["POST"])
    """,
    """
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///two.db"
    db.init_app(app)
    app.route("/customers")(customers)
    app.get("/customers/<int:key>/orders")(orders)
    app.delete("/orders/<int:key>")(remove)
    app.add_url_rule("/page", "page", page)
    app.register_error_handler(404, missing)
    """,
    "app",
)
BASE = """
    from flask import Flask
    from {name}.models import db

    def make_app(name, setup):
        app = Flask(name)
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///two.db"
        db.init_app(app)
        setup(app)
        return app
"""
FACTORIES = (
    """
    from {name}.base import make_app

    def setup(app):
        shop = Blueprint("shop", __name__)
        shop.before_request(count)
        shop.add_url_rule("/orders", view_func=orders)
        shop.add_url_rule("/orders", view_func=post, methods=["POST"])
        app.register_blueprint(shop)

    def create_app():
        return make_app(__name__, setup)
    """,
    """
    from {name}.base import make_app

    def setup(app):
        app.route("/customers")(customers)
        app.get("/customers/<int:key>/orders")(orders)
        app.delete("/orders/<int:key>")(remove)
        app.add_url_rule("/page", "page", page)
        app.register_error_handler(404, missing)

    def create_app():
        return make_app(__name__, setup)
    """,
    "create_app",
)
PUBLIC_REQUESTS: list[Request] = [
    ("GET", "/orders"),
    ("POST", "/orders", {"json": {"name": "bob", "note": "three"}}),
    ("GET", "/orders?name=bob"),
    ("GET", "/customers"),
    ("PUT", "/orders"),
]
ADMIN_REQUESTS: list[Request] = [
    ("GET", "/customers"),
    ("GET", "/customers/1/orders"),
    ("GET", "/customers/9/orders"),
    ("DELETE", "/orders/1"),
    ("DELETE", "/orders/1"),
    ("GET", "/page"),
    ("GET", "/orders"),
]


def two(make_sides: Make, name: str, frame: FrameChoice, made: tuple[str, str, str]) -> Sides:
    files = {
        "__init__.py": "",
        "models.py": MODELS,
        "services.py": SERVICES,
        "base.py": BASE,
        "public.py": PUBLIC + made[0],
        "admin.py": ADMIN + made[1],
    }
    return make_sides(name, files, frame, f"public:{made[2]}")


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("made", [OBJECTS, FACTORIES], ids=["objects", "factories"])
def test_both_answer_as_before(
    made: tuple[str, str, str], frame: FrameChoice, make_sides: Make
) -> None:
    sides = two(make_sides, f"two_{made[2]}_{frame}", frame, made)
    outcome = outcome_of(sides.conversion)
    assert not outcome.findings
    assert outcome.application == f"{sides.legacy}.public:{made[2]}"
    assert {"orders", "post", "customers", "remove"} <= {
        e.endpoint.endpoint.rpartition(".")[2] for e in outcome.endpoints
    }
    assert outcome.levels()["legacy"] == 0
    (note,) = [n for n in outcome.notes if n.code == "MIG426"]
    assert "asgi_admin.py serves it" in note.message
    models = importlib.import_module(f"{sides.legacy}.models")
    for module, entry, requests in (
        ("public", "asgi", PUBLIC_REQUESTS),
        ("admin", "asgi_admin", ADMIN_REQUESTS),
        ("public", "asgi", PUBLIC_REQUESTS),
    ):
        legacy = getattr(importlib.import_module(f"{sides.legacy}.{module}"), made[2])
        legacy = legacy if made[2] == "app" else legacy()
        with legacy.app_context():
            models.fresh()
        expected = list(sides.answers(legacy, requests))
        assert {answer[2] for answer in expected} >= {200, 404}
        with legacy.app_context():
            models.fresh()
        with sides.converted(entry) as asgi:
            assert list(sides.answers(asgi.app, requests)) == expected


def test_one_blueprint_on_both(make_sides: Make) -> None:
    """Its rules are rewritten once, and one that stays on the mount for one stays for both."""
    files = {
        "__init__.py": "",
        "models.py": MODELS,
        "views.py": """
            from flask import Blueprint, jsonify
            from {name}.models import Order

            bp = Blueprint("shop", __name__)

            @bp.route("/orders/<int:key>")
            def order(key):
                return jsonify(Order.query.get_or_404(key).customer.name)
        """,
        "public.py": """
            from flask import Flask
            from {name}.models import db
            from {name}.views import bp

            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///one.db"
            db.init_app(app)
            app.register_blueprint(bp, url_prefix="/public")
        """,
        "admin.py": """
            from flask import Flask
            from {name}.models import db
            from {name}.views import bp

            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///one.db"
            db.init_app(app)
            app.register_blueprint(bp, url_prefix="/admin")

            @app.route("/only")
            def only():
                return "admin"
        """,
    }
    sides = make_sides("one_blueprint", files, "fastapi", "public:app")
    assert sides.conversion.texts["views.py"].count("@bp.get") == 1
    models = importlib.import_module(f"{sides.legacy}.models")
    for name, entry in (("public", "asgi"), ("admin", "asgi_admin")):
        legacy = importlib.import_module(f"{sides.legacy}.{name}").app
        with legacy.app_context():
            models.fresh()
        asked: list[Request] = [("GET", "/only")]
        for prefix in ("public", "admin"):
            asked += [("GET", f"/{prefix}/orders/1"), ("GET", f"/{prefix}/orders/9")]
        expected = list(sides.answers(legacy, asked))
        with sides.converted(entry) as asgi:
            assert list(sides.answers(asgi.app, asked)) == expected


def test_what_makes_both_is_neither(make_sides: Make) -> None:
    sides = two(make_sides, "neither", "auto", FACTORIES)
    with pytest.raises(UnclearApplication, match=r"neither\.admin:create_app, .*public:create_app"):
        convert(sides.root / sides.legacy, package="new")


@pytest.mark.parametrize("frame", FRAMES)
def test_a_path_for_each(frame: FrameChoice, make_sides: Make) -> None:
    sides = two(make_sides, f"paths_{frame}", frame, OBJECTS)
    wsgi = sides.root / sides.legacy / "wsgi.py"
    wsgi.write_text(
        "from werkzeug.middleware.dispatcher import DispatcherMiddleware\n"
        f"from {sides.legacy}.admin import app as admin\n"
        f"from {sides.legacy}.public import app as public\n"
        "\n"
        'application = DispatcherMiddleware(public, {"/admin": admin})\n'
    )
    name = f"{sides.legacy}.public:app"
    outcome = outcome_of(convert(wsgi.parent, application=name, package=sides.target, frame=frame))
    assert ("MIG416", "wsgi.py", 5) in {(f.code, f.path, f.line) for f in outcome.findings}
    asked = PUBLIC_REQUESTS + [(r[0], f"/admin{r[1]}", *r[2:]) for r in ADMIN_REQUESTS]
    models = importlib.import_module(f"{sides.legacy}.models")
    public = importlib.import_module(f"{sides.legacy}.public").app
    legacy = importlib.import_module(f"{sides.legacy}.wsgi").application
    with public.app_context():
        models.fresh()
    expected = [answer(Client(legacy), request) for request in asked]
    assert any(b"/admin/customers" in str(found).encode() for found in expected)
    with public.app_context():
        models.fresh()
    with sides.converted("asgi_admin") as admin, sides.converted() as first:
        routes = [Mount("/admin", app=admin.app), Mount("/", app=first.app)]
        client = Client(as_wsgi(Starlette(routes=routes), run_blocking))
        assert [answer(client, request) for request in asked] == expected


def answer(client: Client, request: Request) -> tuple[int, str]:
    options: Any = request[2] if len(request) > 2 else {}
    found = client.open(request[1], method=request[0], **options)
    return found.status_code, found.text


def written(folder: Path, files: dict[str, str]) -> Path:
    package = folder / "shop"
    for path, text in {"__init__.py": "", **files}.items():
        place = package / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return package


APP = "from flask import Flask\n\napp = Flask(__name__)\n\n@app.route('/{0}')\ndef {0}():\n    return ''\n"


def test_an_application_without_routes_is_none_of_them(tmp_path: Path) -> None:
    worker = "from flask import Flask\n\nflask_app = Flask('worker')\n"
    package = written(tmp_path, {"app.py": APP.format("a"), "worker.py": worker})
    conversion = convert(package, package="new")
    assert not [n for n in outcome_of(conversion).notes if n.code == "MIG426"]
    assert [path for path in conversion.texts if path.startswith("asgi")] == ["asgi.py"]


def test_the_same_application_by_another_name_is_none_of_them(tmp_path: Path) -> None:
    factory = "from flask import Flask\n\ndef create_app():\n    app = Flask(__name__)\n    app.add_url_rule('/', 'a', lambda: '')\n    return app\n"
    wsgi = "from shop.factory import create_app\n\napplication = create_app()\n"
    package = written(tmp_path, {"factory.py": factory, "wsgi.py": wsgi})
    conversion = convert(package, application="wsgi:application", package="new")
    assert conversion.surface is not None
    assert not conversion.surface.others


def test_modules_that_serve_them_have_names_of_their_own(tmp_path: Path) -> None:
    files = {
        "a/__init__.py": "",
        "a/app.py": APP.format("a"),
        "b/__init__.py": "",
        "b/app.py": APP.format("b"),
        "b/main.py": APP.format("c"),
        "c/__init__.py": "",
        "c/app.py": APP.format("d"),
        "asgi_c.py": "",
    }
    package = written(tmp_path, files)
    conversion = convert(package, application="a.app:app", package="new")
    assert {path for path in conversion.texts if path.startswith("asgi")} == {
        "asgi.py", "asgi_b.py", "asgi_shop_b_main_app.py", "asgi_shop_c_app_app.py", "asgi_c.py",
    }  # fmt: skip
    assert "from new.c.app import app as converted" in conversion.texts["asgi_shop_c_app_app.py"]
    assert "uvicorn new.asgi_b:app" in conversion.texts["asgi_b.py"]
