"""The endpoints read from source are those of the application's own URL map."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from migrator.surface import Surface

FACTORY = {
    "shop_factory/__init__.py": """
        from flask import Flask
        from shop_factory.extensions import db
        from shop_factory.views import BLUEPRINTS, public

        def create_app(config=None):
            app = Flask(__name__)
            register(app)
            for bp, prefix in BLUEPRINTS:
                app.register_blueprint(bp, url_prefix=prefix)
            app.register_blueprint(public)
            return app

        def register(app):
            @app.route("/health")
            def health():
                return "ok"

            app.add_url_rule("/ping", view_func=health, endpoint="ping", methods=("GET", "POST"))
    """,
    "shop_factory/extensions.py": "db = object()\n",
    "shop_factory/views.py": """
        from functools import wraps
        from flask import Blueprint

        ROOT = "/orders"
        orders = Blueprint("orders", __name__)
        lines = Blueprint("lines", __name__, url_prefix="/<int:order_id>/lines")
        orders.register_blueprint(lines)
        public = Blueprint("public", __name__, static_folder="assets", static_url_path="/files")
        BLUEPRINTS = [(orders, "/api/orders")]

        def guarded(f):
            @wraps(f)
            def wrapper(*args, **kwargs):
                return f(*args, **kwargs)
            return wrapper

        @orders.route("/")
        @guarded
        def index():
            return "index"

        @orders.get("/<int:order_id>")
        @orders.route("/by-id/<order_id>", methods=["get", "PUT"], endpoint="by_id")
        def show(order_id):
            return "show"

        @lines.post("")
        def add(order_id):
            return "add"

        for name in ("open", "closed"):
            orders.add_url_rule(f"/{name}", name, index)

        @public.route("/<path:page>", strict_slashes=False)
        def page(page):
            return page
    """,
}
MODULE_LEVEL = {
    "shop_module.py": """
        from flask import Flask
        from flask.views import MethodView

        app = Flask(__name__, static_folder=None)

        class Things(MethodView):
            def get(self): return ""
            def post(self): return ""

        app.add_url_rule("/things", view_func=Things.as_view("things"))

        @app.delete("/things/<uuid:thing>")
        def remove(thing):
            return ""

        import shop_more
    """,
    "shop_more.py": """
        from shop_module import app

        def unwrapped(f):
            def inner(*args):
                return f(*args)
            return inner

        @app.route("/late")
        @unwrapped
        def late():
            return "late"

        if app.debug:
            pass
    """,
}
SUBCLASS = {
    "shop_subclass.py": """
        from flask import Blueprint, Flask

        class Api(Blueprint):
            def __init__(self, name):
                super().__init__(name, __name__, url_prefix="/" + name)
                self.add_url_rule("/version", "version", lambda: "1")

        class Shop(Flask):
            def __init__(self):
                super().__init__(__name__)
                self.setup()

            def setup(self):
                self.register_blueprint(Api("api"), url_prefix=None)
                self.register_blueprint(Api("v2"), name="second")

        def make_shop():
            app = Shop()
            return app
    """,
}
RESTX = {
    "shop_restx/__init__.py": """
        from flask import Blueprint, Flask
        from flask_restx import Api, Resource
        from shop_restx.orders import orders
        from shop_restx.stock import levels, stock

        bp = Blueprint("v1", __name__, url_prefix="/v1")
        api = Api(bp, prefix="/api", doc="/docs")
        api.add_namespace(orders)
        api.add_namespace(stock, path="/warehouse")
        admin = api.namespace("admin", description="for us")

        @api.route("/status", "/health")
        class ServiceStatus(Resource):
            def get(self): return "ok"

        @admin.route("/")
        class HTTPUsers(Resource):
            def get(self): return []
            def post(self): return {}

        other = Api(doc=False)

        def create_app():
            app = Flask(__name__)
            app.register_blueprint(bp)
            other.add_resource(ServiceStatus, "/up", endpoint="up")
            other.add_namespace(levels, "/levels")
            other.init_app(app)
            return app
    """,
    "shop_restx/orders.py": """
        from flask_restx import Namespace, Resource

        orders = Namespace("orders", description="Orders")

        @orders.route("")
        @orders.response(404, "none")
        class OrderList(Resource):
            @orders.doc("list")
            def get(self): return []

        @orders.route("/<int:order_id>", methods=["GET", "DELETE"])
        class Order(Resource):
            def get(self, order_id): return {}
            def delete(self, order_id): return {}
    """,
    "shop_restx/stock.py": """
        from flask_restx import Namespace, Resource

        stock = Namespace("stock", path="/never")
        levels = Namespace("levels")

        class Level(Resource):
            def get(self): return 1

        stock.add_resource(Level, "/level", "/levels")
        levels.add_resource(Level, "/now")
    """,
}

STARS = {
    "shop_stars/__init__.py": """
        from flask import Flask
        from shop_stars.base import bp

        def create_app():
            app = Flask(__name__)
            from shop_stars import later
            app.register_blueprint(bp)
            app.register_blueprint(later.later, url_prefix="/later")
            return app

        from shop_stars.named import *
        from shop_stars.found import *
    """,
    "shop_stars/base.py": """
        from flask import Blueprint

        bp = Blueprint("shop", __name__)
    """,
    "shop_stars/named/__init__.py": """
        from shop_stars.base import bp

        __all__ = ["orders", "ping"]

        @bp.route("/ping")
        def ping(): return ""
    """,
    "shop_stars/named/orders.py": """
        from shop_stars.base import bp

        @bp.route("/orders")
        def orders(): return ""
    """,
    "shop_stars/named/unnamed.py": """
        from shop_stars.base import bp

        @bp.route("/never")
        def never(): return ""
    """,
    "shop_stars/found/__init__.py": """
        import glob
        from os.path import basename, dirname, join

        __all__ = [basename(f)[:-3] for f in glob.glob(join(dirname(__file__), "*.py"))]
    """,
    "shop_stars/found/items.py": """
        from shop_stars.base import bp

        @bp.route("/items")
        def items(): return ""
    """,
    "shop_stars/later/__init__.py": """
        from flask import Blueprint

        later = Blueprint("later", __name__)

        from shop_stars.later.views import *
    """,
    "shop_stars/later/views/__init__.py": """
        __all__ = ("users",)
        __all__ += ("teams",)
    """,
    "shop_stars/later/views/users.py": """
        from shop_stars.later import later

        @later.route("/users")
        def users(): return ""
    """,
    "shop_stars/later/views/teams.py": """
        from shop_stars.later import later

        @later.route("/teams")
        def teams(): return ""
    """,
}


def true_endpoints(app: Flask) -> set[tuple[str, str, tuple[str, ...]]]:
    """Endpoint, rule and declared methods of each rule of a running application."""
    rules = set()
    for rule in app.url_map.iter_rules():
        methods = set(rule.methods or ())
        methods -= {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        rules.add((rule.endpoint, rule.rule, tuple(sorted(methods))))
    return rules


def read_endpoints(surface: Surface) -> set[tuple[str, str, tuple[str, ...]]]:
    """The same, as read."""
    return {(e.endpoint, e.rule, e.methods) for e in surface.endpoints}


@pytest.mark.parametrize(
    ("files", "module", "attribute"),
    [
        (FACTORY, "shop_factory", "create_app"),
        (MODULE_LEVEL, "shop_module", "app"),
        (SUBCLASS, "shop_subclass", "make_shop"),
        (RESTX, "shop_restx", "create_app"),
        (STARS, "shop_stars", "create_app"),
    ],
    ids=["factory", "module level", "subclasses", "resources", "stars"],
)
def test_endpoints_agree_with_the_url_map(
    files: dict[str, str],
    module: str,
    attribute: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    read: Callable[..., Surface],
) -> None:
    surface = read(files)
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        found = getattr(importlib.import_module(module), attribute)
        app = found if isinstance(found, Flask) else found()
        assert read_endpoints(surface) == true_endpoints(app)
        assert surface.site.attribute == attribute
    finally:
        for name in [m for m in sys.modules if m.startswith("shop_")]:
            del sys.modules[name]
