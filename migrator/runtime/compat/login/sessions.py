"""Logging in and out: what that leaves in the session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ..context import active_app, active_request_context
from ..running import in_bridge
from .current import manager, user_in_sync_code
from .settings import COOKIE_NAME


def login_user(
    user: Any,
    remember: bool = False,
    duration: timedelta | None = None,
    force: bool = False,
    fresh: bool = True,
) -> bool:
    """Log `user` in; False when the user is not active and `force` is not set.

    `remember` sets a cookie that outlives the session, for `duration` or the configured time.
    """
    if not force and not user.is_active:
        return False
    login = manager()
    session = active_request_context().session
    session["_user_id"] = getattr(user, login.id_attribute)()
    session["_fresh"] = fresh
    session["_id"] = login._session_identifier_generator()
    if remember:
        session["_remember"] = "set"
        if duration is not None:
            if not isinstance(duration, timedelta):
                raise Exception(f"duration must be a datetime.timedelta, instead got: {duration}")
            session["_remember_seconds"] = duration.total_seconds()
    login._update_request_context_with_user(user)
    return True


def logout_user() -> bool:
    """Log the current user out, and forget the remember cookie."""
    context = active_request_context()
    if in_bridge():
        # Flask-Login loads the user first, for its signal, and with that protects the session.
        user_in_sync_code()
    session = context.session
    for key in ("_user_id", "_fresh", "_id"):
        if key in session:
            session.pop(key)
    if active_app().config.get("REMEMBER_COOKIE_NAME", COOKIE_NAME) in context.request.cookies:
        session["_remember"] = "clear"
        if "_remember_seconds" in session:
            session.pop("_remember_seconds")
    manager()._update_request_context_with_user()
    return True


def confirm_login() -> None:
    """Mark the session as fresh again."""
    session = active_request_context().session
    session["_fresh"] = True
    session["_id"] = manager()._session_identifier_generator()


def set_login_view(login_view: str, blueprint: Any = None) -> None:
    """Set the login view of the application, or of one blueprint."""
    login = manager()
    views = login.blueprint_login_views
    if blueprint is None and not views:
        login.login_view = login_view
        return
    if blueprint is None:
        raise ValueError("A login view for one blueprint was set before: name the blueprint.")
    views[blueprint.name] = login_view
    if login.login_view is not None and None not in views:
        views[None] = login.login_view
    login.login_view = None
