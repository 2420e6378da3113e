"""Models of every make: the converted ones describe the same database, and their lazy loads work."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import itertools
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from migrator.schema.compare import compare
from migrator.schema.load import Models

Load = Callable[[dict[str, str]], tuple[ModuleType, ModuleType]]
_number = itertools.count()

BASES = {
    "declarative_base": "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\n",
    "its old place": "from sqlalchemy.ext.declarative import declarative_base\nBase = declarative_base()\n",
    "with a class": "from sqlalchemy.orm import declarative_base\nclass Mixin:\n    pass\nBase = declarative_base(cls=Mixin)\n",
    "with classes": "from sqlalchemy.orm import declarative_base\nclass Mixin:\n    pass\nBase = declarative_base(cls=(Mixin,))\n",
    "with a class that is asynchronous": "from sqlalchemy.ext.asyncio import AsyncAttrs\nfrom sqlalchemy.orm import declarative_base\nclass Mixin(AsyncAttrs):\n    pass\nBase = declarative_base(cls=Mixin)\n",
    "with object": "from sqlalchemy.orm import declarative_base\nBase = declarative_base(cls=object)\n",
    "with arguments": "import sqlalchemy as sa\nfrom sqlalchemy.orm import declarative_base\nBase = declarative_base(metadata=sa.MetaData(), name='B')\n",
    "with a metaclass": "from sqlalchemy.orm import declarative_base, DeclarativeMeta\nclass Meta(DeclarativeMeta):\n    pass\nBase = declarative_base(metaclass=Meta)\n",
    "of a module": "import sqlalchemy.orm as so\nBase = so.declarative_base()\n",
    "DeclarativeBase": "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase):\n    pass\n",
    "DeclarativeBase with a mixin": "from sqlalchemy.orm import DeclarativeBase\nclass Mixin:\n    pass\nclass Base(Mixin, DeclarativeBase):\n    pass\n",
    "DeclarativeBase of a module": "import sqlalchemy.orm as so\nclass Base(so.DeclarativeBase):\n    pass\n",
    "without a metaclass": "from sqlalchemy.orm import DeclarativeBaseNoMeta\nclass Base(DeclarativeBaseNoMeta):\n    pass\n",
    "async already": "from sqlalchemy.orm import DeclarativeBase\nfrom sqlalchemy.ext.asyncio import AsyncAttrs\nclass Base(AsyncAttrs, DeclarativeBase):\n    pass\n",
    "registry": "from sqlalchemy.orm import registry\nreg = registry()\nBase = reg.generate_base()\n",
    "as_declarative": "from sqlalchemy.orm import as_declarative\n@as_declarative()\nclass Base:\n    pass\n",
    "as_declarative_base": "from sqlalchemy.orm import registry\nreg = registry()\n@reg.as_declarative_base()\nclass Base(object):\n    pass\n",
    "DeclarativeMeta by hand": "from sqlalchemy.orm import DeclarativeMeta, registry\nreg = registry()\nclass Base(metaclass=DeclarativeMeta):\n    __abstract__ = True\n    registry = reg\n    metadata = reg.metadata\n    __init__ = reg.constructor\n",
}  # fmt: skip
TABLES = """
import sqlalchemy as sa
from sqlalchemy.orm import backref, relationship


class Order(Base):
    __tablename__ = "orders"
    id = sa.Column(sa.Integer, primary_key=True)
    lines = relationship("Line", backref=backref("order", lazy="joined"))


class Line(Base):
    __tablename__ = "lines"
    id = sa.Column(sa.Integer, primary_key=True)
    order_id = sa.Column(sa.ForeignKey("orders.id"))
"""
QUERIES = """
def line_ids(session, order_id):
    order = session.query(Order).get(order_id)
    return [line.id for line in order.lines]
"""


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Writes a package, converts it, and imports both."""

    def made(texts: dict[str, str]) -> tuple[ModuleType, ModuleType]:
        name = f"models_{next(_number)}"
        monkeypatch.syspath_prepend(str(tmp_path))
        for path, text in {"__init__.py": "", **texts}.items():
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / path).write_text(text.replace("PACKAGE", name))
        conversion = convert(tmp_path / name, package=f"{name}_async")
        totals = outcome_of(conversion).totals
        assert totals.left == 0
        (tmp_path / f"{name}_async").mkdir()
        for path, text in conversion.texts.items():
            (tmp_path / f"{name}_async" / path).write_text(text)
        importlib.invalidate_caches()
        sides = [importlib.import_module(f"{n}.models") for n in (name, f"{name}_async")]
        return sides[0], sides[1]

    return made


def differences(one: sa.MetaData, other: sa.MetaData, folder: Path) -> list[Any]:
    urls = f"sqlite:///{folder / 'one.db'}", f"sqlite:///{folder / 'other.db'}"
    sides = Models("one", {None: one}), Models("other", {None: other})
    return list(compare(sides[0], sides[1], None, (*urls, "SQLite")))


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.MovedIn20Warning")
@pytest.mark.parametrize("base", BASES)
def test_lazy_loads_work_on_every_base(base: str, load: Load, tmp_path: Path) -> None:
    legacy, target = load({"models.py": BASES[base] + TABLES + QUERIES})
    assert differences(legacy.Base.metadata, target.Base.metadata, tmp_path) == []

    async def ask() -> list[int]:
        engine = create_async_engine("sqlite+aiosqlite://")
        async with engine.begin() as connection:
            await connection.run_sync(target.Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add(target.Order(id=1))
            await session.flush()
            session.add(target.Line(id=5, order_id=1))
            await session.commit()
        async with AsyncSession(engine) as session:
            assert inspect.iscoroutinefunction(target.line_ids)
            found: list[int] = await target.line_ids(session, 1)
        await engine.dispose()
        return found

    assert asyncio.run(ask()) == [5]


FLASK = """
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import TypeDecorator

db = SQLAlchemy()
fired = []


class Lower(TypeDecorator):
    impl = db.String(80)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value.lower() if value is not None else None


class Stamped:
    created = db.Column(db.DateTime, server_default=db.func.now(), nullable=False)

    @declared_attr
    def owner_id(cls):
        return db.Column(db.ForeignKey("user.id"), index=True)


tags = db.Table(
    "tags",
    db.Column("post_id", db.ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
    db.Column("tag_id", db.ForeignKey("tag.id"), primary_key=True),
)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(Lower, unique=True, nullable=False)
    kind = db.Column(db.Enum("admin", "guest", name="user_kind"), default="guest")
    posts = db.relationship("Post", backref=db.backref("owner", lazy="joined"), lazy="dynamic")
    __table_args__ = (db.CheckConstraint("email <> ''", name="ck_email"),)
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "guest"}


class Tag(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    word = db.Column(db.String(20))


class Post(Stamped, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column("the_title", db.Unicode(200), nullable=False)
    body = db.deferred(db.Column(db.Text))
    price = db.Column(db.Numeric(10, 2), server_default="0")
    tags = db.relationship("Tag", secondary=tags)
    words = association_proxy("tags", "word")

    @hybrid_property
    def loud(self):
        return self.title.upper()

    @db.validates("title")
    def not_empty(self, key, value):
        if not value:
            raise ValueError(key)
        return value


class Employee(User):
    id = db.Column(db.ForeignKey("user.id"), primary_key=True)
    salary = db.Column(db.Integer)
    __mapper_args__ = {"polymorphic_identity": "admin"}


@db.event.listens_for(Post, "before_insert")
def note(mapper, connection, target):
    fired.append(target.title)


def latest(email):
    user = User.query.filter_by(email=email).first_or_404()
    return [(post.loud, sorted(post.words)) for post in user.posts.order_by(Post.id)]
"""
APP = """
from flask import Flask

from PACKAGE.models import db, latest


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)

    @app.route("/<email>")
    def posts(email):
        return {"posts": latest(email)}

    return app
"""


def test_flask_sqlalchemy_models(load: Load, tmp_path: Path) -> None:
    legacy, target = load({"models.py": FLASK, "app.py": APP})
    assert differences(legacy.db.metadata, target.db.metadata, tmp_path) == []
    app = importlib.import_module(f"{target.__name__.rpartition('.')[0]}.app").create_app()
    db = target.db

    async def ask() -> Any:
        from migrator.runtime.db import bridge

        await bridge(db.create_all)
        async with db.scope(app):
            post = target.Post(title="hello", tags=[target.Tag(word="b"), target.Tag(word="a")])
            db.session.add(target.Employee(email="A@B", salary=3, posts=[post]))
            await db.session.commit()
        async with db.scope(app):
            found = target.latest("a@b")
            found = await found if inspect.isawaitable(found) else found
        await db.dispose()
        return found

    with pytest.raises(ValueError, match="title"):
        target.Post(title="")
    assert asyncio.run(ask()) == [("HELLO", ["a", "b"])]
    assert target.fired == ["hello"]
