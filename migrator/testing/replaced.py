"""What a test puts in the place of a function that became a coroutine function can be awaited too.

`monkeypatch.setattr(module, "find", lambda key: None)` was written for a plain function; converted
code awaits `find(key)`. It runs in the bridge, where it may ask the database as ever. `mock.patch` makes an AsyncMock there by itself.

https://docs.pytest.org/en/stable/how-to/monkeypatch.html
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from types import ModuleType
from typing import Any

import pytest

from migrator.runtime.db import call
from migrator.testing.stand_ins import is_mock

_NONE: Any = object()


@contextmanager
def awaitable_replacements() -> Iterator[None]:
    """Let `monkeypatch.setattr` make plain functions asynchronous where they replace such."""
    original = pytest.MonkeyPatch.setattr

    @wraps(original)
    def replacing(
        self: pytest.MonkeyPatch, target: Any, name: Any, value: Any = _NONE, raising: bool = True
    ) -> None:
        if value is _NONE:
            owner, _, attribute = str(target).rpartition(".")
            target, name, value = pkgutil.resolve_name(owner), attribute, name
        if _is_plain(value, target) and inspect.iscoroutinefunction(getattr(target, name, None)):
            value = partial(call, value) if isinstance(target, ModuleType) else _method(value)
        original(self, target, name, value, raising)

    pytest.MonkeyPatch.setattr = replacing  # type: ignore[method-assign]  # whoever has one already
    try:
        yield
    finally:
        pytest.MonkeyPatch.setattr = original  # type: ignore[method-assign]


def _is_plain(value: Any, target: object) -> bool:
    """Whether it is called as a function: on a class an object that can be called gets no `self`.

    A mock stays what it is, for the test asks how it was called; `stand_ins` has it awaited. What
    stands in a test's own item (pytest-asyncio puts a plain function there) is called by pytest.
    """
    if isinstance(target, pytest.Item):
        return False
    if not callable(value) or inspect.iscoroutinefunction(value) or is_mock(type(value)):
        return False
    return inspect.isroutine(value) or isinstance(target, ModuleType)


def _method(fn: Callable[..., Any]) -> Callable[..., Any]:
    async def replacement(*args: Any, **kwargs: Any) -> Any:
        return await call(fn, *args, **kwargs)

    return replacement
