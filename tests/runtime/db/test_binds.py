"""Several databases: the session asks the one of the bind key, in async code and in the bridge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import UnboundExecutionError
from sqlalchemy.orm import Session

from migrator.errors import DatabaseUrlError
from migrator.runtime.db import SQLAlchemy, bridge
from tests.runtime.db.conftest import FakeApp, define_models

MakeShop = Callable[..., Any]


@pytest.fixture
def shop(make_shop: MakeShop, database_url: str) -> Any:
    """A shop with a second database, which has a table of the same name."""
    binds = {"archive": {"url": "sqlite:///archive.db", "echo": False}}
    made = make_shop(database_url, SQLALCHEMY_BINDS=binds)
    column = made.db.Column(made.db.Integer, primary_key=True)
    made.Old = type(
        "Old",
        (made.db.Model,),
        {"__tablename__": "customer", "__bind_key__": "archive", "id": column},
    )
    return made


def test_each_statement_goes_to_the_database_of_its_class_or_table(shop: Any) -> None:
    old, customer, session = shop.Old, shop.models.Customer, shop.db.session

    async def test() -> None:
        session.add_all([old(id=1), customer(id=2, name="ann")])
        await session.flush()
        await session.execute(sa.insert(old.__table__).values(id=3))
        await session.commit()
        assert (await session.scalars(sa.select(old.id).order_by(old.id))).all() == [1, 3]
        assert (await session.scalars(sa.select(customer.id))).all() == [2]
        assert (await bridge(lambda: old.query.count())) == 2
        # As in Flask-SQLAlchemy: of a select of plain tables nothing is known.
        assert (await session.scalars(sa.select(old.__table__.c.id))).all() == [2]
        assert await session.scalar(sa.text("select count(*) from customer")) == 1
        chosen = {"bind": shop.db.engines_for().of("archive").async_.sync_engine}
        assert len((await session.execute(sa.text("select 1"), bind_arguments=chosen)).all()) == 1

    shop.run(test)


def test_a_rollback_is_one_of_both(shop: Any) -> None:
    async def test() -> None:
        shop.db.session.add_all([shop.Old(id=1), shop.models.Customer(id=2, name="ann")])
        await shop.db.session.flush()
        await shop.db.session.rollback()
        for model in (shop.Old, shop.models.Customer):
            assert (await shop.db.session.scalars(sa.select(model))).all() == []

    shop.run(test)


def test_a_plain_session_goes_by_the_sync_drivers(shop: Any, tmp_path: Path) -> None:
    shop.db.create_all(None)
    shop.db.create_all(["archive"])
    with shop.db.sync_scope(shop.app):
        shop.db.session.add_all([shop.Old(id=1), shop.models.Customer(id=2, name="ann")])
        shop.db.session.commit()
        assert shop.Old.query.count() == 1
    assert (tmp_path / "instance" / "archive.db").exists()
    shop.db.drop_all()
    tables = {key: sa.inspect(engine).get_table_names() for key, engine in shop.db.engines.items()}
    assert tables == {None: [], "archive": []}
    for _, engines in shop.db.engines_for(shop.app).each():
        engines.sync.dispose()


def test_the_engines_by_their_keys(shop: Any) -> None:
    async def test() -> None:
        both = shop.db.async_engines
        assert both[None] is shop.db.async_engine
        assert shop.db.engines == {key: engine.sync_engine for key, engine in both.items()}
        assert shop.db.get_engine(bind="archive") is shop.db.get_engine("archive")
        assert shop.db.get_engine("archive") is both["archive"].sync_engine
        with pytest.raises(UnboundExecutionError, match="'none' is not in"):
            shop.db.get_engine("none")

    shop.run(test)


def test_a_key_that_no_setting_names(make_shop: MakeShop) -> None:
    shop = make_shop("sqlite://")
    column = shop.db.Column(shop.db.Integer, primary_key=True)

    async def test() -> None:
        lost: Any = type("Lost", (shop.db.Model,), {"__bind_key__": "lost", "id": column})
        with pytest.raises(UnboundExecutionError, match="'lost' is not in"):
            await shop.db.session.execute(sa.select(lost))
        with pytest.raises(UnboundExecutionError):
            await bridge(shop.db.create_all)

    shop.run(test)


def test_a_database_that_nobody_knows_is_an_error_where_it_is_used(
    make_shop: MakeShop,
) -> None:
    shop = make_shop("sqlite://", SQLALCHEMY_BINDS={"old": "nosuch://somewhere/x"})
    shop.db.metadatas.pop("old")

    async def test() -> None:
        assert (await shop.db.session.scalars(sa.select(shop.models.Customer))).all() == []
        with pytest.raises(DatabaseUrlError):
            shop.db.get_engine("old")
        assert list(shop.db.engines) == [None]

    shop.run(test)


def test_the_main_database_may_be_among_the_others(tmp_path: Path) -> None:
    db = SQLAlchemy()
    app = FakeApp(tmp_path, SQLALCHEMY_BINDS={None: "sqlite:///main.db"})
    db.init_app(app)
    assert db.engines_for(app).urls.sync.database == str(tmp_path / "main.db")
    with pytest.raises(RuntimeError, match="SQLALCHEMY_DATABASE_URI"):
        SQLAlchemy().init_app(FakeApp(tmp_path, SQLALCHEMY_BINDS={"a": "sqlite://"}))


def test_a_session_class_that_chooses_itself_is_left_alone(make_shop: MakeShop) -> None:
    class Main(Session):
        def get_bind(self, mapper: Any = None, **others: Any) -> Any:
            return self.bind

    shop = make_shop("sqlite://", SQLALCHEMY_BINDS={"archive": "sqlite://"})
    db = SQLAlchemy(session_options={"class_": Main})
    models = define_models(db)
    column = db.Column(db.Integer, primary_key=True)
    old: Any = type(
        "Old",
        (db.Model,),
        {"__tablename__": "customer", "__bind_key__": "archive", "id": column},
    )
    shop.attach(db)

    async def test() -> None:
        db.session.add(models.Customer(id=1, name="ann"))
        assert (await db.session.scalars(sa.select(old.id))).all() == [1]

    shop.run(test)
