"""URL converters that ask the database: matched by the mount as by Flask, in both frames."""

from __future__ import annotations

import textwrap

from tests.codemod.alike import FILES, HEAD, Alike

CONVERTER = """
from werkzeug.routing import BaseConverter, ValidationError
from PKG.models import Customer

class Known(BaseConverter):
    def to_python(self, value):
        found = Customer.query.filter_by(name=value).first()
        if found is None:
            raise ValidationError
        return found

    def to_url(self, value):
        return value.name
"""
VIEWS = """
@bp.route("/of/<known:customer>")
def of_customer(customer):
    return jsonify(customer.total(), Order.query.count(), url_for("b.of_customer", customer=customer))
@bp.route("/of/<string:name>/<int:n>")
def of_name(name, n):
    return jsonify(name, n, Order.query.count())
@bp.route("/of/<string:name>")
def of_anybody(name):
    return jsonify("anybody", name, Order.query.count())
@bp.app_errorhandler(404)
def missing(error):
    return jsonify("nobody", Order.query.count())
@bp.route("/plain")
def plain():
    return jsonify(Order.query.count())
"""


def test_it_answers_by_the_row_or_is_not_found(alike: Alike) -> None:
    root = textwrap.dedent(FILES["__init__.py"])
    root = root.replace(
        "from PKG import views", "from PKG import views\nfrom PKG.known import Known"
    )
    root = root.replace(
        "    db.init_app", '    app.url_map.converters["known"] = Known\n    db.init_app'
    )
    alike(
        HEAD.replace("abort,", "abort, url_for,") + VIEWS,
        [
            "/plain",
            "/of/ann",
            "/of/carl",
            "/of/ann/3",
            ("HEAD", "/of/ann"),
            ("OPTIONS", "/of/bob"),
            "/of/bob",
        ],
        **{"__init__.py": root, "known": CONVERTER},
    )
