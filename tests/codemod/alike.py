"""A small shop with the views of a test: legacy and converted answer alike, over a real database."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request, Sides

#: Converts and asks: the views (with `bp`, and `setup(app)` where there is one), the paths.
Alike: TypeAlias = Callable[..., Sides]

#: The beginning of a module of views.
HEAD = """
from functools import wraps
from flask import Blueprint, jsonify, request, abort, g, render_template_string, current_app
from PKG.models import Customer, Order, db
bp = Blueprint("b", __name__)
"""

FILES = {
    "__init__.py": """
        import os
        from flask import Flask
        from PKG import views
        from PKG.models import db

        def create_app():
            app = Flask(__name__, instance_relative_config=True)
            app.config["SECRET_KEY"] = "alike"
            app.config["WTF_CSRF_ENABLED"] = False
            os.makedirs(app.instance_path, exist_ok=True)
            path = os.path.join(app.instance_path, "shop.db")
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + path
            db.init_app(app)
            app.register_blueprint(views.bp)
            return app
    """,
    "models.py": """
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Customer(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(50))
            orders = db.relationship("Order", backref="customer", order_by="Order.id")

            def total(self):
                return sum(o.amount for o in self.orders)

            @property
            def last(self):
                mine = Order.query.filter_by(customer_id=self.id)
                return mine.order_by(Order.id.desc()).first()

        class Order(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            number = db.Column(db.String(20))
            amount = db.Column(db.Integer)
            customer_id = db.Column(db.ForeignKey("customer.id"))

        def seed():
            ann, bob = Customer(name="ann"), Customer(name="bob")
            db.session.add_all([ann, bob])
            for n in range(5):
                owner = ann if n % 2 else bob
                db.session.add(Order(number=f"N{n}", amount=50 - 10 * n, customer=owner))
            db.session.commit()
    """,
}
_SETUP = "app.register_blueprint(views.bp)"


def _filled(text: str) -> str:
    """As Sides takes it: braces doubled, the package by its place."""
    text = textwrap.dedent(text)
    return text.replace("{", "{{").replace("}", "}}").replace("PKG", "{name}")


@pytest.fixture(params=FRAMES)
def alike(request: pytest.FixtureRequest, make_sides: Make) -> Iterator[Alike]:
    """`alike(views, paths, **files)`: both sides answer 2xx and the same, in each frame.

    `extensions` are modules of other distributions that both sides use.
    """
    frame: FrameChoice = request.param
    others: dict[str, str] = {}

    def check(
        views: str,
        paths: list[str | Request],
        extensions: Mapping[str, str] | None = None,
        **files: str,
    ) -> Sides:
        texts = {**FILES, "views.py": views}
        texts |= {f"{name.replace('__', '/')}.py": text for name, text in files.items()}
        if "def setup(app)" in views:
            texts["__init__.py"] = FILES["__init__.py"].replace(
                _SETUP, f"{_SETUP}\n            views.setup(app)"
            )
        pair = make_sides("alike", {p: _filled(t) for p, t in texts.items()}, frame)
        others.update(extensions or {})
        for name, text in others.items():
            (pair.root / f"{name}.py").write_text(text, encoding="utf-8")
        requests = [("GET", path) if isinstance(path, str) else path for path in paths]
        legacy = importlib.import_module(pair.legacy).create_app()
        models = importlib.import_module(f"{pair.legacy}.models")

        def fresh() -> None:
            models.db.drop_all()
            models.db.create_all()
            models.seed()

        for before, after in pair.both(legacy, requests, fresh):
            assert before[2] < 300, f"the legacy application fails: {before}"
            assert after == before, f"{pair.conversion.texts['views.py']}\n{before}\n{after}"
        return pair

    yield check
    for name in others:
        sys.modules.pop(name, None)
