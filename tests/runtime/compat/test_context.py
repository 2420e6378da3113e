"""`current_app`, `g` and `request` inside and outside of requests."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from migrator.runtime.compat import (
    App,
    after_this_request,
    copy_current_request_context,
    current_app,
    g,
    has_app_context,
    has_request_context,
    jsonify,
    request,
    session,
    url_for,
)


def test_outside_everything_says_why() -> None:
    assert not has_app_context()
    assert not has_request_context()
    assert not bool(request)
    for proxy in (current_app, g):
        with pytest.raises(RuntimeError, match="outside of application context"):
            proxy.name  # noqa: B018
    for proxy in (request, session):
        with pytest.raises(RuntimeError, match="outside of request context"):
            proxy.keys  # type: ignore[union-attr]  # noqa: B018
    with pytest.raises(RuntimeError, match="request context"):
        after_this_request(lambda response: response)
    with pytest.raises(RuntimeError, match="outside of application context"):
        jsonify(1)


def test_a_sync_app_context() -> None:
    app = App(__name__, static_folder=None)
    errors: list[Any] = []
    app.teardown_appcontext(errors.append)
    app.get("/x/{n:int}", name="x")(lambda n: "")
    with app.app_context():
        assert current_app.name == app.name
        g.value = 1
        assert has_app_context()
        assert not has_request_context()
        with pytest.raises(RuntimeError, match="SERVER_NAME"):
            url_for("x", n=1)
        with app.app_context():
            assert "value" not in g
        app.config["SERVER_NAME"] = "shop.example"
    with app.app_context():
        assert url_for("x", n=1) == "http://shop.example/x/1"
        assert url_for("x", n=1, _scheme="https", _anchor="ä b") == (
            "https://shop.example/x/1#%C3%A4%20b"
        )
    assert errors == [None, None, None]


def test_a_test_request_context() -> None:
    app = App(__name__, static_folder=None)
    app.secret_key = "x"
    app.get("/x/{n:int}", name="x")(lambda n: "")
    with app.test_request_context("/x/3?q=1", method="GET"):
        assert request.path == "/x/3"
        assert request.view_args == {"n": 3}
        assert request.endpoint == "x"
        assert request.args["q"] == "1"
        assert url_for("x", n=4) == "/x/4"
        session["a"] = 1
        assert session["a"] == 1
    assert not has_request_context()


def test_tasks_and_threads_see_their_request() -> None:
    app = App(__name__, static_folder=None)

    @app.get("/{name}")
    async def view(name: str) -> Any:
        g.name = name
        seen: list[str] = []

        @copy_current_request_context
        def in_thread() -> None:
            # As in Flask, with a `g` of its own.
            seen.append(f"thread {request.path} {'name' in g}")

        def without() -> None:
            seen.append(f"bare {has_request_context()}")

        async def in_task() -> None:
            seen.append(f"task {request.path} {g.name}")

        await asyncio.create_task(in_task())
        for target in (in_thread, without):
            thread = threading.Thread(target=target)
            thread.start()
            await asyncio.to_thread(thread.join)
        return jsonify(seen)

    with app.test_client() as client:
        assert client.get("/a").json == ["task /a a", "thread /a False", "bare False"]


def test_nothing_is_left_behind() -> None:
    app = App(__name__, static_folder=None)
    app.get("/", name="index")(lambda: "x")

    async def main() -> None:
        from migrator.runtime.compat.testing import call_asgi, environ_of, scope_of

        for path in ("/", "/missing"):
            await call_asgi(app, scope_of(environ_of(app, path)))
            assert not has_request_context()
            assert not has_app_context()

    asyncio.run(main())


def test_url_building(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/a/{n:int}", endpoint="a")(lambda n: "")
        app.get("/p/{p:flask_path}", endpoint="p")(lambda p: "")
        app.post("/a", endpoint="post")(lambda: "")
        app.get("/build", endpoint="build")(
            lambda: f.jsonify(
                [
                    f.url_for("a", n=1),
                    f.url_for("a", n=1, x="ä b", y=[1, 2], z=None),
                    f.url_for("a", n="7"),
                    f.url_for("p", p="a/b c/é"),
                    f.url_for("a", n=1, _anchor="x y/é?"),
                    f.url_for("a", n=1, _external=True),
                    f.url_for("a", n=1, _external=True, _scheme="https"),
                    f.url_for("a", n=1, _scheme="https"),
                    f.url_for("post", _method="POST"),
                    f.url_for(".a", n=2),
                    str(f.request.url_rule),
                ]
            )
        )
        app.get("/unknown", endpoint="unknown")(lambda: f.url_for("nothing.here", a=1))
        app.get("/lacking", endpoint="lacking")(lambda: f.url_for("a"))
        app.get("/scheme", endpoint="scheme")(
            lambda: f.url_for("a", n=1, _scheme="https", _external=False)
        )

    pair = both(setup)
    for path in ("/build", "/unknown", "/lacking", "/scheme"):
        pair.get(path)


def test_build_error_handlers_and_the_mount_s_fallback(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        def handler(error: Any, endpoint: str, values: dict[str, Any]) -> Any:
            return f"/handled/{endpoint}/{sorted(values)}" if endpoint == "known" else None

        app.url_build_error_handlers.append(handler)
        app.get("/{name}", endpoint="build")(lambda name: f.url_for(name, x=1))

    pair = both(setup)
    pair.get("/known")
    pair.get("/unknown")
    asked: list[Any] = []

    def fallback(endpoint: str, values: dict[str, Any], **options: Any) -> str | None:
        asked.append((endpoint, values, options))
        return "/legacy?x=1" if endpoint == "legacy.view" else None

    pair.ours.url_build_fallback = fallback
    with pair.ours.test_client() as client:
        assert client.get("/legacy.view").data == b"/legacy?x=1"
        assert client.get("/known").data.startswith(b"/handled/known")
    options = {"method": None, "scheme": None, "external": False, "anchor": None}
    assert asked[0] == ("legacy.view", {"x": 1}, options)
