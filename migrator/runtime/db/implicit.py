"""The safety net: a lazy load that was overlooked works in async code, and is written down.

Under asyncio `order.customer` raises MissingGreenlet when the customer isn't loaded. `run_guarded`
drives a native coroutine inside a greenlet, so that the load is awaited behind the scenes exactly
as in sync code. Each one is recorded with its place and, by the setting, logged or refused.
"""

from __future__ import annotations

import inspect
import sys
from collections import Counter, deque
from collections.abc import Awaitable, Coroutine, Generator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Literal, TypeVar, get_args

import sqlalchemy
from greenlet import getcurrent
from sqlalchemy import Engine, event
from sqlalchemy.util.concurrency import await_only, greenlet_spawn

import migrator.runtime
from migrator.errors import UsageError
from migrator.runtime.db.bridge import NATIVE
from migrator.runtime.db.errors import ImplicitIO
from migrator.runtime.told import get_logger

T = TypeVar("T")
Mode = Literal["allow", "warn", "raise"]

logger = get_logger("migrator.runtime.db.implicit")

# Frames of these are never the place that has to change.
_MACHINERY = tuple(
    str(Path(module.__file__).parent)
    for module in (sqlalchemy, migrator.runtime)
    if module.__file__ is not None
)


async def run_guarded(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` so that implicit I/O in it works; the same result, errors and context.

    Tasks that it starts are on their own: there an overlooked lazy load raises as ever.
    """
    if getattr(getcurrent(), NATIVE, False):
        return await coroutine
    return await greenlet_spawn(_drive, coroutine)


async def guarded(awaitable: Awaitable[T]) -> T:
    """`run_guarded` for any awaitable: only a coroutine has code of its own to guard."""
    if inspect.iscoroutine(awaitable):
        return await run_guarded(awaitable)
    return await awaitable


class _Suspension:
    """What the coroutine waits for, passed on to the event loop untouched."""

    __slots__ = ("_yielded",)

    def __init__(self, yielded: Any) -> None:
        self._yielded = yielded

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self._yielded)


def _drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Step `coroutine` to its end in this greenlet; its suspensions are awaited by the parent."""
    setattr(getcurrent(), NATIVE, True)
    step = coroutine.send
    value: Any = None
    while True:
        try:
            yielded = step(value)
        except StopIteration as stop:
            result: T = stop.value
            return result
        try:
            value = await_only(_Suspension(yielded))
            step = coroutine.send
        except BaseException as error:  # cancellation included: it belongs to the coroutine
            value = error
            step = coroutine.throw


@dataclass(frozen=True)
class ImplicitLoad:
    """One statement that async code ran without an `await`: where, and what."""

    path: str
    line: int
    function: str
    statement: str

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"


class ImplicitLoads:
    """What the safety net caught, and what it does about the next one."""

    def __init__(self) -> None:
        self.mode = "warn"
        self.places: Counter[str] = Counter()
        self.recent: deque[ImplicitLoad] = deque(maxlen=1000)

    @property
    def mode(self) -> Mode:
        """`allow`: record; `warn`: also log, once a place; `raise`: raise ImplicitIO instead."""
        return self._mode

    @mode.setter
    def mode(self, value: Mode) -> None:
        if value not in get_args(Mode):
            raise UsageError(
                f"The mode for implicit I/O is {value!r}.",
                "There are allow, warn and raise.",
                "Set MIGRATOR_IMPLICIT_IO to one of them.",
            )
        self._mode = value

    def clear(self) -> None:
        self.places.clear()
        self.recent.clear()

    def watch(self, engine: Engine) -> None:
        """Record what runs on `engine` (an async engine's `sync_engine`) without an await."""
        event.listen(engine, "before_cursor_execute", self._before_cursor_execute)

    def _before_cursor_execute(
        self, conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if not getattr(getcurrent(), NATIVE, False):
            return
        load = _locate(statement)
        if self.mode == "raise":
            raise ImplicitIO(
                f"{load.place} ({load.function}) makes SQLAlchemy run: {_short(statement)}.",
                "It is async code, and there is no await for it: an attribute is loaded lazily.",
                "Load it with the query (selectinload), await obj.awaitable_attrs.name, or use"
                " bridge().",
            )
        self.places[load.place] += 1
        self.recent.append(load)
        if self.mode == "warn" and self.places[load.place] == 1:
            logger.warning(
                "Implicit I/O at %s in %s: %s", load.place, load.function, _short(statement)
            )


def _short(statement: str) -> str:
    line = " ".join(statement.split())
    return line if len(line) <= 200 else line[:199] + "…"


def _locate(statement: str) -> ImplicitLoad:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((*_MACHINERY, "<")):
        frame = frame.f_back
    if frame is None:
        return ImplicitLoad("<unknown>", 0, "<unknown>", statement)
    code = frame.f_code
    return ImplicitLoad(code.co_filename, frame.f_lineno, code.co_qualname, statement)
