"""A package whose source lies beside the application's is read; an installed one is not, and the report says what helps."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, all_native

_FILES = {
    "kit/__init__.py": """
        from flask_sqlalchemy.query import Query
        from sqlalchemy import desc

        class KitQuery(Query):
            def newest(self):
                return self.order_by(desc("id"))

        class Named:
            @classmethod
            def named(cls, name):
                return cls.query.filter_by(name=name).one_or_none()
    """,
    "shop/__init__.py": """
        import os
        from flask import Flask
        from shop.models import db
        from shop.views import bp

        def create_app():
            app = Flask(__name__)
            place = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "beside.db")
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + place
            db.init_app(app)
            app.register_blueprint(bp)
            return app
    """,
    "shop/models.py": """
        from flask_sqlalchemy import SQLAlchemy
        from kit import KitQuery, Named

        db = SQLAlchemy(query_class=KitQuery)

        class Item(Named, db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(20))

        def fresh():
            db.drop_all()
            db.create_all()
            db.session.add_all([Item(name="ann"), Item(name="bob")])
            db.session.commit()
            db.engine.dispose()
    """,
    "shop/views.py": """
        from flask import Blueprint, jsonify
        from shop.models import Item

        bp = Blueprint("items", __name__)

        @bp.get("/items")
        def items():
            found = Item.query.filter(Item.id > 0).order_by(Item.id).all()
            return jsonify([i.name for i in found], Item.named("ann").id, Item.query.newest().first().name)
    """,
}


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    for name in [n for n in sys.modules if n.partition(".")[0] in ("kit", "shop")]:
        del sys.modules[name]


@pytest.mark.parametrize("frame", FRAMES)
def test_its_source_beside_the_application_makes_it_native(
    make_sides: Make, frame: FrameChoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = make_sides(f"beside_{frame}", _FILES, frame)
    all_native(sides)
    folder = sides.root / sides.legacy
    monkeypatch.syspath_prepend(folder)
    legacy = importlib.import_module("shop").create_app()
    fresh = importlib.import_module("shop.models").fresh
    for before, after in sides.both(legacy, [("GET", "/items")], fresh):
        assert before[2:4] == (200, b'[["ann","bob"],1,"bob"]\n')
        assert after == before
    alone = outcome_of(convert(folder / "shop", package="shop_alone", frame=frame))
    assert alone.totals.native == 0
    hints = {b.hint for b in alone.bridged if b.code == "MIG321"}
    assert any("lay the source of kit beside the application's" in hint for hint in hints)
