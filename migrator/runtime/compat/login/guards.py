"""`login_required` and `fresh_login_required`, on sync views and on async ones."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

from ..context import active_app, active_request_context
from ..running import bridge
from .current import get_current_user, login_fresh, manager, user_in_sync_code
from .settings import EXEMPT_METHODS

F = TypeVar("F", bound=Callable[..., Any])


def login_required(func: F) -> F:
    """Run the view for authenticated users; others get `LoginManager.unauthorized()`.

    OPTIONS passes, and so does everything with the config's LOGIN_DISABLED.
    """
    return _guarded(func, fresh=False)


def fresh_login_required(func: F) -> F:
    """`login_required`, and a login that is not fresh gets `LoginManager.needs_refresh()`."""
    return _guarded(func, fresh=True)


def _exempt() -> bool:
    request = active_request_context().request
    return request.method in EXEMPT_METHODS or bool(active_app().config.get("LOGIN_DISABLED"))


def _refusal(user: Any, fresh: bool) -> Callable[[], Any] | None:
    if not user.is_authenticated:
        return manager().unauthorized
    if fresh and not login_fresh():
        return manager().needs_refresh
    return None


def _guarded(func: F, *, fresh: bool) -> F:
    if inspect.iscoroutinefunction(func):

        @functools.wraps(func)
        async def guarded_native(*args: Any, **kwargs: Any) -> Any:
            if not _exempt():
                refusal = await _refusal_of_current_user(fresh)
                if refusal is not None:
                    return await bridge(refusal)
            return await func(*args, **kwargs)

        return cast(F, guarded_native)

    @functools.wraps(func)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not _exempt():
            refusal = _refusal(user_in_sync_code(), fresh)
            if refusal is not None:
                return refusal()
        return func(*args, **kwargs)

    return cast(F, guarded)


async def _refusal_of_current_user(fresh: bool) -> Callable[[], Any] | None:
    user = await get_current_user()
    # In the bridge: `is_authenticated` may be a property that reads the database.
    return await bridge(_refusal, user, fresh)
