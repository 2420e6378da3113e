"""When hooks run, in which order, and for which requests."""

from __future__ import annotations

from typing import Any

import pytest

HOOKED = [
    "/",
    "/error",
    "/abort",
    "/missing",
    "/parent/",
    "/parent/error",
    "/parent/abort",
    "/parent/missing",
    "/parent/child/",
    "/parent/child/error",
    "/parent/child/abort",
    "/parent/child/missing",
    "/parent/child",
]


class Journal:
    """What ran, in order; each side has its own."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def hook(self, label: str, result: Any = None) -> Any:
        def run(*args: Any) -> Any:
            self.lines.append(label)
            return result if result is not None else None

        return run

    def after(self, label: str) -> Any:
        def run(response: Any) -> Any:
            self.lines.append(f"{label} {response.status_code}")
            return response

        return run

    def teardown(self, label: str) -> Any:
        def run(error: Any) -> Any:
            self.lines.append(f"{label} {error!r}")

        return run


def build(f: Any, app: Any, journal: Journal, answering: str = "") -> None:
    app.journal = journal
    parent = f.Blueprint("parent", __name__, url_prefix="/parent")
    child = f.Blueprint("child", __name__, url_prefix="/child")

    def ok() -> Any:
        journal.lines.append("view")
        return "ok"

    def error() -> Any:
        raise ValueError("unhandled")

    def fail() -> Any:
        f.abort(403)

    for name, where in (("app", app), ("parent", parent), ("child", child)):
        where.get("/", endpoint="ok")(ok)
        where.get("/error", endpoint="error")(error)
        where.get("/abort", endpoint="fail")(fail)
        for number in (1, 2):
            label = f"{name}.before{number}"
            where.before_request(
                journal.hook(label, result=f"from {label}" if label == answering else None)
            )
            where.after_request(journal.after(f"{name}.after{number}"))
            where.teardown_request(journal.teardown(f"{name}.teardown{number}"))
        where.url_value_preprocessor(journal.hook(f"{name}.values"))
    child.before_app_request(journal.hook("child.before_app"))
    child.after_app_request(journal.after("child.after_app"))
    child.teardown_app_request(journal.teardown("child.teardown_app"))
    app.teardown_appcontext(journal.teardown("appcontext"))
    parent.register_blueprint(child)
    app.register_blueprint(parent)


@pytest.mark.parametrize(
    "answering", ["", "app.before2", "parent.before1", "child.before2", "child.before_app"]
)
def test_order(both: Any, answering: str) -> None:
    pair = both(lambda f, app: build(f, app, Journal(), answering))
    for path in HOOKED:
        pair.get(path)
        assert pair.ours.journal.lines == pair.flasks.journal.lines
        pair.ours.journal.lines.clear()
        pair.flasks.journal.lines.clear()
    pair.open("/parent/", method="OPTIONS")
    pair.open("/parent/child/", method="HEAD")
    pair.post("/parent/child/")
    assert pair.ours.journal.lines == pair.flasks.journal.lines


def test_an_error_in_a_hook_is_an_error_of_the_request(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/", endpoint="index")(lambda: "ok")
        app.get("/late", endpoint="late")(lambda: "ok")

        def before() -> None:
            if f.request.path == "/":
                raise ValueError("before")

        def after(response: Any) -> Any:
            if f.request.path == "/late":
                raise ValueError("after")
            response.headers["X-After"] = "ran"
            return response

        app.before_request(before)
        app.after_request(after)
        app.register_error_handler(ValueError, lambda error: (str(error), 400))

    pair = both(setup)
    pair.get("/")
    pair.get("/late")


def test_the_request_is_over_for_the_teardown_of_the_applications_context(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.seen = []

        def of_request(error: object) -> None:
            f.g.name = "kept"
            app.seen.append(("request", f.has_request_context(), f.request.path))

        def of_context(error: object) -> None:
            try:
                path = f.request.path
            except RuntimeError as raised:
                path = str(raised).partition(".")[0]
            app.seen.append(("context", f.has_request_context(), path, f.g.name))

        app.get("/", endpoint="index")(lambda: "ok")
        app.get("/error", endpoint="error")(lambda: 1 / 0)
        app.teardown_request(of_request)
        app.teardown_appcontext(of_context)

    pair = both(setup)
    for path in ("/", "/error", "/nowhere"):
        pair.get(path)
    assert pair.ours.seen == pair.flasks.seen
    assert [seen[1] for seen in pair.ours.seen] == [True, False] * 3


def test_teardown_is_given_the_error_of_the_request_where_its_handler_fails(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.seen = []
        app.config["PROPAGATE_EXCEPTIONS"] = False

        def boom() -> None:
            raise ValueError("first")

        def handler(error: Any) -> Any:
            raise KeyError("second")

        app.get("/", endpoint="index")(boom)
        app.get("/seen", endpoint="seen")(lambda: f.jsonify(app.seen))
        app.register_error_handler(500, handler)
        app.teardown_request(lambda error: app.seen.append(repr(error)))

    pair = both(setup)
    for app in (pair.ours, pair.flasks):
        with pytest.raises(KeyError, match="second"):
            app.test_client().get("/")
    pair.get("/seen")


def test_values_are_preprocessed_before_authentication(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        shop = f.Blueprint("shop", __name__, url_prefix="/{tenant}")

        def pull(endpoint: Any, values: dict[str, Any]) -> None:
            f.g.tenant = values.pop("tenant")
            if f.g.tenant == "unknown":
                f.abort(404)

        shop.url_value_preprocessor(pull)
        shop.url_defaults(lambda endpoint, values: values.setdefault("tenant", f.g.tenant))
        shop.before_request(lambda: f.abort(401) if f.g.tenant == "locked" else None)
        shop.get("/items/{n:int}", endpoint="item")(
            lambda n: f.jsonify(tenant=f.g.tenant, url=f.url_for("shop.item", n=n + 1))
        )
        app.register_blueprint(shop)

    pair = both(setup)
    for tenant in ("acme", "unknown", "locked"):
        pair.get(f"/{tenant}/items/3")


def test_a_hook_may_replace_the_response(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/", endpoint="index")(lambda: "old")
        app.after_request(lambda response: f.Response(response.get_data() + b" new", status=202))

    both(setup).get("/")


def test_an_after_hook_that_returns_nothing_is_an_error_for_the_server(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/", endpoint="index")(lambda: "x")
        app.after_request(lambda response: None)

    pair = both(setup)
    for app in (pair.ours, pair.flasks):
        with pytest.raises((TypeError, AttributeError), match="NoneType"):
            app.test_client().get("/")


def test_g_is_new_in_each_request(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        def index() -> Any:
            before = f.g.get("x", "nothing")
            f.g.x = f.g.setdefault("y", 1)
            return f.jsonify(before=before, has="x" in f.g, popped=f.g.pop("x"), names=sorted(f.g))

        app.get("/", endpoint="index")(index)
        app.get("/missing", endpoint="missing")(lambda: f.g.nothing)

    pair = both(setup)
    for path in ("/", "/", "/missing"):
        pair.get(path)
