"""Flask-Login's interface for converted code; sessions and cookies are the same on both sides.

A login on the legacy side is valid here and the other way round: same session keys, same session
identifier, same remember cookie (Flask-Login 0.6.3).
"""

from __future__ import annotations

from .cookies import decode_cookie, encode_cookie
from .current import current_user, get_current_user, login_fresh, login_remembered
from .guards import fresh_login_required, login_required
from .manager import LoginManager
from .sessions import confirm_login, login_user, logout_user, set_login_view
from .urls import login_url, make_next_param
from .users import AnonymousUserMixin, UserMixin

__all__ = [
    "AnonymousUserMixin",
    "LoginManager",
    "UserMixin",
    "confirm_login",
    "current_user",
    "decode_cookie",
    "encode_cookie",
    "fresh_login_required",
    "get_current_user",
    "login_fresh",
    "login_remembered",
    "login_required",
    "login_url",
    "login_user",
    "logout_user",
    "make_next_param",
    "set_login_view",
]
