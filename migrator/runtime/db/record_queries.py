"""The statements of a request, for logs of slow ones: Flask-SQLAlchemy's `record_queries`.

Recorded in the scope: an application context's, a request's or a command's. Semantics are those of
https://flask-sqlalchemy.readthedocs.io/en/stable/record-queries/ and, for `get_debug_queries`, of
its 2.x.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from types import FrameType
from typing import Any
from weakref import ref

from greenlet import getcurrent
from sqlalchemy import Engine, event

from migrator.runtime.db.scope import current_scope

_SETTING = "SQLALCHEMY_RECORD_QUERIES"


@dataclass(frozen=True, slots=True)
class QueryInfo:
    """One statement: its text and parameters, when it began and ended (seconds), and who ran it."""

    statement: str | None
    parameters: Any
    start_time: float
    end_time: float
    #: `file:line (function)` in the application's own package; `<unknown>` for others.
    location: str

    @property
    def duration(self) -> float:
        """Seconds, until the result was returned."""
        return self.end_time - self.start_time

    @property
    def context(self) -> str:
        """What Flask-SQLAlchemy 2.x called the location."""
        return self.location


def get_recorded_queries() -> list[QueryInfo]:
    """The statements of the current scope so far; none without SQLALCHEMY_RECORD_QUERIES."""
    scope = current_scope()
    if scope is None or not scope.app.config.get(_SETTING):
        return []
    return scope.recorded


def get_debug_queries() -> list[QueryInfo]:
    """The same for code of Flask-SQLAlchemy 2.x: while debugging or testing without the setting."""
    scope = current_scope()
    return scope.recorded if scope is not None else []


def record(engine: Engine, application: ref[Any]) -> None:
    """Record what `engine` runs in scopes of an application, as far as its settings ask for that.

    The engine is kept as long as the application is, and so must not keep it.
    """
    event.listen(engine, "before_cursor_execute", _begin, named=True)

    def end(context: Any, **_: Any) -> None:
        scope, app = current_scope(), application()
        if scope is None or app is None or scope.app is not app or not _wanted(app):
            return
        scope.recorded.append(
            QueryInfo(
                context.statement,
                context.parameters,
                context._migrator_began,
                perf_counter(),
                _location(app.import_name.partition(".")[0]),
            )
        )

    event.listen(engine, "after_cursor_execute", end, named=True)


def _begin(context: Any, **_: Any) -> None:
    context._migrator_began = perf_counter()


def _wanted(app: Any) -> bool:
    setting = app.config.get(_SETTING)
    return bool(app.debug or app.testing if setting is None else setting)


def _location(package: str) -> str:
    for frame in _frames():
        name = str(frame.f_globals.get("__name__"))
        if name == package or name.startswith(f"{package}."):
            code = frame.f_code
            return f"{code.co_filename}:{frame.f_lineno} ({code.co_name})"
    return "<unknown>"


def _frames() -> Iterator[FrameType]:
    """From here outwards: what a greenlet does, then what waits for it."""
    frame: FrameType | None = sys._getframe(1)
    greenlet: Any = getcurrent()
    while greenlet is not None:
        while frame is not None:
            yield frame
            frame = frame.f_back
        greenlet = greenlet.parent
        frame = greenlet.gr_frame if greenlet is not None else None
