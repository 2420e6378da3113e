"""The safety net: an overlooked lazy load works in async code, is recorded, and changes nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from migrator.errors import UsageError
from migrator.runtime.db import ImplicitIO, bridge, in_bridge, run_guarded, unbridge


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "migrator.runtime.db.implicit")


async def an_order(shop: Any) -> Any:
    """An order whose customer isn't loaded."""
    db, models = shop.db, shop.models
    db.session.add(models.Customer(name="Ada", orders=[models.Order(number="1")]))
    await db.session.commit()
    db.session.expunge_all()
    return await db.session.scalar(select(models.Order))


def test_without_it_a_lazy_load_raises(make_shop: Any, postgres_url: str) -> None:
    # On PostgreSQL alone: under SQLite the driver itself leaves a coroutine behind.
    shop = make_shop(postgres_url)

    async def test() -> None:
        order = await an_order(shop)
        with pytest.raises((MissingGreenlet, StatementError)):
            _ = order.customer

    shop.run(test)


def test_a_lazy_load_works_and_is_recorded_with_its_place(
    shop: Any, caplog: pytest.LogCaptureFixture
) -> None:
    loads = shop.db.engines_for().implicit_loads

    async def view() -> list[str]:
        order = await an_order(shop)
        assert not loads.recent
        names = []
        for _ in range(2):
            names.append(order.customer.name)
            shop.db.session.expire_all()
        return names

    async def test() -> None:
        assert await run_guarded(view()) == ["Ada", "Ada"]

    shop.run(test)
    (place,) = loads.places
    first = loads.recent[0]
    assert first.path == __file__
    assert first.line == view.__code__.co_firstlineno + 5
    assert first.function.endswith("view")
    assert "FROM customer" in " ".join(load.statement for load in loads.recent)
    assert loads.places[place] == len(loads.recent)
    # Once a place, however often it happens.
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert place in caplog.text


def test_allow_records_without_a_word(shop: Any, caplog: pytest.LogCaptureFixture) -> None:
    loads = shop.db.engines_for().implicit_loads
    loads.mode = "allow"

    async def view() -> str:
        return (await an_order(shop)).customer.name  # type: ignore[no-any-return]

    async def test() -> None:
        assert await run_guarded(view()) == "Ada"

    shop.run(test)
    assert loads.recent
    assert not caplog.records


def test_raise_refuses_and_says_where(shop: Any) -> None:
    loads = shop.db.engines_for().implicit_loads
    loads.mode = "raise"

    async def view() -> str:
        order = await an_order(shop)
        with pytest.raises(ImplicitIO, match=r"test_implicit\.py:\d+ .*view.*FROM customer"):
            _ = order.customer
        # The session goes on working.
        return (await order.awaitable_attrs.customer).name  # type: ignore[no-any-return]

    async def test() -> None:
        assert await run_guarded(view()) == "Ada"

    shop.run(test)
    with pytest.raises(UsageError, match="allow, warn and raise"):
        loads.mode = "maybe"


def test_what_is_awaited_is_not_implicit(shop: Any) -> None:
    db = shop.db

    async def view() -> None:
        order = await an_order(shop)
        await order.awaitable_attrs.customer
        await bridge(lambda: order.customer.orders)
        await db.session.refresh(order)
        await db.session.delete(order)
        await db.session.commit()
        async for _ in await db.session.stream_scalars(select(shop.models.Customer)):
            pass
        await db.paginate(select(shop.models.Customer))
        await db.first_or_404(select(shop.models.Customer))

    async def test() -> None:
        await run_guarded(view())

    shop.run(test)
    assert not db.engines_for().implicit_loads.recent


def test_attributes_expired_by_commit_load_again(shop: Any) -> None:
    async def view() -> str:
        order = await an_order(shop)
        await shop.db.session.commit()
        return order.number  # type: ignore[no-any-return]

    async def test() -> None:
        assert await run_guarded(view()) == "1"

    shop.run(test)


def test_the_session_is_async_in_native_frames_and_sync_in_the_bridge(shop: Any) -> None:
    db = shop.db

    async def inner() -> str:
        assert not in_bridge()
        assert isinstance(db.session(), AsyncSession)
        return (await an_order(shop)).customer.name  # type: ignore[no-any-return]

    def sync() -> str:
        assert in_bridge()
        assert isinstance(db.session(), Session)
        name = unbridge(inner())
        assert in_bridge()
        return name

    async def view() -> str:
        assert not in_bridge()
        name = await bridge(sync)
        assert not in_bridge()
        return name

    async def test() -> None:
        assert await run_guarded(view()) == "Ada"  # net, bridge, native, lazy load

    shop.run(test)


def test_code_that_the_bridge_unbridges_has_the_net_too(shop: Any) -> None:
    async def native() -> str:
        return (await an_order(shop)).customer.name  # type: ignore[no-any-return]

    async def test() -> None:
        assert await bridge(lambda: unbridge(native())) == "Ada"
        assert await bridge(lambda: unbridge(asyncio.sleep(0, "any awaitable"))) == "any awaitable"

    shop.run(test)


def test_context_variables_go_in_and_come_out() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")

    async def view() -> None:
        assert variable.get() == "in"
        variable.set("view")
        await asyncio.sleep(0)
        assert variable.get() == "view"

        def sync() -> None:
            assert variable.get() == "view"
            variable.set("bridge")

        await bridge(sync)
        assert variable.get() == "bridge"
        await asyncio.create_task(child())
        variable.set("out")

    async def child() -> None:
        assert variable.get() == "bridge"
        variable.set("child")

    async def main() -> None:
        variable.set("in")
        await run_guarded(view())
        assert variable.get() == "out"

    asyncio.run(main())


def test_exceptions_keep_their_type_cause_and_place() -> None:
    class Problem(Exception):
        pass

    async def fails() -> None:
        await asyncio.sleep(0)
        try:
            {}["missing"]  # type: ignore[index]
        except KeyError as error:
            raise Problem("x") from error

    async def view() -> None:
        with pytest.raises(Problem):
            await fails()
        assert sys.exc_info() == (None, None, None)
        await fails()

    async def main() -> None:
        with pytest.raises(Problem) as caught:
            await run_guarded(view())
        assert isinstance(caught.value.__cause__, KeyError)
        assert any(entry.name == "fails" for entry in caught.traceback)

    asyncio.run(main())


def test_cancellation_reaches_the_coroutine_and_its_cleanup() -> None:
    steps: list[str] = []

    async def view(started: asyncio.Event) -> None:
        try:
            started.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            steps.append("cancelled")
            await asyncio.sleep(0)
            steps.append("cleaned up")
            raise

    async def main() -> None:
        started = asyncio.Event()
        task = asyncio.create_task(run_guarded(view(started)))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    asyncio.run(main())
    assert steps == ["cancelled", "cleaned up"]


def test_timeouts_task_groups_generators_and_context_managers_work() -> None:
    async def numbers() -> AsyncIterator[int]:
        for number in range(3):
            await asyncio.sleep(0)
            yield number

    @contextlib.asynccontextmanager
    async def managed() -> AsyncIterator[str]:
        await asyncio.sleep(0)
        yield "value"
        await asyncio.sleep(0)

    async def view() -> list[Any]:
        results: list[Any] = []
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError:
            results.append("timeout")
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(asyncio.sleep(0, n)) for n in range(2)]
        results += [task.result() for task in tasks]
        results += [number async for number in numbers()]
        async with managed() as value:
            results.append(value)
        results.append(await asyncio.to_thread(in_bridge))
        results += await asyncio.gather(asyncio.sleep(0, "a"), run_guarded(asyncio.sleep(0, "b")))
        return results

    async def main() -> None:
        assert await run_guarded(view()) == ["timeout", 0, 1, 0, 1, 2, "value", False, "a", "b"]

    asyncio.run(main())


def test_a_coroutine_dropped_half_way_is_closed() -> None:
    steps: list[str] = []

    async def view() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            steps.append("closed")

    async def main() -> None:
        guarded = run_guarded(view())
        guarded.send(None)
        guarded.close()

    asyncio.run(main())
    assert steps == ["closed"]


def test_many_requests_at_once_don_t_mix(shop: Any) -> None:
    db, Customer = shop.db, shop.models.Customer

    async def request(number: int) -> str:
        async with db.scope():
            db.session.add(Customer(name=f"c{number}", orders=[shop.models.Order()]))
            await db.session.commit()
            await asyncio.sleep(0)
            customer = await db.session.scalar(select(Customer).filter_by(name=f"c{number}"))
            assert len(customer.orders) == 1  # a lazy load
            db.session.expire_all()
            return customer.name  # type: ignore[no-any-return]  # another

    async def test() -> None:
        names = await asyncio.gather(*(run_guarded(request(n)) for n in range(20)))
        assert names == [f"c{n}" for n in range(20)]

    shop.run(test)
