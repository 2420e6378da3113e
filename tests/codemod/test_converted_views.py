"""A view that a conversion made stays on its route in a second one, whatever that thinks of its text."""

from __future__ import annotations

from pathlib import Path

from migrator.codemod.convert import convert
from tests.codemod import small_package

APPLICATION = """\
from flask import Flask

from shop.models import db
from shop.views import bp


class Shop(Flask):
    pass


def create_app(application: Shop):
    db.init_app(application)
    application.register_blueprint(bp)
    return application
"""
VIEWS = (
    small_package.HEAD
    + """\
@bp.route("/mapped")
def mapped():
    return jsonify(len(Order.__mapper__.class_.query.filter_by(total=1).all()))
"""
)


def test_a_second_conversion_changes_no_view(tmp_path: Path) -> None:
    files = {**small_package.FILES, "__init__.py": APPLICATION, "views.py": VIEWS}
    first = convert(small_package.write(tmp_path, files), package="shop_async", frame="flask").texts
    assert "await bridge(lambda: Order.__mapper__.class_.query" in first["views.py"]
    root = small_package.write(tmp_path / "again", first).rename(tmp_path / "again" / "shop_async")
    again = convert(root, package="shop_async")
    assert again.surface is not None
    assert "shop_async.views:mapped" in [e.function for e in again.surface.endpoints]
    assert {p: t for p, t in again.texts.items() if p != "asgi.py"} == {
        p: t for p, t in first.items() if p != "asgi.py"
    }
