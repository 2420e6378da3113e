"""`db.session` is one session of the scope, async outside the bridge and sync inside."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from migrator.runtime.db import OutsideBridge, OutsideScope, bridge, in_bridge, unbridge


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
