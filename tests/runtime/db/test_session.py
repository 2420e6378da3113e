"""`db.session` is one session of the scope, async outside the bridge and sync inside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, scoped_session

from migrator.runtime.db import (
    OutsideBridge,
    OutsideScope,
    SQLAlchemy,
    bridge,
    in_bridge,
    unbridge,
)


@contextmanager
def setattr_by_pytest(target: object, name: str, value: object) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target, name, value)
        yield


@contextmanager
def setattr_by_hand(target: object, name: str, value: object) -> Iterator[None]:
    before = getattr(target, name)
    setattr(target, name, value)
    yield
    setattr(target, name, before)


setattr_by_mock = mock.patch.object


def test_the_same_transaction_on_both_sides(shop: Any) -> None:
    db, Customer = shop.db, shop.models.Customer

    async def test() -> None:
        db.session.add(Customer(name="native"))
        await db.session.flush()

        def sync_part() -> list[str]:
            assert in_bridge()
            assert isinstance(db.session(), Session)
            db.session.add(Customer(name="bridged"))
            return [c.name for c in Customer.query.order_by(Customer.name)]

        assert not in_bridge()
        assert isinstance(db.session(), AsyncSession)
        assert await bridge(sync_part) == ["bridged", "native"]
        assert await db.session.scalar(select(func.count()).select_from(Customer)) == 2
        await db.session.rollback()
        assert await db.session.scalar(select(func.count()).select_from(Customer)) == 0

    shop.run(test)


def test_bridge_and_unbridge_nest(shop: Any) -> None:
    db, Customer = shop.db, shop.models.Customer

    async def native(depth: int) -> list[str]:
        assert isinstance(db.session(), AsyncSession)
        db.session.add(Customer(name=f"native {depth}"))
        if depth:
            return await bridge(sync, depth - 1)
        return list(await db.session.scalars(select(Customer.name).order_by(Customer.id)))

    def sync(depth: int) -> list[str]:
        assert isinstance(db.session(), Session)
        db.session.add(Customer(name=f"bridged {depth}"))
        db.session.flush()
        return unbridge(native(depth))

    async def test() -> None:
        names = await native(2)
        assert names == ["native 2", "bridged 1", "native 1", "bridged 0", "native 0"]

    shop.run(test)


def test_outside_a_scope_is_a_clear_error(shop: Any) -> None:
    async def main() -> None:
        with pytest.raises(OutsideScope, match=r"db\.scope"):
            shop.db.session.add(shop.models.Customer(name="x"))

    asyncio.run(main())


def test_the_legacy_query_belongs_in_the_bridge(shop: Any) -> None:
    async def test() -> None:
        with pytest.raises(OutsideBridge, match=r"select\(Customer\)"):
            _ = shop.models.Customer.query

        async def something() -> None: ...

        with pytest.raises(OutsideBridge, match="await"):
            unbridge(something())

    shop.run(test)


def test_relationships_load_in_the_bridge_and_by_awaitable_attrs(shop: Any) -> None:
    db, Customer, Order = shop.db, shop.models.Customer, shop.models.Order

    async def test() -> None:
        db.session.add(Customer(name="a", orders=[Order(number="1"), Order(number="2")]))
        await db.session.commit()
        customer = await db.session.scalar(select(Customer))
        assert [o.number for o in await customer.awaitable_attrs.orders] == ["1", "2"]
        assert await bridge(lambda: customer.recent.filter_by(number="2").count()) == 1
        assert await bridge(lambda: customer.recent.paginate(page=1, per_page=1).total) == 2

    shop.run(test)


def test_sync_code_without_a_loop_has_a_scope_of_its_own(shop: Any) -> None:
    db, Customer = shop.db, shop.models.Customer
    db.create_all()  # no loop: over the sync driver
    with db.sync_scope():
        assert isinstance(db.session(), Session)
        db.session.add(Customer(name="a"))
        db.session.commit()
        assert Customer.query.one().name == "a"
        db.session.remove()
        assert Customer.query.count() == 1
    with pytest.raises(OutsideScope):
        db.session.commit()
    asyncio.run(db.dispose())


def test_tables_are_made_in_the_bridge_only(shop: Any) -> None:
    async def test() -> None:
        with pytest.raises(OutsideBridge, match=r"await bridge\(db.drop_all\)"):
            shop.db.drop_all()
        await bridge(shop.db.drop_all)
        await bridge(shop.db.create_all)
        async with shop.db.async_engine.connect() as connection:
            assert await connection.scalar(select(func.count()).select_from(shop.models.Order)) == 0

        def through_the_engine() -> Any:
            with shop.db.engine.connect() as connection:
                return connection.scalar(select(func.count()).select_from(shop.models.Order))

        assert await bridge(through_the_engine) == 0

    shop.run(test)


def test_listeners_on_db_session_hear_this_database_only(shop: Any, make_shop: Any) -> None:
    heard: list[str] = []

    @event.listens_for(shop.db.session, "before_commit")
    def before_commit(session: Session) -> None:
        assert in_bridge()
        assert isinstance(shop.db.session(), Session)  # sync code, so the sync session
        heard.append(type(session).__name__)

    other = make_shop("sqlite://")

    async def test() -> None:
        shop.db.session.add(shop.models.Customer(name="x"))
        await shop.db.session.commit()
        await bridge(lambda: shop.db.session.commit())

    shop.run(test)
    assert len(heard) == 2

    async def elsewhere() -> None:
        other.db.session.add(other.models.Customer(name="x"))
        await other.db.session.commit()

    other.run(elsewhere)
    assert len(heard) == 2


def assert_scoped(session: object) -> None:
    assert isinstance(session, scoped_session)


def test_the_proxy_passes_everything_on(shop: Any) -> None:
    db, Customer = shop.db, shop.models.Customer

    async def test() -> None:
        customer = Customer(name="a")
        assert_scoped(db.session)
        db.session.add(customer)
        assert customer in db.session
        assert list(db.session.new) == [customer]
        with db.session.no_autoflush:
            assert await db.session.scalar(select(func.count()).select_from(Customer)) == 0
        async with db.session.begin_nested():
            db.session.add(Customer(name="b"))
        assert set(db.session) >= {customer}
        db.session.autoflush = False
        assert db.session().sync_session.autoflush is False
        await db.session.commit()
        first = db.session()
        await db.session.remove()
        assert db.session() is not first
        await bridge(lambda: db.session.remove())
        assert await bridge(lambda: Customer.query.count()) == 2

    shop.run(test)


@pytest.mark.parametrize("patch", [setattr_by_pytest, setattr_by_mock, setattr_by_hand])
def test_a_method_is_replaced_for_all_sessions_until_it_is_put_back(
    shop: Any, patch: Callable[..., AbstractContextManager[object]]
) -> None:
    db, Customer = shop.db, shop.models.Customer
    calls: list[str] = []

    def fail() -> None:
        calls.append("commit")
        raise RuntimeError("the disk is full")

    async def test() -> None:
        with patch(db.session, "commit", fail), patch(db.session, "rollback", calls.clear):
            db.session.add(Customer(name="lost"))
            with pytest.raises(RuntimeError, match="disk"):
                await db.session.commit()
            assert calls == ["commit"]
            await db.session.rollback()
            with pytest.raises(RuntimeError, match="disk"):
                await bridge(lambda: db.session.commit())
            await db.session.remove()
            with pytest.raises(RuntimeError, match="disk"):
                await db.session.commit()
        assert not hasattr(db.session, "nothing")
        await db.session.rollback()
        db.session.add(Customer(name="kept"))
        await db.session.commit()
        with patch(db.session, "remove", calls.clear):
            await db.session.remove()
        assert calls == []
        names = await db.session.scalars(select(Customer.name))
        assert names.all() == ["kept"]
        with pytest.raises(AttributeError, match="commit"):
            del db.session.commit

    shop.run(test)


def test_session_options_are_honoured(make_shop: Any, database_url: str) -> None:
    class OwnSession(Session):
        pass

    db = SQLAlchemy(
        session_options={
            "class_": OwnSession,
            "expire_on_commit": False,
            "autoflush": False,
            "scopefunc": lambda: 1,
        }
    )
    shop = make_shop(database_url)
    shop.attach(db)

    async def main() -> None:
        async with db.scope():
            session = db.session().sync_session  # type: ignore[operator]
            assert isinstance(session, OwnSession)
            assert session.expire_on_commit is False
            assert session.autoflush is False
        await db.dispose()

    asyncio.run(main())
