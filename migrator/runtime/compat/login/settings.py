"""Flask-Login's defaults."""

from __future__ import annotations

from datetime import timedelta

COOKIE_NAME = "remember_token"
COOKIE_DURATION = timedelta(days=365)
COOKIE_SECURE = False
COOKIE_HTTPONLY = True
COOKIE_SAMESITE = None
LOGIN_MESSAGE = "Please log in to access this page."
LOGIN_MESSAGE_CATEGORY = "message"
REFRESH_MESSAGE = "Please reauthenticate to access this page."
REFRESH_MESSAGE_CATEGORY = "message"
ID_ATTRIBUTE = "get_id"
USE_SESSION_FOR_NEXT = False

SESSION_KEYS = ("_user_id", "_remember", "_remember_seconds", "_id", "_fresh", "next")
"""What a login leaves in the session."""

EXEMPT_METHODS = frozenset({"OPTIONS"})
"""Preflight requests come without credentials: they pass `login_required`."""
