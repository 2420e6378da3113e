"""Models of another database: declared without a word, refused where they are used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from migrator.runtime.db import Unsupported, bridge

BINDS = {"archive": "sqlite:///archive.db"}


@pytest.fixture
def shop(make_shop: Callable[..., Any]) -> Any:
    made = make_shop("sqlite://", SQLALCHEMY_BINDS=BINDS)
    column = made.db.Column(made.db.Integer, primary_key=True)
    made.Old = type(
        "Old",
        (made.db.Model,),
        {"__tablename__": "customer", "__bind_key__": "archive", "id": column},
    )
    # The same table's name in both: a query that went astray would find something.
    assert made.Old.__table__.name == made.models.Customer.__table__.name
    return made


def uses(shop: Any) -> dict[str, Callable[[], Awaitable[Any]]]:
    session, old = shop.db.session, shop.Old
    table = old.__table__
    main = shop.models.Customer

    async def flush() -> None:
        session.add(old(id=1))
        await session.flush()

    return {
        "select": lambda: session.execute(sa.select(old)),
        "select a column": lambda: session.scalars(sa.select(old.id)),
        "select of a table": lambda: session.execute(sa.select(table)),
        "subquery": lambda: session.execute(
            sa.select(main).where(main.id.in_(sa.select(table.c.id)))
        ),
        "get": lambda: session.get(old, 1),
        "insert": lambda: session.execute(sa.insert(old).values(id=1)),
        "update": lambda: session.execute(sa.update(table).values(id=1)),
        "delete": lambda: session.execute(sa.delete(old)),
        "flush": flush,
        "legacy query": lambda: bridge(lambda: old.query.all()),
        "engine": lambda: bridge(lambda: shop.db.get_engine("archive")),
        "create_all": lambda: bridge(shop.db.create_all, "archive"),
    }


@pytest.mark.parametrize(
    "use",
    [
        "select", "select a column", "select of a table", "subquery", "get", "insert", "update",
        "delete", "flush", "legacy query", "engine", "create_all",
    ],
)  # fmt: skip
def test_each_use_is_refused(use: str, shop: Any) -> None:
    async def test() -> None:
        with pytest.raises(Unsupported, match="another database"):
            await uses(shop)[use]()

    shop.run(test)


def test_the_main_database_goes_on(shop: Any) -> None:
    async def test() -> int:
        found = await shop.db.session.scalars(sa.select(shop.models.Customer))
        assert found.all() == []
        return int(
            await shop.db.session.scalar(
                sa.select(sa.func.count()).select_from(shop.models.Customer)
            )
        )

    assert shop.run(test) == 0
