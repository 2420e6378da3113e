"""What a commit has expired is read again before native code looks at it.

A sync session reloads an expired instance at the next access of a column, by one SELECT for all of
them; in async code that access can't wait. `reload` does the same SELECT beforehand.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar

from sqlalchemy import inspect
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.orm import InstanceState, Session
from sqlalchemy.orm.exc import ObjectDeletedError
from werkzeug.local import LocalProxy

from migrator.runtime.db.bridge import bridge

T = TypeVar("T")


async def reload(value: T) -> T:
    """Load the expired columns of an instance, or of each instance in a list, tuple, set or dict.

    Gives `value` back. Sends nothing where nothing is expired; detached and deleted instances,
    and anything that is no instance, are left alone.
    """
    if isinstance(value, list | tuple | set | frozenset):
        for item in value:
            await reload(item)
    elif isinstance(value, dict):
        for item in value.values():
            await reload(item)
    elif value is not None:
        found = _expired_column(value)
        if found is not None:
            await bridge(_read, value, found[1])
    return value


async def reload_first(hung: Any, work: Awaitable[T]) -> T:
    """Await `work` when the instances that hang on `hung` have been loaded again.

    `hung` is Flask's `g`, or a tuple of it and the request; outside of an application there is none.
    """
    for holder in hung if isinstance(hung, tuple) else (hung,):
        for value in list(vars(holder._get_current_object()).values()) if holder else ():
            await reload(value)
    return await work


def reload_now(value: object) -> None:
    """The same for one instance that native code may read, in sync code that the bridge runs.

    Nothing is flushed for it: the native code may never read it, or look at what is pending.
    """
    found = _expired_column(value)
    if found is not None:
        session, name = found
        with session.no_autoflush:
            _read(value, name)


def _expired_column(value: Any) -> tuple[Session, str] | None:
    """An expired column of an instance, and the session that can load it."""
    if isinstance(value, LocalProxy):
        # `current_user` in sync code stands for an instance.
        value = value._get_current_object()
    try:
        state = inspect(value)
    except NoInspectionAvailable:
        return None
    if not isinstance(state, InstanceState) or state.session is None or not state.persistent:
        return None
    columns = state.mapper.column_attrs
    found = next((k for k in sorted(state.expired_attributes) if k in columns), None)
    return None if found is None else (state.session, found)


def _read(value: Any, name: str) -> None:
    try:
        getattr(value, name)
    except ObjectDeletedError:
        # The row is gone: whoever reads the instance meets the same error there, as in sync code.
        return
