"""Which side answers: full match → FastAPI, everything else → Flask, as one Flask would."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from flask import Blueprint, Flask, Response, redirect, url_for
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route, Router
from starlette.staticfiles import StaticFiles

from migrator.runtime.mount import mount_legacy

Ask = Callable[..., httpx.Response]


def orders(*names: str) -> Flask:
    """A legacy application with the views `names` of an orders blueprint."""
    app = Flask("legacy")
    bp = Blueprint("orders", "legacy", url_prefix="/orders")
    views: dict[str, tuple[str, list[str]]] = {
        "list": ("/", ["GET"]),
        "create": ("/", ["POST"]),
        "show": ("/<int:order_id>", ["GET"]),
        "replace": ("/<int:order_id>", ["PUT"]),
        "by_slug": ("/<slug>", ["GET"]),
        "new": ("/new", ["GET"]),
        "lines": ("/<int:order_id>/lines/", ["GET", "POST"]),
    }
    for name in names or views:
        path, methods = views[name]
        bp.add_url_rule(
            path, name, lambda name=name, **values: f"flask {name} {values}", methods=methods
        )
    app.register_blueprint(bp)
    return app


def says(text: str) -> Callable[..., object]:
    """A FastAPI view that answers `text`."""

    async def view() -> PlainTextResponse:
        return PlainTextResponse(text)

    return view


@pytest.fixture
def target() -> FastAPI:
    return FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


def test_a_full_match_is_fastapis_and_everything_else_flasks(ask: Ask, target: FastAPI) -> None:
    target.get("/orders/{order_id:int}")(says("fastapi show"))
    app = mount_legacy(orders(), target)
    assert ask(app, "GET", "/orders/1").text == "fastapi show"
    assert ask(app, "PUT", "/orders/1").text == "flask replace {'order_id': 1}"
    assert ask(app, "GET", "/orders/abc").text == "flask by_slug {'slug': 'abc'}"
    assert ask(app, "POST", "/orders/").text == "flask create {}"


def test_head_of_a_migrated_get_does_not_run_the_old_view(ask: Ask, target: FastAPI) -> None:
    ran = []
    legacy = Flask("legacy")

    @legacy.get("/page")
    def page() -> str:
        ran.append("flask")
        return "flask"

    target.get("/page")(says("from fastapi"))
    answer = ask(mount_legacy(legacy, target), "HEAD", "/page")
    assert (answer.status_code, answer.content, ran) == (200, b"", [])
    assert answer.headers["content-length"] == str(len("from fastapi"))


def test_head_works_where_the_old_view_is_gone(ask: Ask, target: FastAPI) -> None:
    target.get("/page")(says("from fastapi"))
    answer = ask(mount_legacy(Flask("legacy"), target), "HEAD", "/page")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_head_route_of_fastapis_own_is_run(ask: Ask, target: FastAPI) -> None:
    target.get("/page")(says("get"))
    target.head("/page", status_code=204)(lambda: None)
    assert ask(mount_legacy(Flask("legacy"), target), "HEAD", "/page").status_code == 204


@pytest.mark.parametrize("method", ["OPTIONS", "DELETE", "TRACE"])
@pytest.mark.parametrize("path", ["/orders/1", "/orders/", "/orders/7/lines/", "/orders/new"])
@pytest.mark.parametrize("legacy_kept", [True, False])
def test_options_and_405_are_what_one_flask_would_answer(
    ask: Ask, target: FastAPI, method: str, path: str, legacy_kept: bool
) -> None:
    whole = orders()
    expected = whole.test_client().open(path, method=method)
    target.get("/orders/{order_id:int}")(says("show"))
    target.get("/orders/")(says("list"))
    target.api_route("/orders/{order_id:int}/lines/", methods=["GET", "POST"])(says("lines"))
    legacy = orders() if legacy_kept else orders("create", "replace", "by_slug", "new")

    answer = ask(mount_legacy(legacy, target), method, path)

    assert answer.status_code == expected.status_code
    assert answer.content == expected.data
    assert {name.lower() for name in answer.headers} == {
        name.lower() for name, _ in expected.headers
    }
    assert answer.headers["content-type"] == expected.headers["content-type"]
    assert answer.headers["content-length"] == expected.headers["content-length"]
    allowed = set(answer.headers["allow"].split(", "))
    assert allowed == set(expected.headers["allow"].split(", "))


def test_405_of_a_migrated_path_goes_through_the_legacy_error_handler(
    ask: Ask, target: FastAPI
) -> None:
    legacy = Flask("legacy")
    legacy.register_error_handler(405, lambda error: ("our own page", 405))
    target.get("/page")(says("page"))
    assert ask(mount_legacy(legacy, target), "POST", "/page").text == "our own page"


def test_options_of_a_route_that_has_its_own_names_the_methods_of_both(
    ask: Ask, target: FastAPI
) -> None:
    @target.options("/orders/{order_id:int}")
    async def options(order_id: int) -> PlainTextResponse:
        return PlainTextResponse("", headers={"Allow": "OPTIONS"})

    answer = ask(mount_legacy(orders("replace"), target), "OPTIONS", "/orders/1")
    assert set(answer.headers["allow"].split(", ")) == {"OPTIONS", "PUT"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/items", "http://localhost/items/"),
        ("/items?a=1&a=%20x", "http://localhost/items/?a=1&a=%20x"),
        ("//items//", "http://localhost/items/"),
    ],
)
def test_a_missing_slash_is_a_308_and_keeps_the_query(
    ask: Ask, target: FastAPI, path: str, expected: str
) -> None:
    target.get("/items/")(says("items"))
    legacy = Flask("other")
    legacy.add_url_rule("/items/", "items", lambda: "items")
    info, _, query = path.partition("?")
    environ = {"PATH_INFO": info, "QUERY_STRING": query}
    flask_alone = legacy.test_client().get(environ_overrides=environ)
    answer = ask(mount_legacy(Flask("legacy"), target), "GET", f"http://localhost{path}")
    assert (answer.status_code, answer.headers["location"]) == (308, expected)
    assert answer.content == flask_alone.data


def test_a_slash_too_many_is_flasks_404(ask: Ask, target: FastAPI) -> None:
    target.get("/items")(says("items"))
    answer = ask(mount_legacy(Flask("legacy"), target), "GET", "/items/")
    assert answer.status_code == 404
    assert "<title>404 Not Found</title>" in answer.text


def test_strict_slashes_do_not_redirect_fastapis_paths(ask: Ask, target: FastAPI) -> None:
    target.get("/items/")(says("items"))
    app = mount_legacy(Flask("legacy"), target, slash_policy="strict")
    assert ask(app, "GET", "/items/").text == "items"
    assert ask(app, "GET", "/items").status_code == 404


def test_an_unknown_slash_policy_is_refused(target: FastAPI) -> None:
    with pytest.raises(ValueError, match="'redirect' or 'strict'"):
        mount_legacy(Flask("legacy"), target, slash_policy="both")  # type: ignore[arg-type]  # that is the point


def test_routes_added_after_the_mount_count(ask: Ask, target: FastAPI) -> None:
    router = APIRouter(prefix="/a")
    target.include_router(router, prefix="/api")
    app = mount_legacy(Flask("legacy"), target)
    assert ask(app, "GET", "/late").status_code == 404

    target.get("/late/")(says("late"))
    assert ask(app, "GET", "/late/").text == "late"
    assert ask(app, "GET", "/late").status_code == 308

    later = APIRouter(prefix="/b")
    later.get("/c")(says("deep"))
    target.include_router(later)
    assert ask(app, "GET", "/b/c").text == "deep"
    assert ask(app, "POST", "/b/c").status_code == 405


def test_included_routers_are_seen_with_all_their_prefixes(ask: Ask, target: FastAPI) -> None:
    inner = APIRouter(prefix="/inner")
    inner.get("/{name}")(says("inner"))
    outer = APIRouter(prefix="/outer")
    outer.include_router(inner, prefix="/v1")
    target.include_router(outer, prefix="/api")
    app = mount_legacy(orders(), target)
    assert ask(app, "GET", "/api/outer/v1/inner/x").text == "inner"
    assert ask(app, "GET", "/inner/x").status_code == 404


def test_an_unmigrated_rule_that_is_more_specific_stays_reachable(
    ask: Ask, target: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    target.get("/orders/{slug}", name="orders.by_slug")(says("fastapi slug"))
    app = mount_legacy(orders(), target)
    assert ask(app, "GET", "/orders/abc").text == "fastapi slug"
    with caplog.at_level(logging.WARNING, "migrator.mount"):
        assert ask(app, "GET", "/orders/new").text == "flask new {}"
        assert ask(app, "GET", "/orders/new").text == "flask new {}"
        assert ask(app, "GET", "/orders/5").text == "flask show {'order_id': 5}"
    assert [record.getMessage().split(",")[0] for record in caplog.records] == [
        "GET /orders/new matches the FastAPI route 'orders.by_slug'"
    ]


def test_order_among_fastapis_routes_does_not_make_the_wrong_one_answer(
    ask: Ask, target: FastAPI
) -> None:
    # FastAPI takes the first route that matches, Flask the most specific one.
    target.get("/orders/{slug}", name="orders.by_slug")(says("fastapi slug"))
    target.get("/orders/new", name="orders.new")(says("fastapi new"))
    assert ask(mount_legacy(orders(), target), "GET", "/orders/new").text == "flask new {}"


def test_the_same_endpoint_answers_only_what_the_legacy_rule_would_match(
    ask: Ask, target: FastAPI
) -> None:
    target.get("/orders/{order_id}", name="orders.show")(says("fastapi show"))
    app = mount_legacy(orders("show"), target)
    assert ask(app, "GET", "/orders/1").text == "fastapi show"
    missing = ask(app, "GET", "/orders/abc")
    assert (missing.status_code, "<title>404 Not Found</title>" in missing.text) == (404, True)


def test_another_name_and_the_same_shape_is_a_replacement(ask: Ask, target: FastAPI) -> None:
    target.get("/orders/{number:int}")(says("fastapi"))
    assert ask(mount_legacy(orders("show"), target), "GET", "/orders/1").text == "fastapi"


def test_a_canonical_redirect_of_the_legacy_rule_is_kept(ask: Ask, target: FastAPI) -> None:
    legacy = Flask("legacy")
    legacy.add_url_rule("/users/", "users", str, defaults={"page": 1})
    legacy.add_url_rule("/users/page/<int:page>", "users", str)
    target.get("/users/page/{page:int}", name="users")(says("page"))
    app = mount_legacy(legacy, target)
    assert ask(app, "GET", "/users/page/2").text == "page"
    first = ask(app, "GET", "/users/page/1")
    assert (first.status_code, first.headers["location"]) == (308, "http://localhost/users/")


def test_a_404_is_always_flasks(ask: Ask, target: FastAPI) -> None:
    legacy = Flask("legacy")
    legacy.register_error_handler(404, lambda error: ("nothing here", 404))
    sub = FastAPI()
    sub.get("/known")(says("known"))
    target.mount("/sub", sub)
    target.get("/page")(says("page"))
    app = mount_legacy(legacy, target)
    assert ask(app, "GET", "/unknown").text == "nothing here"
    assert ask(app, "GET", "/sub/known").text == "known"
    assert ask(app, "GET", "/sub/unknown").text == "nothing here"


def test_a_view_of_fastapis_may_say_404(ask: Ask, target: FastAPI) -> None:
    target.get("/page", status_code=404)(lambda: {"gone": True})
    assert ask(mount_legacy(Flask("legacy"), target), "GET", "/page").json() == {"gone": True}


def test_a_mounted_folder_is_fastapis(ask: Ask, target: FastAPI, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("from the folder")
    target.mount("/static", StaticFiles(directory=tmp_path))
    app = mount_legacy(Flask("legacy"), target)
    assert ask(app, "GET", "/static/a.txt").text == "from the folder"
    assert ask(app, "HEAD", "/static/a.txt").headers["content-length"] == "15"


def test_a_mount_at_the_root_does_not_hide_the_legacy_application(
    ask: Ask, target: FastAPI, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("from the folder")
    target.mount("/", StaticFiles(directory=tmp_path))
    app = mount_legacy(orders(), target)
    assert ask(app, "GET", "/orders/1").text == "flask show {'order_id': 1}"
    assert ask(app, "GET", "/a.txt").text == "from the folder"


def test_a_host_is_asked(ask: Ask, target: FastAPI) -> None:
    inner = Router([Route("/page", lambda request: PlainTextResponse("by host"))])
    target.router.routes.append(Host("api.localhost", inner))
    app = mount_legacy(orders(), target)
    assert ask(app, "GET", "http://api.localhost/page").text == "by host"
    assert ask(app, "GET", "http://localhost/page").status_code == 404
    assert ask(app, "GET", "http://api.localhost/orders/new").text == "flask new {}"


def test_starlette_routes_and_nested_mounts_are_seen(ask: Ask, target: FastAPI) -> None:
    view = Route("/deep", lambda request: PlainTextResponse("deep"))
    target.router.routes.append(Mount("/m/{tenant}", routes=[Mount("/n", routes=[view])]))
    app = mount_legacy(Flask("legacy"), target)
    assert ask(app, "GET", "/m/acme/n/deep").text == "deep"
    assert "<title>404 Not Found" in ask(app, "GET", "/m/acme/n/other").text


def test_flask_builds_urls_of_what_only_fastapi_has(ask: Ask, target: FastAPI) -> None:
    legacy = Flask("legacy")
    legacy.add_url_rule("/go", "go", lambda: redirect(url_for("orders.show", order_id=5, q="x")))
    target.get("/orders/{order_id:int}", name="orders.show")(says("show"))
    answer = ask(mount_legacy(legacy, target), "GET", "/go")
    assert answer.headers["location"] == "/orders/5?q=x"


def test_a_coincidence_of_names_does_not_change_what_flask_builds(
    ask: Ask, target: FastAPI
) -> None:
    legacy = Flask("legacy")
    legacy.add_url_rule("/", "index", lambda: url_for("index"))
    target.get("/v2", name="index")(says("v2"))
    app = mount_legacy(legacy, target)
    assert ask(app, "GET", "/").text == "/"
    assert ask(app, "GET", "/v2").text == "v2"


def test_hosts_and_subdomains_of_the_legacy_application(ask: Ask, target: FastAPI) -> None:
    legacy = Flask("legacy", subdomain_matching=True)
    legacy.config["SERVER_NAME"] = "example.org"
    legacy.add_url_rule("/page", "api", lambda: "api", subdomain="api")
    target.get("/page")(says("fastapi"))
    target.get("/{anything}/x")(says("fastapi"))
    app = mount_legacy(legacy, target)
    assert ask(app, "GET", "http://example.org/page").text == "fastapi"
    by_host = Flask("legacy", host_matching=True, static_host="www.example.org")
    by_host.add_url_rule("/a/x", "a", lambda: "a", host="www.example.org")
    app = mount_legacy(by_host, target)
    assert ask(app, "GET", "http://www.example.org/a/x").text == "a"
    assert ask(app, "GET", "http://example.org/a/x").text == "fastapi"


def test_a_root_path_is_cut_off_on_both_sides(ask: Ask, target: FastAPI) -> None:
    legacy = Flask("legacy")
    legacy.add_url_rule("/old", "old", lambda: url_for("old"))
    target.get("/new")(says("new"))
    app = mount_legacy(legacy, target)
    assert ask(app, "GET", "/api/new", root_path="/api").text == "new"
    assert ask(app, "GET", "/api/old", root_path="/api").text == "/api/old"


def test_a_root_path_of_fastapis_own_is_not_flasks(ask: Ask, target: FastAPI) -> None:
    legacy = Flask("legacy")
    legacy.add_url_rule("/old", "old", lambda: url_for("old"))
    target.root_path = "/api"
    target.get("/new")(says("new"))
    app = mount_legacy(legacy, target)
    assert ask(app, "GET", "/api/new").text == "new"
    assert ask(app, "GET", "/new").text == "new"
    assert ask(app, "GET", "/old").text == "/old"


def test_each_side_has_its_own_middleware(ask: Ask) -> None:
    class Marks:
        def __init__(self, app: object) -> None:
            self.app = app

        async def __call__(self, scope: object, receive: object, send: object) -> None:
            await PlainTextResponse("marked")(scope, receive, send)  # type: ignore[arg-type]  # typed loosely for brevity

    target = FastAPI(middleware=[Middleware(Marks)])
    target.get("/new")(says("new"))
    legacy = Flask("legacy")
    legacy.after_request(lambda response: Response("hooked"))
    app = mount_legacy(legacy, target)
    assert ask(app, "GET", "/new").text == "marked"
    assert ask(app, "GET", "/old").text == "hooked"
