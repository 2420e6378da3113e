"""An application's `db` object with a few models, over each database."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from migrator.runtime.db import SQLAlchemy, bridge
from tests.listeners import without_the_sample_applications_listener


@pytest.fixture(autouse=True)
def no_listener_of_the_sample_application() -> Iterator[None]:
    """What these tests say of SQLite is true without anybody's listener."""
    with without_the_sample_applications_listener():
        yield


class FakeApp:
    """As much of an application as `init_app` reads."""

    def __init__(self, instance_path: Path, **config: Any) -> None:
        self.config: dict[str, Any] = config
        self.extensions: dict[str, Any] = {}
        self.instance_path = str(instance_path)
        self.debug = self.testing = False


class Shop:
    """A `db` object, its models, and an event loop to run a test's coroutine on."""

    def __init__(self, url: str, instance_path: Path, **config: Any) -> None:
        self.db = SQLAlchemy()
        self.models = define_models(self.db)
        self.app = FakeApp(instance_path, SQLALCHEMY_DATABASE_URI=url, **config)
        self.db.init_app(self.app)

    def attach(self, db: SQLAlchemy) -> None:
        """Give the application another `db` object."""
        self.app.extensions.clear()
        db.init_app(self.app)
        self.db = db

    def run(self, test: Callable[[], Awaitable[Any]]) -> Any:
        """Make the tables, then run `test()` in a scope; everything is disposed of at the end."""

        async def main() -> Any:
            try:
                await bridge(self.db.create_all)
                async with self.db.scope(self.app):
                    return await test()
            finally:
                await self.db.dispose()

        return asyncio.run(main())


def define_models(db: Any) -> types.SimpleNamespace:
    class Customer(db.Model):  # type: ignore[misc]
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(50), nullable=False, unique=True)
        orders = db.relationship("Order", back_populates="customer", order_by="Order.id")
        recent = db.relationship("Order", lazy="dynamic", viewonly=True)

    class Order(db.Model):  # type: ignore[misc]
        id = db.Column(db.Integer, primary_key=True)
        number = db.Column(db.String(20))
        customer_id = db.Column(db.ForeignKey("customer.id", ondelete="CASCADE"))
        customer = db.relationship("Customer", back_populates="orders")

    return types.SimpleNamespace(Customer=Customer, Order=Order)


@pytest.fixture
def make_shop(tmp_path: Path) -> Callable[..., Shop]:
    """A shop on a database of the test's choice, with more settings."""
    return lambda url, **config: Shop(url, tmp_path / "instance", **config)


@pytest.fixture
def shop(make_shop: Callable[..., Shop], database_url: str) -> Shop:
    return make_shop(database_url)
