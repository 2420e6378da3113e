"""What an application listens to on one of two engines of the same database, put on the other one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from sqlalchemy import Engine, event

Listener = tuple[str, Callable[..., Any]]
#: Of these SQLAlchemy keeps functions that give back what they were given, or something else.
_ANSWERED = frozenset({"before_execute", "before_cursor_execute"})


def listeners(engine: Engine) -> Iterator[Listener]:
    """What listens to this engine, and not to all of them."""
    dispatches: list[Any] = [engine.dispatch, engine.pool.dispatch, engine.dialect.dispatch]
    for dispatch in dispatches:
        for name in sorted(dispatch._event_names):
            for listener in getattr(dispatch, name).listeners:
                yield name, listener


def hand_on(engine: Engine, own: Collection[Listener], other: Engine) -> None:
    """Let what listens to `engine` listen to `other`, but for its `own` listeners."""
    for name, function in list(listeners(engine)):
        if (name, function) not in own:
            options = {"retval": True} if name in _ANSWERED else {}
            event.listen(other, name, function, **options)
