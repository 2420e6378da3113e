"""Who is logged in: `current_user` in sync code, `await get_current_user()` in async code."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from werkzeug.local import LocalProxy

from ..context import _request_context, active_app, active_request_context
from ..running import bridge, in_bridge
from .cookies import decode_cookie
from .settings import COOKIE_NAME

if TYPE_CHECKING:
    from .manager import LoginManager

_UNLOADED: Any = object()


class UserNotLoaded(RuntimeError):
    """`current_user` was used in async code before the user had been loaded."""

    def __init__(self) -> None:
        super().__init__(
            "current_user was used in async code before the user was loaded. Loading may query the "
            "database, which async code has to wait for. Write 'await get_current_user()', or put "
            "@login_required on the view."
        )


def manager() -> LoginManager:
    """The LoginManager of the current application."""
    found: LoginManager | None = getattr(active_app(), "login_manager", None)
    if found is None:
        raise RuntimeError("The application has no LoginManager. Call login_manager.init_app(app).")
    return found


def user_in_sync_code() -> Any:
    """The user, loaded now if need be; None outside a request. Raises UserNotLoaded."""
    context = _request_context.get(None)
    if context is None:
        return None
    user = context.g.get("_login_user", _UNLOADED)
    if user is _UNLOADED:
        # In a script no event loop is stopped.
        if not in_bridge() and asyncio._get_running_loop() is not None:
            raise UserNotLoaded
        manager()._load_user()
        user = context.g._login_user
    return user


async def get_current_user() -> Any:
    """The user, loaded now if need be; an anonymous one when nobody is logged in."""
    context = active_request_context()
    user = context.g.get("_login_user", _UNLOADED)
    if user is _UNLOADED:
        await bridge(manager()._load_user)
        user = context.g._login_user
    return user


current_user = cast("Any", LocalProxy(user_in_sync_code))


def login_fresh() -> bool:
    """Whether the user has logged in with this browser session."""
    fresh: bool = active_request_context().session.get("_fresh", False)
    return fresh


def login_remembered() -> bool:
    """Whether a valid remember cookie came with the request."""
    context = active_request_context()
    name = active_app().config.get("REMEMBER_COOKIE_NAME", COOKIE_NAME)
    if name in context.request.cookies and context.session.get("_remember") != "clear":
        return decode_cookie(context.request.cookies[name]) is not None
    return False
