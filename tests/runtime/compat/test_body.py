"""Reading a body up front: in pieces, chunked, too large, abandoned."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest

from migrator.runtime.compat import App
from migrator.runtime.compat.body import ClientGone, read_body
from migrator.runtime.compat.environ import build_environ
from migrator.runtime.compat.testing import environ_of, scope_of
from migrator.runtime.mount.environ import make_environ


def reading(chunks: list[bytes], *, ends: bool = True) -> Any:
    """`receive` of a client that sends `chunks`, and leaves before the end unless it `ends`."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
    ]
    if ends:
        messages[-1]["more_body"] = False
    messages.append({"type": "http.disconnect"})
    iterator = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(iterator)

    return receive


def scope(*headers: tuple[bytes, bytes], version: str = "1.1") -> dict[str, Any]:
    return {"headers": list(headers), "http_version": version}


CHUNKED = (b"transfer-encoding", b"chunked")


def read(
    scope: dict[str, Any], chunks: list[bytes], limit: int | None = None, **options: Any
) -> tuple[bytes, bool, bool]:
    """The body, whether it is terminated, whether it is complete."""
    body = asyncio.run(read_body(scope, reading(chunks, **options), limit))
    with body.stream as stream:
        return stream.read(), body.terminated, body.complete


def test_pieces_become_one_stream() -> None:
    length = (b"content-length", b"6")
    assert read(scope(length), [b"ab", b"cd", b"ef"]) == (b"abcdef", False, True)


def test_a_large_body_goes_to_disk_and_comes_back() -> None:
    chunks = [bytes([n]) * 100_000 for n in range(20)]
    assert read(scope(CHUNKED), chunks) == (b"".join(chunks), True, True)


def test_no_header_no_body_in_http_1_but_in_http_2() -> None:
    assert read(scope(), [b"x"])[0] == b""
    assert read(scope(version="2"), [b"x"])[0] == b"x"


def test_reading_stops_above_the_limit() -> None:
    announced = read(scope((b"content-length", b"6")), [b"abcdef"], limit=5)
    assert announced == (b"", False, False)
    assert read(scope(CHUNKED), [b"abc", b"def", b"ghi"], limit=5) == (b"abcdef", True, False)
    assert read(scope(CHUNKED), [b"abc", b"de"], limit=5) == (b"abcde", True, True)


def test_a_client_that_leaves_in_the_middle_gets_no_view() -> None:
    with pytest.raises(ClientGone):
        read(scope((b"content-length", b"6")), [b"ab"], ends=False)
    app = App(__name__, static_folder=None)
    called: list[int] = []

    def index() -> str:
        called.append(1)
        return "x"

    app.post("/")(index)
    request_scope = scope_of(environ_of(app, "/", method="POST", data=b"abcdef"))

    async def send(message: Any) -> None:
        raise AssertionError(message)

    asyncio.run(app(request_scope, reading([b"ab"], ends=False), send))
    assert called == []


@pytest.mark.parametrize("size", [0, 7, 8, 9, 100_000])
def test_a_chunked_body_is_read_and_limited_as_by_flask(both: Any, size: int) -> None:
    def setup(f: Any, app: Any) -> None:
        app.post("/data", endpoint="data")(lambda: f.request.get_data())
        app.post("/form", endpoint="form")(lambda: f.jsonify(f.request.form))
        app.post("/json", endpoint="json")(lambda: f.jsonify(f.request.get_json(force=True)))
        app.post("/ignored", endpoint="ignored")(lambda: "ignored")

    content = b'"' + b"x" * (size - 2) + b'"' if size > 1 else b""
    for limit in (8, None):
        pair = both(setup, MAX_CONTENT_LENGTH=limit)
        for path in ("/data", "/form", "/json", "/ignored"):
            pair.post(
                path,
                stream_of=content,
                content_type="application/x-www-form-urlencoded",
                environ_overrides={"wsgi.input_terminated": True},
            )


def scope_with(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "scheme": "http",
        "client": None,
        "server": ("localhost", 80),
    }
    return {**base, **changes}


def environ(**changes: Any) -> dict[str, Any]:
    return build_environ(scope_with(**changes), io.BytesIO(), terminated=False)


def test_headers_of_the_environ() -> None:
    made = environ(
        headers=[
            (b"x-real-user", b"ann"),
            (b"x_real_user", b"spoofed"),
            (b"cookie", b"a=1"),
            (b"cookie", b"b=2"),
            (b"accept", b"x"),
            (b"accept", b"y"),
            (b"content-type", b"text/plain"),
            (b"content-length", b"3"),
            (b"content-length", b"4"),
        ]
    )
    assert made["HTTP_X_REAL_USER"] == "ann"
    assert made["HTTP_COOKIE"] == "a=1; b=2"
    assert made["HTTP_ACCEPT"] == "x,y"
    assert (made["CONTENT_TYPE"], made["CONTENT_LENGTH"]) == ("text/plain", "3")
    assert "REMOTE_PORT" not in made


@pytest.mark.parametrize("client", [None, ("10.0.0.9", 1234)])
def test_both_sides_of_the_mount_tell_one_address(client: tuple[str, int] | None) -> None:
    mounted = make_environ(scope_with(client=client), io.BytesIO())["REMOTE_ADDR"]
    assert environ(client=client)["REMOTE_ADDR"] == mounted


@pytest.mark.parametrize(
    ("changes", "script_name", "path_info"),
    [
        ({"path": "/é"}, "", "/Ã©"),
        ({"path": "/\ufffd", "raw_path": b"/%FF"}, "", "/ÿ"),
        ({"path": "/api/x", "root_path": "/api"}, "/api", "/x"),
        ({"path": "/apiary", "root_path": "/api"}, "/api", "/apiary"),
        ({"path": "/api", "root_path": "/api"}, "/api", ""),
    ],
)
def test_paths_of_the_environ(changes: Any, script_name: str, path_info: str) -> None:
    made = environ(**changes)
    assert (made["SCRIPT_NAME"], made["PATH_INFO"]) == (script_name, path_info)
