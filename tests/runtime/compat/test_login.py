"""Logging in and out, against Flask-Login 0.6.3; the cookies of each side are valid on the other."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import flask_login
import pytest

from migrator.runtime.compat import App, jsonify, login, render_template_string
from migrator.runtime.compat import session as flask_session
from migrator.runtime.compat.login.current import UserNotLoaded


def users(module: Any) -> dict[str, Any]:
    class User(module.UserMixin):  # type: ignore[misc]
        def __init__(self, id: int, active: bool = True) -> None:
            self.id = id
            self.name = f"user {id}"
            self.active = active

        @property
        def is_active(self) -> bool:
            return self.active

    return {str(n): User(n, active=n != 3) for n in (1, 2, 3)}


def build(configure: Any = None) -> Any:
    def setup(f: Any, app: Any) -> None:
        module = flask_login if f.is_flask else login
        known = users(module)
        manager = module.LoginManager()
        manager.login_view = "auth.login"
        manager.user_loader(known.get)
        auth = f.Blueprint("auth", __name__, url_prefix="/auth")

        def log_in(user: str) -> Any:
            args = f.request.args
            seconds = args.get("seconds", type=int)
            done = module.login_user(
                known[user],
                remember="remember" in args,
                duration=timedelta(seconds=seconds) if seconds else None,
                force="force" in args,
                fresh="stale" not in args,
            )
            return f.jsonify(done)

        def log_out() -> Any:
            return f.jsonify(module.logout_user())

        def who() -> Any:
            user = module.current_user
            return f.jsonify(
                id=user.get_id(),
                name=getattr(user, "name", None),
                flags=[user.is_authenticated, user.is_active, user.is_anonymous],
                fresh=module.login_fresh(),
                session=sorted(f.session),
            )

        def confirm() -> Any:
            module.confirm_login()
            return "confirmed"

        auth.get("/login", endpoint="login")(lambda: f.jsonify(f.get_flashed_messages(True)))
        auth.get("/in/{user}", endpoint="in")(log_in)
        auth.get("/out", endpoint="out")(module.login_required(log_out))
        auth.get("/inside", endpoint="inside")(module.login_required(lambda: "inside"))
        auth.get("/fresh", endpoint="fresh")(module.fresh_login_required(lambda: "fresh"))
        auth.get("/confirm", endpoint="confirm")(confirm)
        auth.get("/logout-quietly", endpoint="quiet")(lambda: log_out())
        app.get("/who", endpoint="who")(module.login_required(who))
        app.get("/maybe", endpoint="maybe")(who)
        app.get("/page", endpoint="page")(
            lambda: f.render_template_string(
                "{{ current_user.name }}|{{ current_user.is_anonymous }}"
            )
        )
        app.route("/guarded", methods=["GET", "POST", "OPTIONS"], endpoint="guarded")(
            module.login_required(lambda: "guarded")
        )
        app.get("/plain", endpoint="plain")(lambda: "plain")
        app.register_blueprint(auth)
        manager.init_app(app)
        if configure is not None:
            configure(f, app, manager, module)

    return setup


@pytest.fixture(params=["bridged"])
def side(request: pytest.FixtureRequest) -> Any:
    """Only functions in the bridge: native code says `await get_current_user()`."""
    return request.getfixturevalue("sides")[request.param]


@pytest.fixture
def bridged(both: Any) -> Any:
    return both


LIFE = [
    "/maybe",
    "/page",
    "/auth/out",
    "/auth/login",
    "/who?x=1&y=%C3%A9",
    "/auth/login",
    "/auth/in/1",
    "/who",
    "/plain",
    "/auth/fresh",
    "/page",
    "/auth/out",
    "/who",
    "/auth/in/3",
    "/who",
    "/auth/in/3?force",
    "/who",
    "/auth/in/2?remember",
    "/who",
    "/plain",
    "/auth/logout-quietly",
    "/maybe",
    "/auth/in/2?remember&seconds=90",
    "/auth/out",
    "/auth/in/1?stale",
    "/who",
    "/auth/fresh",
    "/auth/confirm",
    "/auth/fresh",
    "/missing",
]


@pytest.mark.parametrize("swap", [False, True])
def test_a_life(bridged: Any, swap: bool) -> None:
    pair = bridged(build())
    for path in LIFE:
        pair.get(path)
        if swap:
            pair.swap_cookies()
    pair.open("/guarded", method="OPTIONS")
    pair.post("/guarded")


@pytest.mark.parametrize("swap", [False, True])
def test_the_remember_cookie_restores_a_login_that_is_not_fresh(bridged: Any, swap: bool) -> None:
    pair = bridged(build())
    pair.get("/auth/in/1?remember")
    for client in (pair._client, pair._flask_client):
        client.delete_cookie("session")
    if swap:
        pair.swap_cookies()
    for path in (
        "/who",
        "/auth/fresh",
        "/who",
        "/auth/confirm",
        "/auth/fresh",
        "/auth/out",
        "/who",
    ):
        pair.get(path)


@pytest.mark.parametrize("cookie", ["", "x", "1|abc", "|", "1|2|3"])
def test_a_forged_remember_cookie(bridged: Any, cookie: str) -> None:
    pair = bridged(build())
    pair.set_cookie("remember_token", cookie)
    pair.get("/who")
    pair.get("/maybe")


def test_a_remember_cookie_that_is_not_ascii_is_forged_too() -> None:
    """Flask-Login answers it with 500."""
    with native_app().test_client() as client:
        client.set_cookie("remember_token", "1|é")
        assert client.get("/guarded").status_code == 401


@pytest.mark.parametrize("mode", ["basic", "strong", None])
@pytest.mark.parametrize("permanent", [False, True])
def test_session_protection(bridged: Any, mode: Any, permanent: bool) -> None:
    def configure(f: Any, app: Any, manager: Any, module: Any) -> None:
        manager.session_protection = mode

        def keep() -> Any:
            f.session.permanent = True
            return "kept"

        app.get("/keep", endpoint="keep")(keep)

    pair = bridged(build(configure))
    pair.get("/auth/in/1?remember")
    if permanent:
        pair.get("/keep")
    other = {"User-Agent": "another browser"}
    for path in ("/who", "/auth/fresh", "/who"):
        pair.get(path, headers=other)
    pair.get("/who", headers={"X-Forwarded-For": "9.9.9.9, 8.8.8.8"})
    pair.get("/who")


CONFIGS: list[dict[str, Any]] = [
    {"LOGIN_DISABLED": True},
    {"USE_SESSION_FOR_NEXT": True},
    {"FORCE_HOST_FOR_REDIRECTS": "safe.example"},
    {"SESSION_PROTECTION": "strong"},
    {"AUTH_HEADER_NAME": "X-Auth"},
    {
        "REMEMBER_COOKIE_NAME": "keep",
        "REMEMBER_COOKIE_DURATION": timedelta(days=3),
        "REMEMBER_COOKIE_PATH": "/",
        "REMEMBER_COOKIE_HTTPONLY": False,
        "REMEMBER_COOKIE_SAMESITE": "Strict",
    },
    {"REMEMBER_COOKIE_DURATION": 60, "REMEMBER_COOKIE_SECURE": True},
    {"REMEMBER_COOKIE_REFRESH_EACH_REQUEST": True},
    {"REMEMBER_COOKIE_DOMAIN": "localhost"},
]


@pytest.mark.parametrize("config", CONFIGS)
def test_configuration(bridged: Any, config: dict[str, Any]) -> None:
    pair = bridged(build(), **config)
    for path in (
        "/who",
        "/auth/in/1?remember",
        "/who",
        "/plain",
        "/auth/fresh",
        "/auth/out",
        "/who",
    ):
        pair.get(path)


def _custom(f: Any, app: Any, manager: Any, module: Any) -> None:
    manager.unauthorized_handler(lambda: (f.jsonify(error="login"), 401))
    manager.needs_refresh_handler(lambda: (f.jsonify(error="stale"), 403))


def _no_view(f: Any, app: Any, manager: Any, module: Any) -> None:
    manager.login_view = None


def _messages(f: Any, app: Any, manager: Any, module: Any) -> None:
    manager.login_message = "Bitte anmelden"
    manager.login_message_category = "warning"
    manager.localize_callback = str.upper
    manager.refresh_view = "auth.login"
    manager.needs_refresh_message = "again"
    manager.needs_refresh_message_category = "info"


def _silent(f: Any, app: Any, manager: Any, module: Any) -> None:
    manager.login_message = None
    manager.login_view = "https://sso.example/login?a=1"
    manager.blueprint_login_views = {"auth": "/elsewhere"}


def _by_header(f: Any, app: Any, manager: Any, module: Any) -> None:
    known = users(module)
    manager.request_loader(lambda request: known.get(request.headers.get("X-Token", "")))


def _anonymous(f: Any, app: Any, manager: Any, module: Any) -> None:
    class Guest(module.AnonymousUserMixin):  # type: ignore[misc]
        name = "guest"

    manager.anonymous_user = Guest


def _no_loader(f: Any, app: Any, manager: Any, module: Any) -> None:
    manager._user_callback = None


@pytest.mark.parametrize(
    "configure", [_custom, _no_view, _messages, _silent, _by_header, _anonymous, _no_loader]
)
def test_managers(bridged: Any, configure: Any) -> None:
    pair = bridged(build(configure))
    for headers in ({}, {"X-Token": "2"}):
        for path in (
            "/who",
            "/maybe",
            "/auth/inside",
            "/auth/login",
            "/auth/in/1?stale",
            "/auth/fresh",
            "/auth/login",
            "/auth/in/1",
            "/auth/logout-quietly",
        ):
            pair.get(path, headers=headers)


def test_a_vanished_user_is_anonymous(bridged: Any) -> None:
    def configure(f: Any, app: Any, manager: Any, module: Any) -> None:
        def forget() -> Any:
            manager.user_loader(lambda user_id: None)
            return "forgotten"

        app.get("/forget", endpoint="forget")(forget)

    pair = bridged(build(configure))
    for path in ("/auth/in/1", "/who", "/forget", "/who", "/maybe"):
        pair.get(path)


# Native code


def native_app() -> App:
    app = App("native", static_folder=None)
    app.config.update(SECRET_KEY="x", TESTING=True)
    known = users(login)
    manager = login.LoginManager(app)

    @manager.user_loader
    async def load(user_id: str) -> Any:
        await asyncio.sleep(0)
        return known.get(user_id)

    @app.get("/in/{user}")
    async def log_in(user: str) -> Any:
        return jsonify(login.login_user(known[user]))

    @app.get("/who")
    async def who() -> Any:
        user = await login.get_current_user()
        return jsonify(user.get_id())

    @app.get("/guarded")
    @login.login_required
    async def guarded() -> Any:
        return jsonify(login.current_user.get_id())

    @app.get("/fresh")
    @login.fresh_login_required
    async def fresh() -> Any:
        return "fresh"

    @app.get("/careless")
    async def careless() -> Any:
        return jsonify(login.current_user.get_id())

    @app.get("/bridged")
    def bridged() -> Any:
        return jsonify(login.current_user.get_id())

    return app


def test_native_views_and_an_async_loader() -> None:
    with native_app().test_client() as client:
        assert client.get("/guarded").status_code == 401
        assert client.get("/who").json is None
        assert client.get("/in/1").json is True
        assert client.get("/who").json == "1"
        assert client.get("/guarded").json == "1"
        assert client.get("/bridged").json == "1"
        assert client.get("/fresh").data == b"fresh"


def test_current_user_in_native_code_says_what_to_do() -> None:
    with (
        native_app().test_client() as client,
        pytest.raises(UserNotLoaded, match="get_current_user"),
    ):
        client.get("/careless")


def test_current_user_in_a_script_is_loaded_where_it_is_used() -> None:
    app = native_app()
    with app.test_request_context("/x"):
        flask_session["_user_id"] = "2"
        assert login.current_user.get_id() == "2"
        assert render_template_string("{{ current_user.name }}") == "user 2"


def test_the_helpers() -> None:
    with native_app().test_request_context("/x?y=1"):
        for payload in ("1", "é|x", ""):
            cookie = login.encode_cookie(payload)
            assert login.decode_cookie(cookie) == payload
            assert login.decode_cookie(cookie, key="other") is None
        assert login.decode_cookie("nothing") is None
        assert login.login_url("/login", "http://localhost/x?y=1") == "/login?next=%2Fx%3Fy%3D1"
        assert login.make_next_param("https://sso/x", "http://here/y") == "http://here/y"
