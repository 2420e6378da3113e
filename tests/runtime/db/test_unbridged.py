"""`@unbridged`: native bodies under plain functions, in the bridge and where no loop runs."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, get_type_hints

import pytest
from sqlalchemy import select, text

from migrator.runtime.db import (
    OutsideBridge,
    OutsideScope,
    SQLAlchemy,
    bridge,
    call,
    unbridge,
    unbridged,
)
from migrator.runtime.db.alone import is_alone

from .conftest import Shop

NAMES = ["Ada", "Bo"]


@pytest.fixture
def filled(shop: Shop) -> Iterator[Shop]:
    """The shop with two customers, written by sync code without a loop."""
    shop.db.create_all()
    with shop.db.sync_scope(shop.app):
        session: Any = shop.db.session
        session.add_all([shop.models.Customer(name=name) for name in NAMES])
        session.commit()
    yield shop
    shop.db.engines_for(shop.app).sync.dispose()


def counting(db: SQLAlchemy, models: Any) -> Callable[[], int]:
    @unbridged
    async def count() -> int:
        return len((await db.session.scalars(select(models.Customer))).all())

    return count


class Money:
    """A class that hints name."""


def test_its_hints_are_looked_up_where_it_was_defined() -> None:
    @unbridged
    async def pay(amount: Money, *, twice: bool = False) -> Money:
        return amount

    hints = {"amount": Money, "twice": bool, "return": Money}
    assert pay.__annotations__["amount"] == "Money"
    assert get_type_hints(pay) == hints


def test_what_runs_alone_may_call_it_through_plain_functions(filled: Shop) -> None:
    count = counting(filled.db, filled.models)

    def plain() -> tuple[int, int]:
        session: Any = filled.db.session
        return count(), session.query(filled.models.Customer).count()

    @unbridged
    async def job() -> tuple[int, int]:
        return plain()

    with filled.db.sync_scope(filled.app):
        assert job() == (2, 2)


def test_it_is_a_plain_function_with_the_signature_of_the_coroutine_function() -> None:
    @unbridged
    async def count(first: int, *, last: str = "x") -> int:
        """How many."""
        return first

    assert not inspect.iscoroutinefunction(count)
    assert not inspect.iscoroutinefunction(inspect.unwrap(count))
    assert str(inspect.signature(count)) == "(first: 'int', *, last: 'str' = 'x') -> 'int'"
    assert inspect.getfullargspec(count).args == ["first"]
    assert (count.__name__, count.__doc__) == ("count", "How many.")


def test_its_code_names_the_parameters() -> None:
    @unbridged
    async def echo(
        a: int, /, b: int, c: int = 3, *rest: int, d: int, e: int = 5, **others: int
    ) -> object:
        return a, b, c, rest, d, e, others

    # As pluggy finds out what to give to a hook.
    assert echo.__code__.co_varnames[: echo.__code__.co_argcount] == ("a", "b", "c")
    assert echo(1, 2, d=4) == (1, 2, 3, (), 4, 5, {})
    assert echo(1, 2, 6, 7, d=8, e=9, f=10) == (1, 2, 6, (7,), 8, 9, {"f": 10})
    with pytest.raises(TypeError, match=r"echo\(\) missing 1 required keyword-only argument: 'd'"):
        echo(1, 2)  # type: ignore[call-arg]  # the mistake under test


def test_a_plain_function_is_refused() -> None:
    with pytest.raises(TypeError):
        unbridged(len)  # type: ignore[arg-type]  # the mistake under test


def test_in_the_bridge_it_shares_the_session(filled: Shop) -> None:
    db, Customer = filled.db, filled.models.Customer
    count = counting(db, filled.models)

    def legacy() -> tuple[int, int]:
        session: Any = db.session
        session.add(Customer(name="Cy"))
        return count(), len(Customer.query.all())

    async def test() -> None:
        assert await bridge(legacy) == (3, 3)
        assert await call(count) == 3
        assert (await db.session.scalars(select(Customer.name))).all() == [*NAMES, "Cy"]

    filled.run(test)


def test_every_kind_of_method(filled: Shop) -> None:
    db, Customer = filled.db, filled.models.Customer

    class Shelf:
        name = "Ada"

        @unbridged
        async def by_name(self, name: str) -> Any:
            return await db.session.scalar(select(Customer).where(Customer.name == name))

        @classmethod
        @unbridged
        async def own(cls) -> Any:
            return await bridge(cls().by_name, cls.name)

        @staticmethod
        @unbridged
        async def names() -> list[str]:
            return list((await db.session.scalars(select(Customer.name))).all())

        @property
        @unbridged
        async def first(self) -> Any:
            return await bridge(self.by_name, "Ada")

        @cached_property
        @unbridged
        async def kept(self) -> Any:
            return await bridge(self.by_name, "Bo")

        @unbridged
        async def each(self) -> AsyncIterator[str]:
            for name in await bridge(self.names):
                try:
                    yield name
                finally:
                    await db.session.execute(select(1))

    class Below(Shelf):
        @unbridged
        async def by_name(self, name: str) -> Any:
            return await bridge(super().by_name, name)

    def legacy() -> list[Any]:
        shelf = Below()
        assert shelf.kept is shelf.kept
        return [
            shelf.by_name("Ada").name,
            Below.own().name,
            Shelf.names(),
            shelf.first.name,
            shelf.kept.name,
            list(shelf.each()),
            next(iter(shelf.each())),
        ]

    expected = ["Ada", "Ada", NAMES, "Ada", "Bo", NAMES, "Ada"]

    async def test() -> None:
        assert await bridge(legacy) == expected

    filled.run(test)
    with filled.db.sync_scope(filled.app):
        assert legacy() == expected


def test_async_code_is_told_to_bridge(filled: Shop) -> None:
    called = []

    @unbridged
    async def touch() -> None:
        called.append(1)

    @unbridged
    async def touches() -> AsyncIterator[int]:
        called.append(1)
        yield 1

    async def test() -> None:
        with pytest.raises(OutsideBridge, match="touch"):
            touch()
        with pytest.raises(OutsideBridge, match="touches"):
            touches()

    filled.run(test)
    assert called == []


def test_without_a_loop_it_shares_the_session_of_the_sync_scope(filled: Shop) -> None:
    db, Customer, Order = filled.db, filled.models.Customer, filled.models.Order

    @unbridged
    async def order(customer: Any, number: str) -> Any:
        made = Order(number=number)
        (await customer.awaitable_attrs.orders).append(made)
        await db.session.flush()
        await asyncio.sleep(0)
        assert await bridge(lambda: Customer.query.count()) == len(NAMES)
        assert (await db.get_or_404(Customer, customer.id)) is customer
        return made

    with db.sync_scope(filled.app):
        session: Any = db.session
        ada = Customer.query.filter_by(name="Ada").one()
        made = order(ada, "1")
        assert made in session
        assert ada.orders == [made]
        session.commit()
        assert unbridge(_names(db, Customer)) == NAMES
        made = order(ada, "2")
        session.rollback()
    with db.sync_scope(filled.app):
        assert [o.number for o in Order.query] == ["1"]


async def _names(db: SQLAlchemy, customer: Any) -> list[str]:
    return list((await db.session.scalars(select(customer.name).order_by(customer.id))).all())


def test_a_task_of_a_queue_has_a_scope_of_its_own(filled: Shop) -> None:
    db, Customer = filled.db, filled.models.Customer

    @unbridged
    async def task(name: str) -> int:
        assert is_alone()
        db.session.add(Customer(name=name))
        session: Any = db.session
        await session.commit()
        await session.remove()
        return await bridge(lambda: Customer.query.count())

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(task, "Cy").result() == 3
    with pytest.raises(OutsideScope):
        db.session.add(Customer(name="Di"))
    with pytest.raises(ZeroDivisionError):
        _failing(db)
    assert counting(db, filled.models)() == 3


@unbridged
async def _failing(db: SQLAlchemy) -> None:
    await db.session.execute(text("select 1"))
    raise ZeroDivisionError


def test_what_a_task_forgets_to_commit_is_logged(
    filled: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    db, Customer = filled.db, filled.models.Customer

    @unbridged
    async def add(*, commit: bool, flush: bool) -> None:
        db.session.add(Customer(name="Cy"))
        if flush:
            await db.session.flush()
        if commit:
            await db.session.commit()

    add(commit=False, flush=False)
    assert len(caplog.records) == 1
    add(commit=False, flush=True)
    assert len(caplog.records) == 2
    add(commit=True, flush=True)
    assert len(caplog.records) == 2


def test_a_thread_that_a_request_starts_leaves_the_session_of_the_request_alone(
    filled: Shop,
) -> None:
    db, Customer = filled.db, filled.models.Customer
    count = counting(db, filled.models)
    seen: list[int] = []

    async def test() -> None:
        db.session.add(Customer(name="Cy"))
        await db.session.flush()
        context = contextvars.copy_context()
        thread = threading.Thread(target=lambda: context.run(lambda: seen.append(count())))
        thread.start()
        thread.join()
        assert await bridge(count) == 3

    filled.run(test)
    assert seen == [2]


def test_what_is_pending_stays_so_when_expired_columns_are_read(filled: Shop) -> None:
    session: Any = filled.db.session

    @unbridged
    async def record(first: Any, second: Any) -> tuple[list[str], str]:
        return sorted(customer.name for customer in session.dirty), second.name

    def change() -> tuple[list[str], str]:
        first, second = session.scalars(select(filled.models.Customer).order_by(text("id")))
        session.commit()
        first.name = "Changed"
        return record(first, second)

    async def test() -> tuple[list[str], str]:
        return await bridge(change)

    assert filled.run(test) == (["Changed"], "Bo")


def test_what_a_commit_expired_is_read_again_for_a_native_body(filled: Shop) -> None:
    db, Customer = filled.db, filled.models.Customer
    engines = db.engines_for(filled.app)
    engines.implicit_loads.mode = "raise"

    @unbridged
    async def name_of(customer: Any) -> str:
        name: str = customer.name
        return name

    def legacy() -> str:
        session: Any = db.session
        ada = Customer.query.filter_by(name="Ada").one()
        session.commit()
        return name_of(ada)

    async def test() -> None:
        assert await bridge(legacy) == "Ada"

    filled.run(test)


def test_a_generator_takes_what_is_sent_and_thrown(filled: Shop) -> None:
    closed: list[str] = []

    @unbridged
    async def talk() -> AsyncIterator[Any]:
        try:
            heard = yield "hello"
            while True:
                try:
                    heard = yield heard
                except KeyError:
                    heard = "caught"
        finally:
            await filled.db.session.execute(text("select 1"))
            closed.append("closed")

    def legacy() -> list[Any]:
        speaker: Any = talk()
        said = [next(speaker), speaker.send("a"), speaker.throw(KeyError()), speaker.send("b")]
        speaker.close()
        return said

    expected = ["hello", "a", "caught", "b"]

    async def test() -> None:
        assert await bridge(legacy) == expected

    filled.run(test)
    assert legacy() == expected
    assert closed == ["closed", "closed"]


def test_what_a_coroutine_sets_is_set_for_its_caller(filled: Shop) -> None:
    tenant = contextvars.ContextVar("tenant", default="nobody")
    kept = contextvars.ContextVar("kept", default="kept")

    @unbridged
    async def enter(name: str) -> str:
        before = tenant.get()
        tenant.set(name)
        await filled.db.session.execute(text("select 1"))
        return before

    def legacy() -> list[str]:
        return [enter("ann"), tenant.get(), enter("bob"), tenant.get(), kept.get()]

    expected = ["nobody", "ann", "ann", "bob", "kept"]

    async def test() -> None:
        assert await bridge(legacy) == expected

    contextvars.copy_context().run(filled.run, test)
    assert contextvars.copy_context().run(legacy) == expected
    with filled.db.sync_scope():
        assert contextvars.copy_context().run(legacy) == expected
