"""Sync code gives a coroutine function its session: what that one awaits is the AsyncSession that the session is part of."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import async_session
from sqlalchemy.orm import Session

from migrator.runtime.db.scope import SyncScope, current_scope


def awaitable_sessions(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments, with the AsyncSession for each Session of the bridge, or of an open scope, among them."""
    if not any(isinstance(value, Session) for value in (*args, *kwargs.values())):
        return args, kwargs
    return tuple(map(_async_side, args)), {k: _async_side(v) for k, v in kwargs.items()}


def _async_side(value: Any) -> Any:
    if not isinstance(value, Session):
        return value
    scope = current_scope()
    if isinstance(scope, SyncScope) and scope.session is value:
        return scope.twin
    found = async_session(value)
    return value if found is None else found
