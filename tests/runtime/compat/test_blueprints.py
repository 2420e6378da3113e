"""Blueprints: prefixes, names, nesting, defaults, what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter

from migrator.runtime.compat import App, Blueprint


def test_prefixes_and_names(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        def where(**values: Any) -> Any:
            request = f.request
            return f.jsonify(
                endpoint=request.endpoint,
                blueprints=list(request.blueprints),
                relative=f.url_for(".where"),
                rule=str(request.url_rule),
            )

        grandchild = f.Blueprint("grandchild", __name__, url_prefix="/gc")
        child = f.Blueprint("child", __name__)
        parent = f.Blueprint("parent", __name__, url_prefix="/parent/")
        bare = f.Blueprint("bare", __name__)
        for blueprint in (grandchild, child, parent, bare):
            blueprint.get("/where", endpoint="where")(where)
        parent.get("/", endpoint="root")(where)
        child.get("", endpoint="root")(where)
        child.register_blueprint(grandchild)
        child.register_blueprint(grandchild, name="twin", url_prefix="/twin")
        parent.register_blueprint(child, url_prefix="/child")
        app.register_blueprint(parent)
        app.register_blueprint(parent, name="again", url_prefix="/again")
        app.register_blueprint(bare, url_prefix="/bare")
        app.get("/where", endpoint="where")(lambda: f.url_for("again.child.twin.where"))

    pair = both(setup)
    for path in (
        "/where",
        "/parent/where",
        "/parent/",
        "/parent",
        "/parent/child",
        "/parent/child/where",
        "/parent/child/gc/where",
        "/parent/child/twin/where",
        "/again/where",
        "/again/child/twin/where",
        "/bare/where",
        "/bare/",
    ):
        pair.get(path)


def test_url_defaults_of_a_registration(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        blueprint = f.Blueprint("b", __name__, url_defaults={"colour": "red"})
        blueprint.get("/{n:int}", endpoint="show")(lambda n, colour: f"{n} {colour}")
        app.register_blueprint(blueprint, url_prefix="/red")
        app.register_blueprint(
            blueprint, name="blue", url_prefix="/blue", url_defaults={"colour": "blue"}
        )

    pair = both(setup)
    pair.get("/red/1")
    pair.get("/blue/1")


def test_recorded_functions(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        blueprint = f.Blueprint("b", __name__, url_prefix="/b")
        seen: list[Any] = []

        def late() -> Any:
            return f.url_for(".late")

        blueprint.record(lambda state: seen.append([state.url_prefix, state.first_registration]))
        blueprint.record_once(lambda state: seen.append("once"))
        blueprint.record(lambda state: state.add_url_rule("/late", "late", late))
        app.register_blueprint(blueprint)
        app.register_blueprint(blueprint, name="c", url_prefix="/c")
        app.get("/", endpoint="index")(lambda: f.jsonify(seen))

    pair = both(setup)
    for path in ("/", "/b/late", "/c/late"):
        pair.get(path)


def test_what_is_refused(side: Any) -> None:
    with pytest.raises(ValueError, match="may not be empty"):
        side.Blueprint("", __name__)
    with pytest.raises(ValueError, match="dot"):
        side.Blueprint("a.b", __name__)
    blueprint = side.Blueprint("b", __name__)
    with pytest.raises(ValueError, match="on itself"):
        blueprint.register_blueprint(blueprint)
    with pytest.raises(ValueError, match="dot"):
        blueprint.get("/", endpoint="a.b")(lambda: "x")
    app = side.App(__name__, static_folder=None)
    app.register_blueprint(blueprint)
    with pytest.raises(ValueError, match="already registered"):
        app.register_blueprint(blueprint)
    with pytest.raises(AssertionError, match="has already been registered"):
        blueprint.get("/late", endpoint="late")(lambda: "x")


def test_include_router_takes_blueprints_and_routers() -> None:
    app = App(__name__, static_folder=None)
    blueprint = Blueprint("b", __name__, url_prefix="/b")
    blueprint.get("/x", name="x")(lambda: "from the blueprint")
    router = APIRouter(prefix="/r")

    @router.get("/x")
    async def show(q: int = 1) -> dict[str, int]:
        return {"q": q}

    app.include_router(blueprint)
    app.include_router(router)
    with app.test_client() as client:
        assert client.get("/b/x").data == b"from the blueprint"
        assert client.get("/r/x?q=3").json == {"q": 3}
        assert client.get("/r/x?q=a").status_code == 422
        assert client.post("/r/x").status_code == 405
        assert client.get("/r/y").data.startswith(b"<!doctype html>")


def test_routes_can_be_listed() -> None:
    app = App(__name__)
    blueprint = Blueprint("orders", __name__, url_prefix="/orders")
    blueprint.api_route("/{order_id:int}", methods=["GET", "PUT"], name="show")(lambda order_id: "")
    blueprint.get("/files/{name:flask_path}", name="file")(lambda name: "")
    app.register_blueprint(blueprint)
    listed = {(r.name, r.path, frozenset(r.methods or ())) for r in app.routes}  # type: ignore[attr-defined]
    assert listed == {
        ("static", "/static/{filename:flask_path}", frozenset({"GET", "HEAD"})),
        ("orders.show", "/orders/{order_id:int}", frozenset({"GET", "HEAD", "PUT"})),
        ("orders.file", "/orders/files/{name:flask_path}", frozenset({"GET", "HEAD"})),
    }
    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    assert rules["orders.show"] == "/orders/<int:order_id>"
