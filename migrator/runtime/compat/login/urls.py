"""Where a client is sent to log in, and where from there."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from ..context import active_app
from ..urls import url_for


def make_next_param(login_url: str, current_url: str) -> str:
    """`current_url`, without scheme and host when the login page shares them."""
    login, current = urlsplit(login_url), urlsplit(current_url)
    if login.scheme in ("", current.scheme) and login.netloc in ("", current.netloc):
        return urlunsplit(("", "", current.path, current.query, ""))
    return current_url


def expand_login_view(login_view: str) -> str:
    """The URL of a login view, which may be one already."""
    if login_view.startswith(("https://", "http://", "/")):
        return login_view
    return url_for(login_view)


def login_url(login_view: str, next_url: str | None = None, next_field: str = "next") -> str:
    """The login page's URL, which leads back to `next_url` when that is given."""
    base = expand_login_view(login_view)
    if next_url is None:
        return base
    parsed = urlsplit(base)
    query = parse_qs(parsed.query, keep_blank_values=True)
    query[next_field] = [make_next_param(base, next_url)]
    netloc = active_app().config.get("FORCE_HOST_FOR_REDIRECTS") or parsed.netloc
    return urlunsplit(parsed._replace(netloc=netloc, query=urlencode(query, doseq=True)))
