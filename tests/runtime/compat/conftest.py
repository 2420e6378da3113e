"""The same small application on Flask and on compat, the same requests to both, everything compared.

Flask is the oracle: a test describes an application once, by names that both sides have, and each
request that it sends asserts that status, headers, body and cookies are equal. Compat is tried
twice: with the functions as they are (in the bridge), and as coroutine functions.
"""

from __future__ import annotations

import functools
import inspect
import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import flask
import itsdangerous
import pytest
from werkzeug.http import parse_date
from werkzeug.test import TestResponse

from migrator.runtime import compat
from migrator.runtime.compat.rules import as_flask_rule

NAMES = [
    "Response",
    "abort",
    "after_this_request",
    "current_app",
    "flash",
    "g",
    "get_flashed_messages",
    "jsonify",
    "get_template_attribute",
    "make_response",
    "redirect",
    "render_template",
    "render_template_string",
    "request",
    "send_file",
    "send_from_directory",
    "session",
    "stream_with_context",
    "url_for",
    "has_request_context",
]


class FastApiPaths:
    """Lets Flask take a path as the codemod writes it."""

    def add_url_rule(self, rule: str, *args: Any, **options: Any) -> Any:
        return super().add_url_rule(as_flask_rule(rule), *args, **options)  # type: ignore[misc]


class FlaskApp(FastApiPaths, flask.Flask):
    pass


class FlaskBlueprint(FastApiPaths, flask.Blueprint):
    pass


@functools.cache  # one function for two rules stays one function
def coroutine_function(f: Any) -> Any:
    """`f` as native code; a generator function keeps returning its generator."""
    if inspect.iscoroutinefunction(f):
        return f

    @functools.wraps(f)
    async def native(*args: Any, **kwargs: Any) -> Any:
        return f(*args, **kwargs)

    return native


class Async:
    """Turns whatever is registered into coroutine functions."""

    def add_view(self, path: str, view_func: Any, **options: Any) -> None:
        if view_func is not None and not hasattr(view_func, "__func__"):
            view_func = coroutine_function(view_func)
        super().add_view(path, view_func, **options)  # type: ignore[misc]

    def register_error_handler(self, key: Any, f: Any) -> None:
        super().register_error_handler(key, coroutine_function(f))  # type: ignore[misc]

    def before_request(self, f: Any) -> Any:
        super().before_request(coroutine_function(f))  # type: ignore[misc]
        return f

    def after_request(self, f: Any) -> Any:
        super().after_request(coroutine_function(f))  # type: ignore[misc]
        return f

    def teardown_request(self, f: Any) -> Any:
        super().teardown_request(coroutine_function(f))  # type: ignore[misc]
        return f

    def teardown_appcontext(self, f: Any) -> Any:
        super().teardown_appcontext(coroutine_function(f))  # type: ignore[misc]
        return f


class AsyncApp(Async, compat.App):
    pass


class AsyncBlueprint(Async, compat.Blueprint):  # type: ignore[misc]
    pass


def _side(module: Any, app: type, blueprint: type) -> Any:
    side = SimpleNamespace(**{name: getattr(module, name) for name in NAMES})
    side.App, side.Blueprint, side.module = app, blueprint, module
    side.is_flask = module is flask
    return side


FLASK = _side(flask, FlaskApp, FlaskBlueprint)
SIDES = {
    "bridged": _side(compat, compat.App, compat.Blueprint),
    "native": _side(compat, AsyncApp, AsyncBlueprint),
}
_EXPIRES = re.compile(r"(Expires=)([^;]+)")


def _headers(response: TestResponse) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in response.headers]


def _same_moment(one: str, other: str) -> bool:
    first, second = parse_date(one), parse_date(other)
    return first is not None and second is not None and abs(first - second) < timedelta(seconds=3)


def assert_same(ours: TestResponse, flasks: TestResponse) -> None:
    """Everything the client sees; clock readings may be two seconds apart."""
    assert (ours.status_code, ours.data) == (flasks.status_code, flasks.data)
    mine, theirs = _headers(ours), _headers(flasks)
    assert [name for name, _ in mine] == [name for name, _ in theirs]
    for (name, value), (_, expected) in zip(mine, theirs, strict=True):
        if value == expected:
            continue
        if name == "date":
            assert _same_moment(value, expected)
        elif name == "set-cookie":
            assert _EXPIRES.sub("", value) == _EXPIRES.sub("", expected)
            times = _EXPIRES.search(value), _EXPIRES.search(expected)
            assert times[0] is not None
            assert times[1] is not None
            assert _same_moment(times[0][2], times[1][2])
        else:
            assert (name, value) == (name, expected)


class Both:
    """A client of both applications; every request is compared, ours is returned."""

    def __init__(self, ours: Any, flasks: Any) -> None:
        self.ours, self.flasks = ours, flasks
        self._client, self._flask_client = ours.test_client(), flasks.test_client()

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """`data` may be a function that makes it, and `stream_of` is sent as a stream: both are
        made for each side.
        """

        content = kwargs.pop("stream_of", None)

        def sent_by(client: Any) -> TestResponse:
            if content is not None:
                kwargs["input_stream"] = io.BytesIO(content)
            data = kwargs.get("data")
            fresh = {**kwargs, "data": data()} if callable(data) else kwargs
            response: TestResponse = client.open(*args, **fresh)
            return response

        expected, response = sent_by(self._flask_client), sent_by(self._client)
        assert_same(response, expected)
        for answered in (response, expected):
            answered.close()
        return response

    def get(self, *args: Any, **kwargs: Any) -> TestResponse:
        return self.open(*args, method="GET", **kwargs)

    def post(self, *args: Any, **kwargs: Any) -> TestResponse:
        return self.open(*args, method="POST", **kwargs)

    def set_cookie(self, *args: Any, **kwargs: Any) -> None:
        self._client.set_cookie(*args, **kwargs)
        self._flask_client.set_cookie(*args, **kwargs)

    def swap_cookies(self) -> None:
        """Each side goes on with the cookies that the other one set."""
        one, other = self._client, self._flask_client
        one._cookies, other._cookies = other._cookies, one._cookies

    def close(self) -> None:
        self._client.close()


MakeBoth = Callable[..., Both]


@pytest.fixture
def sides() -> dict[str, Any]:
    """Every way to write compat's side."""
    return SIDES


@pytest.fixture(params=sorted(SIDES))
def side(request: pytest.FixtureRequest) -> Any:
    """Compat's names, for bridged and for native functions."""
    return SIDES[request.param]


@pytest.fixture
def both(side: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeBoth]:
    """`both(setup, import_name=…, **config)`: `setup(f, app)` runs once for each side."""
    monkeypatch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda self: 1_800_000_000)
    made: list[Both] = []

    def make(
        setup: Callable[[Any, Any], Any],
        *,
        import_name: str = __name__,
        options: dict[str, Any] | None = None,
        **config: Any,
    ) -> Both:
        apps = []
        for names in (side, FLASK):
            app = names.App(import_name, **{"static_folder": None, **(options or {})})
            app.config.update({"SECRET_KEY": "a secret", **config})
            setup(names, app)
            apps.append(app)
        pair = Both(*apps)
        made.append(pair)
        return pair

    yield make
    for pair in made:
        pair.close()
