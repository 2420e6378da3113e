"""What a commit has expired is read again before native code looks at it.

A sync session reloads an expired instance at the next access of a column, by one SELECT for all of
them; in async code that access can't wait. `reload` does the same SELECT beforehand.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeAlias, TypeVar
from weakref import ProxyTypes

from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import InstanceState, Session
from werkzeug.local import LocalProxy

from migrator.runtime.db.bridge import bridge

T = TypeVar("T")
#: An instance, its session, and the name of a column of it that has expired.
_Expired: TypeAlias = tuple[Any, Session, str]
_STATE = "_sa_instance_state"


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
            await bridge(_read, found[0], found[2])
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
        instance, session, name = found
        with session.no_autoflush:
            _read(instance, name)


def _expired_column(value: Any) -> _Expired | None:
    """An expired column of an instance, or of one that an object stands before."""
    if isinstance(value, LocalProxy):
        # `current_user` in sync code stands for an instance.
        value = value._get_current_object()
    if isinstance(value, ProxyTypes):
        return _of_state(getattr(value, _STATE, None))
    try:
        held = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    if _STATE in held or not hasattr(type(value), "__getattr__"):
        return _of_state(held.get(_STATE))
    # Asking a wrapper for it would call its `__getattr__`, which may load by itself.
    rows = (vars(v)[_STATE] for v in held.values() if hasattr(type(v), "_sa_class_manager"))
    return next((found for state in rows if (found := _of_state(state)) is not None), None)


def _of_state(state: Any) -> _Expired | None:
    if not isinstance(state, InstanceState) or state.session is None or not state.persistent:
        return None
    columns = state.mapper.column_attrs
    found = next((k for k in sorted(state.expired_attributes) if k in columns), None)
    return None if found is None else (state.obj(), state.session, found)


def _read(value: Any, name: str) -> None:
    try:
        getattr(value, name)
    except InvalidRequestError:
        # The row is gone, or the session's transaction has ended: whoever reads the instance meets the same error
        # there, as in sync code.
        return
