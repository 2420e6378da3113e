"""A small shop with the views of a test: legacy and converted answer alike, over a real database."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, TypeVar

import pytest

from migrator.runtime.db import implicit
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Answer, Make, Request, Sides
from tests.listeners import without_the_sample_applications_listener

T = TypeVar("T")
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

        URL = ""

        def create_app():
            app = Flask(__name__, instance_relative_config=True)
            app.config["SECRET_KEY"] = "alike"
            app.config["WTF_CSRF_ENABLED"] = False
            os.makedirs(app.instance_path, exist_ok=True)
            path = os.path.join(app.instance_path, "shop.db")
            app.config["SQLALCHEMY_DATABASE_URI"] = URL or "sqlite:///" + path
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
#: What views say that may change the tables, or the rows that `seed` writes.
_ON_ROWS = ("Column(", "listen", "db.Table", "db.Model")
#: Customers log in: put after the imports of views, with `setup`.
LOGIN = """
login = LoginManager()

def setup(app):
    login.init_app(app)

@login.user_loader
def load(key):
    return db.session.get(Customer, int(key))
"""
_SETUP = "app.register_blueprint(views.bp)"


def models_with(methods: str, bases: str = "", imports: str = "") -> str:
    """The `models.py` whose customers have further methods and bases."""
    text = textwrap.dedent(FILES["models.py"])
    text = text.replace("class Customer(db.Model)", f"class Customer({bases}db.Model)")
    methods = textwrap.indent(textwrap.dedent(methods).strip("\n"), "    ")
    return imports + text.replace("class Order(db.Model):", f"{methods}\n\nclass Order(db.Model):")


def _filled(text: str) -> str:
    """As Sides takes it: braces doubled, the package by its place."""
    text = textwrap.dedent(text)
    return text.replace("{", "{{").replace("}", "}}").replace("PKG", "{name}")


def small_shop(
    make_sides: Make, frame: FrameChoice, views: str, url: str = "", **files: str
) -> Sides:
    """Both sides of the shop with these views; on a SQLite file without a `url`."""
    texts = {**FILES, "views.py": views}
    for name, text in files.items():
        texts[name if "." in name else f"{name.replace('__', '/')}.py"] = text
    texts["__init__.py"] = texts["__init__.py"].replace('URL = ""', f"URL = {url!r}")
    if "def setup(app)" in views:
        texts["__init__.py"] = texts["__init__.py"].replace(
            _SETUP, f"{_SETUP}\n            views.setup(app)"
        )
    return make_sides("alike", {p: _filled(t) for p, t in texts.items()}, frame)


@dataclass
class Known:
    """What is found once in a worker: it is the same in each frame."""

    #: The SQLite files that hold the rows of a `models.py`, by its text.
    seeded: dict[str, bytes] = field(default_factory=dict)
    #: What a legacy application answers, and the SQLite file that it begins with: by its files and the requests.
    answers: dict[object, tuple[list[Answer], bytes]] = field(default_factory=dict)


@pytest.fixture(scope="session")
def known() -> Known:
    return Known()


@pytest.fixture(params=FRAMES)
def alike(request: pytest.FixtureRequest, make_sides: Make, known: Known) -> Iterator[Alike]:
    """`alike(views, paths, **files)`: both sides answer 2xx and the same, in each frame.

    `extensions` are modules of other distributions that both sides use; `url` names a database, if
    it isn't to be a SQLite file.
    """
    frame: FrameChoice = request.param
    others: dict[str, str] = {}

    def check(
        views: str,
        paths: list[str | Request],
        extensions: Mapping[str, str] | None = None,
        url: str = "",
        **files: str,
    ) -> Sides:
        pair = small_shop(make_sides, frame, views, url, **files)
        others.update(extensions or {})
        for name, text in others.items():
            (pair.root / f"{name}.py").write_text(text, encoding="utf-8")
        requests = [("GET", path) if isinstance(path, str) else path for path in paths]
        key = (views, repr(requests), *sorted(files.items()))
        own = files.keys() - {"models"} or any(word in views for word in _ON_ROWS)
        # With modules of its own, an application may begin with more than the file, as with another database.
        alone = not (own or url or others)
        if alone and key in known.answers:
            answers = _as_known(pair, requests, *known.answers[key])
        else:
            rows, seeded = files.get("models", ""), {} if own else known.seeded
            answers = _both(pair, requests, url, seeded, rows)
            if alone:
                known.answers[key] = [before for before, _ in answers], seeded[rows]
        for before, after in answers:
            assert before[2] < 300, f"the legacy application fails: {before}"
            assert after == before, f"{pair.conversion.texts['views.py']}\n{before}\n{after}"
        return pair

    with without_the_sample_applications_listener():
        yield check
    for name in others:
        sys.modules.pop(name, None)


def _both(
    pair: Sides, requests: list[Request], url: str, seeded: dict[str, bytes], rows: str
) -> list[tuple[Answer, Answer]]:
    """Both sides' answers; the file with their rows is `seeded[rows]`, or is put there."""
    legacy = importlib.import_module(pair.legacy).create_app()
    models = importlib.import_module(f"{pair.legacy}.models")
    file = Path(legacy.instance_path) / "shop.db"

    def fresh() -> None:
        if url or rows not in seeded:
            models.db.drop_all()
            models.db.create_all()
            models.seed()
        models.db.engine.dispose()
        if not url and rows not in seeded:
            seeded[rows] = file.read_bytes()
        elif not url:
            file.write_bytes(seeded[rows])

    return pair.both(legacy, requests, fresh)


def _as_known(
    pair: Sides, requests: list[Request], expected: list[Answer], rows: bytes
) -> list[tuple[Answer, Answer]]:
    """What the legacy side has answered, beside what the other one answers now."""
    file = pair.root / "instance" / "shop.db"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(rows)
    with pair.converted() as asgi:
        return list(zip(expected, pair.answers(asgi.app, requests), strict=True))


@contextmanager
def without_the_net() -> Iterator[None]:
    """A request's safety net is away, as it is in tasks and scripts."""

    async def awaited(awaitable: Awaitable[T]) -> T:
        return await awaitable

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(implicit, "guarded", awaited)
        yield


@pytest.fixture
def uncaught() -> Iterator[None]:
    with without_the_net():
        yield
