"""What a view may return, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as WerkzeugResponse


def wsgi(environ: Any, start_response: Any) -> Any:
    start_response("202 ACCEPTED", [("X-Wsgi", "yes"), ("Content-Type", "text/plain")])
    return [b"from ", b"wsgi"]


RETURNS: dict[str, Any] = {
    "str": lambda f: "höllo",
    "empty": lambda f: "",
    "bytes": lambda f: b"\xff\x00",
    "bytearray": lambda f: bytearray(b"abc"),
    "dict": lambda f: {"b": 1, "a": "é"},
    "list": lambda f: [1, "x", None],
    "tuple status": lambda f: ("made", 201),
    "tuple string status": lambda f: ("odd", "299 Odd"),
    "tuple headers": lambda f: ("x", {"X-A": "1"}),
    "tuple header list": lambda f: ("x", [("X-A", "1"), ("X-A", "2")]),
    "tuple both": lambda f: ({"a": 1}, 418, {"X-A": "1", "Content-Type": "application/x-tea"}),
    "tuple multi headers": lambda f: ("x", 200, Headers([("X-A", "1"), ("X-A", "2")])),
    "tuple of response": lambda f: (f.jsonify(a=1), 202, {"X-A": "1"}),
    "bad tuple": lambda f: ("x", 200, {}, "more"),
    "none": lambda f: None,
    "none status": lambda f: (None, 204),
    "int": lambda f: 42,
    "object": lambda f: object(),
    "set": lambda f: {1},
    "no content": lambda f: ("", 204),
    "no content json": lambda f: (f.jsonify(None), 204),
    "not modified": lambda f: ("ignored", 304, {"ETag": '"x"', "X-Kept": "1"}),
    "generator": lambda f: (chunk for chunk in ("a", "é", "c")),
    "iterator": lambda f: iter([b"a", b"b"]),
    "empty generator": lambda f: iter(()),
    "response list": lambda f: f.Response(["a", "b"]),
    "response generator": lambda f: f.Response((c for c in "ab"), mimetype="text/csv"),
    "response status": lambda f: f.Response("x", status=503, headers={"Retry-After": "3"}),
    "werkzeug response": lambda f: WerkzeugResponse("plain", mimetype="text/plain"),
    "wsgi callable": lambda f: wsgi,
    "exception as answer": lambda f: NotFound("not here"),
    "made": lambda f: f.make_response("x"),
    "made empty": lambda f: f.make_response(),
    "made tuple": lambda f: f.make_response("x", 201, {"X-A": "1"}),
    "redirect": lambda f: f.redirect("/töwn?q=ä b"),
    "redirect code": lambda f: f.redirect("https://example.org/", code=307),
    "content location": lambda f: ("x", {"Content-Location": "/ä"}),
    "own length": lambda f: f.Response((c for c in "abc"), headers={"Content-Length": "3"}),
    "header injection": lambda f: ("x", {"X-A": "a\nb"}),
    "charset": lambda f: f.Response("x", content_type="text/html; charset=latin-1"),
    "json with status": lambda f: ([], 404),
}


@pytest.mark.parametrize("name", RETURNS)
def test_return_values(both: Any, name: str) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/", endpoint="index")(lambda: RETURNS[name](f))

    pair = both(setup)
    pair.get("/")
    pair.open("/", method="HEAD")


def test_cookies_and_headers_of_a_response(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        def index() -> Any:
            response = f.make_response("x")
            response.set_cookie("a", "ä;b", max_age=60, secure=True, samesite="Lax")
            response.set_cookie("b", "1", httponly=True, path="/x", domain="example.org")
            response.delete_cookie("c")
            response.headers["X-Latin"] = "é"
            response.headers.add("Vary", "Accept")
            response.vary.add("Cookie")
            response.cache_control.max_age = 30
            response.last_modified = 1_700_000_000
            response.set_etag("tag", weak=True)
            response.content_language.add("de")
            return response

        app.get("/")(index)

    both(setup).get("/")


def test_a_conditional_response(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        def index() -> Any:
            response = f.make_response("the body")
            response.add_etag()
            return response.make_conditional(f.request)

        app.get("/")(index)

    pair = both(setup)
    etag = pair.get("/").headers["ETag"]
    assert pair.get("/", headers={"If-None-Match": etag}).status_code == 304
    pair.get("/", headers={"If-None-Match": '"other"'})
    pair.get("/", headers={"If-Match": '"other"'})


def test_after_this_request(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        def index() -> Any:
            @f.after_this_request  # type: ignore[untyped-decorator]
            def mark(response: Any) -> Any:
                response.headers["X-After"] = "once"
                return response

            return "x"

        app.get("/")(index)
        app.get("/other", endpoint="other")(lambda: "y")

    pair = both(setup)
    pair.get("/")
    pair.get("/other")


def test_a_response_class_of_the_application(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        class Text(f.Response):  # type: ignore[misc]
            default_mimetype = "text/plain"

        app.response_class = Text
        app.get("/", endpoint="index")(lambda: "x")
        app.get("/other", endpoint="other")(lambda: WerkzeugResponse("y"))

    pair = both(setup)
    for path in ("/", "/other", "/missing"):
        pair.get(path)


def test_a_starlette_response_from_a_converted_view(side: Any) -> None:
    from starlette.responses import JSONResponse

    app = side.App(__name__, static_folder=None)
    answer = JSONResponse({"a": 1}, status_code=201, headers={"X-A": "1"})
    app.get("/", name="index")(lambda: answer)
    with app.test_client() as client:
        response = client.get("/")
    assert (response.status_code, response.json, response.headers["X-A"]) == (201, {"a": 1}, "1")
