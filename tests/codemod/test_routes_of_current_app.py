"""Modules that the factory imports within its context put their routes on `current_app`: executed, in both frames."""

from __future__ import annotations

from tests.codemod.alike import FILES, HEAD, Alike

FACTORY = FILES["__init__.py"].replace(
    "            return app\n",
    """\
            with app.app_context():
                from PKG import counts
                counts.register()
            return app
""",
)
COUNTS = """
from flask import current_app as app, g, jsonify, render_template_string
from PKG.models import Customer, Order

@app.before_request
def count():
    g.count = Order.query.count()

@app.route("/count")
def counted():
    return jsonify(g.count, app.config["SECRET_KEY"])

@app.route("/owner/<int:key>", methods=["GET", "POST"])
def owner(key):
    return jsonify(Order.query.get(key).customer.name)

@app.errorhandler(404)
def missing(error):
    return jsonify(Customer.query.count())

@app.template_filter("owner")
def owner_of(order):
    return order.customer.name

def register():
    @app.get("/deep")
    def deep():
        return render_template_string("{{ order | owner }}", order=Order.query.first())

    if app.config["SECRET_KEY"]:
        app.add_url_rule("/rule", view_func=by_a_rule)

def by_a_rule():
    return jsonify(Order.query.count())
"""
OWN = (
    FILES["__init__.py"]
    .replace(
        "        def create_app():\n            app = Flask(",
        """\
        class Shop(Flask):
            def get(self, number):
                return models.Order.query.filter_by(number=number).first().customer.name

        def create_app():
            app = Shop(""",
    )
    .replace("from PKG import views", "from PKG import models, views")
)
ASKING = """
@bp.get("/own")
def own():
    app = current_app._get_current_object()
    return jsonify(current_app.get("N1"), app.get("N2"))
"""


def test_its_routes_and_hooks_are_the_applications(alike: Alike) -> None:
    paths = ["/count", "/owner/1", "/owner/2", "/deep", "/rule"]
    pair = alike(HEAD, paths, **{"__init__.py": FACTORY, "counts.py": COUNTS})

    surface = pair.conversion.surface
    assert surface is not None
    assert {"counted", "owner", "deep", "by_a_rule"} <= {e.endpoint for e in surface.endpoints}
    text = pair.conversion.texts["counts.py"]
    assert "call" not in text, text
    names = ("count", "owner", "missing", "deep", "by_a_rule")
    assert all(f"async def {name}(" in text for name in names), text


def test_a_method_of_its_own_class_is_no_method_of_flasks(alike: Alike) -> None:
    alike(HEAD + ASKING, ["/own"], **{"__init__.py": OWN})
