"""A converted application beside the legacy one that it came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from flask import Blueprint as FlaskBlueprint
from flask import Flask, current_app
from flask import url_for as flask_url_for

from migrator.errors import EXIT_USAGE, RouteMismatch
from migrator.runtime.compat import App, Blueprint, url_for
from migrator.runtime.mount import mount_legacy

Ask = Callable[..., httpx.Response]

RULES: dict[str, tuple[str, list[str]]] = {
    "list": ("/", ["GET"]),
    "create": ("/", ["POST"]),
    "show": ("/<int:order_id>", ["GET"]),
    "replace": ("/<int:order_id>", ["PUT"]),
    "by_slug": ("/<slug>", ["GET"]),
    "new": ("/new", ["GET"]),
    "file": ("/files/<path:name>", ["GET"]),
}


def legacy(*names: str) -> Flask:
    app = Flask("legacy")
    bp = FlaskBlueprint("orders", "legacy", url_prefix="/orders")
    for name in names or RULES:
        path, methods = RULES[name]
        bp.add_url_rule(
            path, name, lambda name=name, **values: f"flask {name} {values}", methods=methods
        )
    app.register_blueprint(bp)
    return app


def view(name: str, **parameters: type) -> Callable[..., Any]:
    def plain(**values: Any) -> str:
        return f"converted {name} {values}"

    return plain


def converted(*names: str) -> App:
    app = App("target")
    bp = Blueprint("orders", "target", url_prefix="/orders")
    paths = {
        "list": "/",
        "create": "/",
        "show": "/{order_id:int}",
        "replace": "/{order_id:int}",
        "by_slug": "/{slug}",
        "new": "/new",
        "file": "/files/{name:flask_path}",
    }
    for name in names:
        bp.api_route(paths[name], methods=RULES[name][1], name=name)(view(name))
    app.register_blueprint(bp)
    return app


def test_each_endpoint_is_answered_by_the_side_that_has_it(ask: Ask) -> None:
    app = mount_legacy(legacy(), converted("show", "by_slug", "file"))
    expected = {
        "/orders/": "flask list {}",
        "/orders/1": "converted show {'order_id': 1}",
        "/orders/abc": "converted by_slug {'slug': 'abc'}",
        "/orders/new": "flask new {}",
        "/orders/files/a/b": "converted file {'name': 'a/b'}",
    }
    assert {path: ask(app, "GET", path).text for path in expected} == expected


def test_the_order_of_registration_does_not_count(ask: Ask) -> None:
    app = mount_legacy(legacy(), converted("by_slug", "new", "show"))
    assert ask(app, "GET", "/orders/new").text == "converted new {}"
    assert ask(app, "GET", "/orders/7").text == "converted show {'order_id': 7}"


def test_digits_that_are_not_ascii_match_as_in_flask(ask: Ask) -> None:
    app = mount_legacy(legacy("show"), converted("show"))
    assert ask(app, "GET", "/orders/٣").text == "converted show {'order_id': 3}"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "POST"])
@pytest.mark.parametrize("path", ["/orders/1", "/orders/", "/orders", "/orders/new", "/no"])
@pytest.mark.parametrize("kept", [True, False])
def test_the_whole_answers_as_the_legacy_application_alone(
    ask: Ask, method: str, path: str, kept: bool
) -> None:
    alone = legacy().test_client().open(path, method=method)
    migrated = ("show", "new", "list")
    rest = () if kept else tuple(name for name in RULES if name not in migrated)
    answer = ask(mount_legacy(legacy(*rest), converted(*migrated)), method, path)

    assert answer.status_code == alone.status_code
    assert answer.text == alone.text.replace("flask show", "converted show").replace(
        "flask new", "converted new"
    ).replace("flask list", "converted list")
    names = [name.lower() for name, _ in alone.headers]
    assert sorted(answer.headers) == sorted(names)
    for name, value in alone.headers:
        if name == "Allow":
            assert set(answer.headers["allow"].split(", ")) == set(value.split(", "))
        elif name != "Content-Length":
            assert answer.headers[name] == value


def test_urls_of_the_other_side_are_built_on_both(ask: Ask) -> None:
    flask_app, target = legacy("show"), converted("list")
    flask_app.add_url_rule(
        "/from-flask", "from_flask", lambda: flask_url_for("orders.list", page=2)
    )

    @target.get("/from-target")
    def from_target() -> str:
        return " ".join(
            [
                url_for("orders.show", order_id=1, q="a b", _anchor="x y"),
                url_for("orders.show", order_id=1, _external=True, _scheme="https"),
                url_for("from_target"),
            ]
        )

    app = mount_legacy(flask_app, target)
    assert ask(app, "GET", "/from-flask").text == "/orders/?page=2"
    assert ask(app, "GET", "/from-target").text == (
        "/orders/1?q=a+b#x%20y https://localhost/orders/1 /from-target"
    )
    assert ask(app, "GET", "/api/from-flask", root_path="/api").text == "/api/orders/?page=2"
    assert ask(app, "GET", "/api/from-target", root_path="/api").text.startswith("/api/orders/1?")


def test_an_endpoint_that_nobody_has_is_a_build_error(ask: Ask) -> None:
    target = converted()

    @target.get("/broken")
    def broken() -> str:
        return url_for("no.such")

    assert ask(mount_legacy(legacy(), target), "GET", "/broken").status_code == 500


def test_urls_outside_a_request_need_a_server_name() -> None:
    flask_app, target = legacy("show"), converted()
    mount_legacy(flask_app, target)
    fallback: Any = target.url_build_fallback
    assert fallback("orders.show", {"order_id": 1}) is None
    flask_app.config["SERVER_NAME"] = "example.org"
    assert fallback("orders.show", {"order_id": 1}, external=True) == (
        "http://example.org/orders/1"
    )


def test_another_path_for_the_same_endpoint_is_refused() -> None:
    target = App("target")
    target.get("/bestellungen/{order_id:int}", name="orders.show")(view("show"))
    with pytest.raises(RouteMismatch) as caught:
        mount_legacy(legacy(), target)
    error = caught.value
    assert (error.code, error.exit_code) == ("MIG032", EXIT_USAGE)
    assert "'orders.show'" in error.what
    assert "/bestellungen/<int:order_id>" in error.what
    assert "'/orders/<int:order_id>'" in error.what
    mount_legacy(legacy(), target, check=False)


@pytest.mark.parametrize(
    "path", ["/orders/{order_id}", "/orders/{number:int}", "/orders/{order_id:int}/"]
)
def test_another_parameter_or_slash_is_another_path(path: str) -> None:
    target = App("target")
    target.get(path, name="orders.show")(view("show"))
    with pytest.raises(RouteMismatch):
        mount_legacy(legacy(), target)


def test_more_methods_than_the_legacy_endpoint_are_refused() -> None:
    target = App("target")
    target.api_route("/orders/{order_id:int}", methods=["GET", "PATCH"], name="orders.show")(
        view("show")
    )
    with pytest.raises(RouteMismatch, match=r"takes PATCH, which the legacy"):
        mount_legacy(legacy(), target)


def test_fewer_methods_leave_the_others_to_flask(ask: Ask) -> None:
    flask_app = Flask("legacy")
    flask_app.add_url_rule("/x", "x", lambda: "flask", methods=["GET", "POST"])
    target = App("target")
    target.get("/x", name="x")(view("x"))
    app = mount_legacy(flask_app, target)
    assert ask(app, "GET", "/x").text == "converted x {}"
    assert ask(app, "POST", "/x").text == "flask"


def test_an_endpoint_that_the_legacy_application_does_not_have_is_new(ask: Ask) -> None:
    target = converted("list")
    target.get("/health/", name="health")(view("health"))
    app = mount_legacy(legacy(), target)
    assert ask(app, "GET", "/health/").text == "converted health {}"
    assert ask(app, "GET", "/health").status_code == 308
    assert ask(app, "POST", "/health/").status_code == 405


def test_fastapis_own_routes_on_a_converted_application(ask: Ask) -> None:
    from fastapi import APIRouter

    target = converted("show")
    router = APIRouter(prefix="/v2")

    @router.get("/orders/{order_id}")
    async def show(order_id: int) -> dict[str, int]:
        return {"id": order_id}

    target.include_router(router)
    app = mount_legacy(legacy(), target)
    assert ask(app, "GET", "/v2/orders/1").json() == {"id": 1}
    assert ask(app, "GET", "/v2/orders/x").status_code == 422
    assert ask(app, "GET", "/orders/1").text == "converted show {'order_id': 1}"


def test_a_blueprint_of_flasks_own_stays_with_flask(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    """It is one of a module that was copied as it is."""
    own = FlaskBlueprint("own", "legacy")
    own.add_url_rule("/own", "own", lambda: current_app.name)
    (flask := legacy()).register_blueprint(own)
    (app := converted("show")).register_blueprint(own)  # type: ignore[arg-type]  # see above
    assert ask(mount_legacy(flask, app), "GET", "/own").text == "legacy"
    assert "'own' is one of Flask's" in caplog.text
