"""FastAPI's own features on App and Blueprint, inside Flask's hooks, session and error handlers."""

from __future__ import annotations

import asyncio
import contextlib
import enum
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import (
    BackgroundTasks,
    Body,
    Depends,
    Header,
    HTTPException,
    Query,
    WebSocket,
)
from fastapi import Request as FastAPIRequest
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from werkzeug.exceptions import Conflict

from migrator.runtime.compat import App, Blueprint, abort, current_app, g, jsonify, request, session
from migrator.runtime.compat.native import CompatRoute
from migrator.runtime.compat.testing import environ_of, scope_of


class Item(BaseModel):
    name: str
    price: float = 1.0


class Colour(enum.StrEnum):
    RED = "red"


def token(x_token: Annotated[str, Header()]) -> str:
    if x_token != "secret":
        raise HTTPException(401, "bad token")
    return x_token


journal: list[str] = []


async def resource() -> AsyncIterator[str]:
    journal.append("open")
    yield "resource"
    journal.append("close")


def make() -> App:
    journal.clear()
    app = App("native", static_folder=None)
    app.secret_key = "x"
    bp = Blueprint("items", "native", url_prefix="/items", dependencies=[Depends(token)])

    @app.before_request
    def before() -> Any:
        g.user = "ann"
        return ("blocked", 403) if request.args.get("blocked") else None

    @app.after_request
    def after(response: Any) -> Any:
        response.headers["X-After"] = str(response.status_code)
        return response

    @app.errorhandler(Conflict)
    def conflict(error: Conflict) -> Any:
        return jsonify(conflict=error.description), 409

    @app.get("/query")
    async def query(q: int, flag: bool = False) -> dict[str, Any]:
        return {"q": q, "flag": flag, "user": g.user, "app": current_app.name}

    @app.post("/model/{item_id}", status_code=201)
    async def model(item_id: int, item: Item) -> Item:
        return Item(name=f"{item_id} {item.name}", price=item.price)

    @app.post("/sync-model")
    def sync_model(item: Item) -> Any:
        session["seen"] = item.name
        return {"form": request.get_json(), "path": request.path}

    @app.get("/enum/{colour}")
    async def colours(colour: Colour) -> str:
        return colour.value

    @app.get("/dependency")
    async def dependency(found: Annotated[str, Depends(resource)]) -> dict[str, str]:
        journal.append("view")
        return {"found": found}

    @app.get("/request")
    async def raw(req: FastAPIRequest) -> JSONResponse:
        return JSONResponse({"url": str(req.url), "params": req.path_params})

    @app.get("/background")
    async def background(tasks: BackgroundTasks) -> str:
        tasks.add_task(journal.append, "background")
        return "queued"

    @app.get("/stream")
    async def stream(n: Annotated[int, Query(ge=1)]) -> StreamingResponse:
        async def parts() -> AsyncIterator[str]:
            for number in range(n):
                yield f"{number},"

        return StreamingResponse(parts(), media_type="text/csv")

    @app.get("/conflict")
    async def conflicting(q: int) -> None:
        abort(409, description=f"taken {q}")

    @app.get("/error")
    async def error(q: int) -> None:
        raise ValueError(q)

    @bp.get("/{item_id:int}")
    async def show(item_id: int) -> dict[str, int]:
        return {"id": item_id}

    app.register_blueprint(bp)
    return app


def test_parameters_models_and_forms() -> None:
    with make().test_client() as client:
        assert client.get("/query?q=3&flag=1").json == {
            "q": 3,
            "flag": True,
            "user": "ann",
            "app": "native",
        }
        refused = client.get("/query?q=x")
        assert refused.status_code == 422
        assert refused.json is not None
        assert refused.json["detail"][0]["loc"] == ["query", "q"]
        made = client.post("/model/7", json={"name": "x"})
        assert (made.status_code, made.json) == (201, {"name": "7 x", "price": 1.0})
        assert client.post("/model/a", json={"name": "x"}).status_code == 422
        sync = client.post("/sync-model", json={"name": "x"})
        assert sync.json == {"form": {"name": "x"}, "path": "/sync-model"}
        assert "session=" in sync.headers["Set-Cookie"]
        assert client.get("/enum/red").json == "red"
        assert client.get("/enum/blue").status_code == 422


def test_hooks_run_around_them() -> None:
    with make().test_client() as client:
        assert client.get("/query?q=3").headers["X-After"] == "200"
        assert client.get("/query?q=x").headers["X-After"] == "422"
        assert client.get("/stream?n=3").headers["X-After"] == "200"
        blocked = client.get("/query?q=3&blocked=1")
        assert (blocked.status_code, blocked.data) == (403, b"blocked")


def test_errors_go_to_flask_s_handlers_and_fastapi_s_to_its_own() -> None:
    with make().test_client() as client:
        assert client.get("/conflict?q=1").json == {"conflict": "taken 1"}
        assert client.get("/error?q=1").status_code == 500
        assert client.get("/items/1", headers={"X-Token": "no"}).json == {"detail": "bad token"}
        assert client.get("/items/1", headers={"X-Token": "secret"}).json == {"id": 1}
        assert client.get("/items/x").status_code == 404


def test_dependencies_background_tasks_and_streams() -> None:
    with make().test_client() as client:
        assert client.get("/dependency").json == {"found": "resource"}
        assert journal == ["open", "view", "close"]
        assert client.get("/background").json == "queued"
        assert journal[-1] == "background"
        assert client.get("/stream?n=3").data == b"0,1,2,"
        assert client.get("/request").json == {"url": "http://localhost/request", "params": {}}


def test_head_and_options() -> None:
    with make().test_client() as client:
        head = client.head("/query?q=3")
        assert (head.status_code, head.data) == (200, b"")
        assert set(client.options("/query").allow) == {"GET", "HEAD", "OPTIONS"}


def test_documentation_is_off_unless_asked_for() -> None:
    with make().test_client() as client:
        assert client.get("/docs").status_code == 404
        assert client.get("/openapi.json").status_code == 404
    app = App("documented", static_folder=None, openapi_url="/api.json")

    @app.get("/orders/{order_id:int}")
    async def show(order_id: int) -> Any:
        """One order."""

    with app.test_client() as client:
        schema = client.get("/api.json").json
    assert schema is not None
    operation = schema["paths"]["/orders/{order_id}"]["get"]
    assert operation["description"] == "One order."
    assert operation["parameters"][0]["schema"]["type"] == "integer"


async def talk(app: Any, scope: dict[str, Any], *messages: dict[str, Any]) -> list[Any]:
    """What the application sends on a connection where these messages arrive."""
    incoming = iter(messages)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return next(incoming)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def test_websockets_know_the_application() -> None:
    app = make()
    bp = Blueprint("live", "native", url_prefix="/live")

    @bp.websocket("/{room}")
    async def live(websocket: WebSocket, room: str) -> None:
        await websocket.accept()
        await websocket.send_text(f"{room} in {current_app.name}")
        await websocket.close()

    app.register_blueprint(bp)
    scope = {**scope_of(environ_of(app, "/live/blue")), "type": "websocket", "subprotocols": []}
    sent = asyncio.run(talk(app, scope, {"type": "websocket.connect"}))
    assert [message["type"] for message in sent] == [
        "websocket.accept",
        "websocket.send",
        "websocket.close",
    ]
    assert sent[1]["text"] == "blue in native"


def test_lifespan_middleware_and_mounts() -> None:
    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        journal.append("up")
        yield
        journal.append("down")

    app = App("native", static_folder=None, lifespan=lifespan)
    app.add_middleware(CORSMiddleware, allow_origins=["https://ok"])
    app.get("/", name="index")(lambda: "index")
    sub = Starlette(routes=[Route("/x", lambda request: PlainTextResponse("sub"))])
    app.mount("/sub", sub)
    journal.clear()
    with app.test_client() as client:
        response = client.get("/", headers={"Origin": "https://ok"})
        assert response.headers["access-control-allow-origin"] == "https://ok"
        assert client.get("/sub/x").data == b"sub"
        assert client.get("/nothing").headers["content-type"] == "text/html; charset=utf-8"
    messages = ({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    asyncio.run(talk(app, {"type": "lifespan", "state": {}}, *messages))
    assert journal == ["up", "down"]


def plain(app: App, name: str) -> bool:
    [route] = [r for r in app.routes if isinstance(r, CompatRoute) and r.name == name]
    return route.plain


@pytest.mark.parametrize(
    ("path", "view", "expected"),
    [
        ("/", lambda: "", True),
        ("/{a:int}", lambda a: "", True),
        ("/{a}", lambda **kw: "", True),
        ("/", lambda *args, **kwargs: "", True),
        ("/", lambda page=1: "", True),
        ("/", lambda q: "", False),
    ],
)
def test_which_views_are_plain(path: str, view: Any, expected: bool) -> None:
    app = App(__name__, static_folder=None)
    app.get(path, name="view")(view)
    assert plain(app, "view") is expected


def test_annotations_decide() -> None:
    app = App(__name__, static_folder=None)

    def convert(a: int) -> str:
        return ""

    def converted(a: int) -> str:
        return ""

    def text(a: str) -> str:
        return ""

    def uuid(a: UUID) -> str:
        return ""

    def body(a: Annotated[int, Body()]) -> str:
        return ""

    def unknown(a: DoesNotExist) -> AlsoNot:  # type: ignore[name-defined]  # noqa: F821
        return ""

    app.get("/1/{a}")(convert)
    app.get("/2/{a:int}")(converted)
    app.get("/3/{a}")(text)
    app.get("/4/{a:uuid}")(uuid)
    app.get("/5/{a:flask_path}", name="path")(text)
    app.post("/6")(body)
    app.get("/7/{a}")(unknown)
    names = ("convert", "converted", "text", "uuid", "path", "body", "unknown")
    assert [plain(app, name) for name in names] == [False, True, True, True, True, False, True]


def test_an_optional_path_parameter_of_another_rule_is_no_query_parameter() -> None:
    for order in (("/", "/page/{page:int}"), ("/page/{page:int}", "/")):
        app = App(__name__, static_folder=None)

        def index(page: int = 1) -> Any:
            return jsonify(page)

        for path in order:
            app.get(path)(index)
        with app.test_client() as client:
            assert client.get("/?page=7").json == 1
            assert client.get("/page/7").json == 7
