"""The WSGI environ of an ASGI request, where a2wsgi's is wrong."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from migrator.runtime.mount.environ import make_environ, split_root


def environ(**changes: Any) -> dict[str, Any]:
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": [],
        "client": ("10.0.0.9", 1234),
        "server": ("example.org", 443),
    }
    return make_environ(scope | changes, io.BytesIO())


def test_the_keys_that_every_wsgi_server_gives() -> None:
    found = environ(path="/a b", raw_path=b"/a%20b", query_string=b"q=1", method="POST")
    expected = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a b",
        "QUERY_STRING": "q=1",
        "RAW_URI": "/a%20b?q=1",
        "REQUEST_URI": "/a%20b?q=1",
        "SERVER_NAME": "example.org",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "10.0.0.9",
        "wsgi.url_scheme": "https",
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
    }
    assert {key: found.get(key) for key in expected} == expected
    assert found["wsgi.errors"] is sys.stderr
    assert found["asgi.scope"]["path"] == "/a b"


def test_a_header_with_an_underscore_is_dropped() -> None:
    found = environ(headers=[(b"x_real_user", b"admin"), (b"x-real-user", b"me")])
    assert found["HTTP_X_REAL_USER"] == "me"
    assert "HTTP_X_REAL_USER" not in environ(headers=[(b"x_real_user", b"admin")])


def test_split_cookies_are_joined_as_cookies_are() -> None:
    found = environ(headers=[(b"cookie", b"a=1"), (b"accept", b"x"), (b"cookie", b"b=2")])
    assert found["HTTP_COOKIE"] == "a=1; b=2"


def test_other_repeated_headers_are_joined_with_a_comma() -> None:
    assert environ(headers=[(b"x-a", b"1"), (b"x-a", b"2")])["HTTP_X_A"] == "1,2"


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        ("/api", "/api/orders", ("/api", "/orders")),
        ("/api", "/api", ("/api", "")),
        ("/api/", "/api/orders", ("/api", "/orders")),
        ("/api", "/apiary", ("/api", "/apiary")),
        ("/api", "/orders", ("/api", "/orders")),  # a server that has cut it off itself
        ("", "/orders", ("", "/orders")),
    ],
)
def test_the_root_path_is_cut_at_a_segment(root: str, path: str, expected: tuple[str, str]) -> None:
    assert split_root({"root_path": root, "path": path}) == expected
    found = environ(root_path=root, path=path)
    assert (found["SCRIPT_NAME"], found["PATH_INFO"]) == expected


def test_a_path_beyond_ascii_is_utf8_in_latin1() -> None:
    found = environ(path="/ü", raw_path=b"/%C3%BC", root_path="/é")
    assert found["PATH_INFO"].encode("latin1").decode() == "/ü"
    assert found["SCRIPT_NAME"].encode("latin1").decode() == "/é"


@pytest.mark.parametrize("root", ["", "/r"])
def test_a_path_that_is_not_utf8_keeps_its_bytes(root: str) -> None:
    raw = root.encode() + b"/%FFx"
    found = environ(path=f"{root}/�x", raw_path=raw, root_path=root)
    assert found["PATH_INFO"].encode("latin1") == b"/\xffx"


def test_a_path_that_middleware_has_rewritten_counts() -> None:
    assert environ(path="/new�", raw_path=b"/old")["PATH_INFO"].encode("latin1").decode() == "/new�"


def test_a_query_beyond_ascii_does_not_raise() -> None:
    assert environ(query_string=b"q=\xfc")["QUERY_STRING"] == "q=\xfc"


def test_a_request_without_client_or_raw_path_has_an_address_and_a_uri() -> None:
    found = environ(client=None, raw_path=None, path="/ü x")
    assert (found["REMOTE_ADDR"], found["REQUEST_URI"]) == ("127.0.0.1", "/%C3%BC%20x")


@pytest.mark.parametrize(
    ("headers", "version", "terminated"),
    [
        ([(b"transfer-encoding", b"chunked")], "1.1", True),
        ([(b"content-length", b"3")], "1.1", False),
        ([], "1.1", False),
        ([], "2", True),
        ([(b"content-length", b"3")], "2", False),
    ],
)
def test_a_body_of_unknown_length_is_said_to_end(
    headers: list[tuple[bytes, bytes]], version: str, terminated: bool
) -> None:
    assert environ(headers=headers, http_version=version).get("wsgi.input_terminated", False) is (
        terminated
    )
