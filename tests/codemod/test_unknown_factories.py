"""A package without an application that is given factories of sessions of which nothing is known."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from migrator.codemod.convert import convert
from tests.codemod import small_package

PACKAGE = {
    "__init__.py": "",
    "models.py": """
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    name = Column(String)
""",
    "queries.py": """
from .models import Item


def add(factory, name):
    with factory() as session:
        session.add(Item(name=name))
        session.commit()
        return session.query(Item).count()


class Names:
    def __init__(self, **given):
        self.__dict__.update(given)

    def first(self):
        with self.factory() as session:
            return session.query(Item).order_by(Item.id).first().name

    def last(self):
        with self.holder.session as session:
            return session.query(Item).order_by(Item.id.desc()).first().name
""",
}


def test_their_sessions_are_sync_ones_in_the_bridge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = small_package.write(tmp_path / "legacy", PACKAGE)
    conversion = convert(root)
    assert {site.status for site in conversion.plan.sites} == {"bridged"}
    for given in ("self.factory()", "self.holder.session"):
        assert f"with sync_side({given}) as session:" in conversion.texts["queries.py"]
    made = small_package.write(tmp_path / "made", conversion.texts)
    made.rename(made.parent / "unknown_factories")
    monkeypatch.syspath_prepend(made.parent)
    models = importlib.import_module("unknown_factories.models")
    queries = importlib.import_module("unknown_factories.queries")

    async def run() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/items.db")
        async with engine.begin() as connection:
            await connection.run_sync(models.Base.metadata.create_all)
        factory = async_sessionmaker(engine)
        assert [await queries.add(factory, name) for name in ("a", "b")] == [1, 2]
        assert await queries.Names(factory=factory).first() == "a"
        holder = SimpleNamespace(session=factory())
        assert await queries.Names(holder=holder).last() == "b"
        await engine.dispose()

    asyncio.run(run())
