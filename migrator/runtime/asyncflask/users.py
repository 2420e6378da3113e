"""`get_current_user`: Flask-Login's user for native code."""

from __future__ import annotations

from typing import Any

from flask import g, has_request_context

from migrator.runtime.db.bridge import bridge


async def get_current_user() -> Any:
    """The user of the request, or the anonymous one; None outside a request.

    What `current_user` stands for: its loader runs in the bridge, once a request.
    """
    if has_request_context() and "_login_user" in g:
        return g._login_user
    from flask_login import current_user

    return await bridge(current_user._get_current_object)
