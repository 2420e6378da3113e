"""The session cookie, and that each side goes on where the other one stopped."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from markupsafe import Markup

VALUES: dict[str, Any] = {
    "text": "é\n",
    "number": 1,
    "float": 1.5,
    "none": None,
    "list": [1, (2, 3)],
    "tuple": (1, [2]),
    "bytes": b"\x00\xff",
    "markup": Markup("<b>"),
    "uuid": uuid.UUID(int=5),
    "datetime": dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
    "nested": {"a": {"b": (1, b"x")}},
    "looks like a tag": {" t": [1]},
    "long": "x" * 500,
}


def build(f: Any, app: Any) -> None:
    def put(name: str) -> Any:
        f.session[name] = VALUES[name]
        return "put"

    def show() -> Any:
        return repr({key: f.session[key] for key in sorted(f.session)})

    def permanent() -> Any:
        f.session.permanent = True
        f.session["n"] = f.session.get("n", 0) + 1
        return "permanent"

    def clear() -> Any:
        f.session.clear()
        return "cleared"

    def nested() -> Any:
        f.session.setdefault("items", []).append(1)
        return "not seen"

    def marked() -> Any:
        f.session.setdefault("items", []).append(2)
        f.session.modified = True
        return "seen"

    app.get("/put/{name}", endpoint="put")(put)
    app.get("/show", endpoint="show")(show)
    app.get("/permanent", endpoint="permanent")(permanent)
    app.get("/clear", endpoint="clear")(clear)
    app.get("/nested", endpoint="nested")(nested)
    app.get("/marked", endpoint="marked")(marked)
    app.get("/untouched", endpoint="untouched")(lambda: "untouched")
    app.get("/read", endpoint="read")(lambda: str(f.session.get("n")))
    app.get("/pop", endpoint="pop")(lambda: str(f.session.pop("n", None)))
    app.get("/bool", endpoint="bool")(lambda: str(bool(f.session)))


@pytest.mark.parametrize("swap", [False, True])
def test_every_type_survives(both: Any, swap: bool) -> None:
    pair = both(build)
    for name in VALUES:
        pair.get(f"/put/{name}")
        if swap:
            pair.swap_cookies()
        pair.get("/show")


@pytest.mark.parametrize("swap", [False, True])
def test_a_session_s_life(both: Any, swap: bool) -> None:
    pair = both(build)
    for path in (
        "/untouched",
        "/read",
        "/bool",
        "/show",
        "/permanent",
        "/untouched",
        "/read",
        "/nested",
        "/show",
        "/marked",
        "/show",
        "/missing",
        "/pop",
        "/clear",
        "/show",
        "/clear",
        "/put/text",
        "/untouched",
        "/clear",
    ):
        pair.get(path)
        if swap:
            pair.swap_cookies()


@pytest.mark.parametrize(
    "config",
    [
        {"SESSION_REFRESH_EACH_REQUEST": False},
        {
            "SESSION_COOKIE_NAME": "sid",
            "SESSION_COOKIE_DOMAIN": "localhost",
            "SESSION_COOKIE_PATH": "/",
            "SESSION_COOKIE_HTTPONLY": False,
            "SESSION_COOKIE_SECURE": False,
            "SESSION_COOKIE_SAMESITE": "Lax",
        },
        {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_PARTITIONED": True},
        {"PERMANENT_SESSION_LIFETIME": 60},
        {"PERMANENT_SESSION_LIFETIME": dt.timedelta(minutes=3)},
        {"SECRET_KEY_FALLBACKS": ["an old secret"]},
        {"APPLICATION_ROOT": "/"},
        {"MAX_COOKIE_SIZE": 0},
    ],
)
def test_configuration(both: Any, config: dict[str, Any]) -> None:
    pair = both(build, **config)
    for path in ("/permanent", "/untouched", "/read", "/put/long", "/clear", "/untouched"):
        pair.get(path)


@pytest.mark.parametrize(
    "cookie", ["", "x", "a.b.c", "eyJhIjoxfQ.awDhBQ.KHWhzGQImCcLhBf8GXAxY3m_iIE"]
)
def test_a_cookie_that_is_not_ours_is_an_empty_session(both: Any, cookie: str) -> None:
    pair = both(build)
    pair.set_cookie("session", cookie)
    for path in ("/show", "/untouched", "/permanent"):
        pair.get(path)


def test_a_fallback_key_still_reads(both: Any) -> None:
    old = both(build, SECRET_KEY="old")
    old.get("/put/tuple")
    new = both(build, SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"])
    new._client._cookies = old._client._cookies
    new._flask_client._cookies = old._flask_client._cookies
    new.get("/show")
    new.get("/marked")


def test_without_a_secret_key_reading_works_and_writing_says_why(both: Any) -> None:
    pair = both(build, SECRET_KEY=None, PROPAGATE_EXCEPTIONS=False)
    for path in ("/read", "/untouched", "/put/text", "/show"):
        pair.get(path)


def test_an_expired_session_is_empty(both: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import itsdangerous

    pair = both(build)
    pair.get("/permanent")
    later = 1_800_000_000 + 40 * 24 * 3600
    monkeypatch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda self: later)
    pair.get("/show")


def test_session_transaction_prepares_a_login(both: Any) -> None:
    pair = both(build)
    for client in (pair._client, pair._flask_client):
        with client.session_transaction() as session:
            session["n"] = 41
    pair.get("/show")
    pair.get("/permanent")


def test_a_store_of_one_s_own(both: Any) -> None:
    stored: dict[str, dict[str, Any]] = {"flask": {}, "ours": {}}

    def setup(f: Any, app: Any) -> None:
        build(f, app)
        if f.is_flask:
            from flask.sessions import SecureCookieSession, SessionInterface
        else:
            from migrator.runtime.compat.session_cookie import (  # type: ignore[assignment]
                SecureCookieSession,
                SessionInterface,
            )
        data = stored["flask" if f.is_flask else "ours"]

        class Memory(SessionInterface):
            def open_session(self, app: Any, request: Any) -> Any:
                return SecureCookieSession(data)

            def save_session(self, app: Any, session: Any, response: Any) -> None:
                data.clear()
                data.update(session)
                response.headers["X-Saved"] = str(sorted(session))

        app.session_interface = Memory()

    pair = both(setup)
    for path in ("/untouched", "/permanent", "/show", "/clear"):
        pair.get(path)
    assert stored["flask"] == stored["ours"]
