"""A library's function that takes a query by another name of its type is awaited, and runs it."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from migrator.codemod.convert import convert

FILES = {
    "__init__.py": "",
    "models.py": """
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
""",
    "queries.py": """
from typing import TypeVar

from sqlalchemy.orm import Query

from .models import Order

OrderQuery = "Query[Order]"
Again = OrderQuery
Some = TypeVar("Some", bound=Query)
Json = "dict[str, Json]"
One = "Other"
Other = "One"


def late(query: Query):
    return [order.id for order in query.filter(Order.id > 1).order_by(Order.id)]


def by_name(query: OrderQuery):
    return [order.id for order in query.filter(Order.id > 1).order_by(Order.id)]


def by_its_name(query: Again):
    return query.filter(Order.id > 1).count()


def bound(query: Some):
    return query.filter(Order.id == 2).one().id


def quoted(query: "Some"):
    return query.count()


def others(data: Json, more: One):
    return [data, more]
""",
}


def written(folder: Path, texts: Mapping[str, str]) -> Path:
    """The package, in its folder."""
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


NAMES = ("late", "by_name", "by_its_name", "bound", "quoted")


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    legacy = written(tmp_path / "named_types", FILES)
    written(tmp_path / "named_types_since", {**FILES, **convert(legacy).texts})
    monkeypatch.syspath_prepend(str(tmp_path))
    before, after = (importlib.import_module(f"named_types{end}.queries") for end in ("", "_since"))
    url = f"sqlite:///{tmp_path / 'orders.db'}"
    engine = create_engine(url)
    before.Order.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([before.Order(id=n) for n in (1, 2, 3)])
        session.commit()
        expected = getattr(before, name)(session.query(before.Order))

    async def given() -> object:
        made = create_async_engine(url.replace("sqlite", "sqlite+aiosqlite"))
        async with AsyncSession(made) as session:
            found = await getattr(after, name)(session.sync_session.query(after.Order))
        await made.dispose()
        return found

    assert asyncio.run(given()) == expected
    assert after.others(1, 2) == [1, 2]
    engine.dispose()
    for module in [m for m in sys.modules if m.startswith("named_types")]:
        del sys.modules[module]
