"""The WSGI environ of an ASGI request: a2wsgi's, with what it gets wrong put right.

Each step names the defect of a2wsgi 1.10.10 that it answers; docs/adr/0002-a2wsgi.md has the list.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_to_bytes

from a2wsgi.wsgi import build_environ

if TYPE_CHECKING:
    from starlette.types import Scope

Environ = dict[str, Any]


def split_root(scope: Scope) -> tuple[str, str]:
    """`scope`'s path as (SCRIPT_NAME, PATH_INFO), cut at a segment boundary only.

    A server that has stripped the prefix by itself is served as well: the path is then whole.
    """
    root: str = scope.get("root_path", "").rstrip("/")
    path: str = scope["path"]
    if root and (path == root or path.startswith(root + "/")):
        return root, path[len(root) :]
    return root, path


def make_environ(scope: Scope, body: Any) -> Environ:
    """The environ of the HTTP request `scope`, whose `wsgi.input` is `body`."""
    headers: list[tuple[bytes, bytes]] = []
    cookies: list[bytes] = []
    chunked = sized = False
    for name, value in scope["headers"]:
        # X_Real_User must not become HTTP_X_REAL_USER, which X-Real-User also becomes.
        if b"_" in name:
            continue
        if name == b"cookie":  # HTTP/2 splits them; a2wsgi joins with ","
            cookies.append(value)
            continue
        if name == b"content-length":
            sized = True
        elif name == b"transfer-encoding":
            chunked = True
        headers.append((name, value))
    if cookies:
        headers.append((b"cookie", b"; ".join(cookies)))

    root, path = split_root(scope)
    query: bytes = scope.get("query_string", b"")
    # The path and the query go in afterwards: a2wsgi strips the root anywhere and decodes as ASCII.
    plain = {**scope, "headers": headers, "root_path": "", "path": "", "query_string": b""}
    environ: Environ = dict(build_environ(plain, body))  # type: ignore[arg-type]  # a2wsgi's own TypedDict
    environ["asgi.scope"] = scope
    environ["SCRIPT_NAME"] = root.encode().decode("latin1")
    environ["PATH_INFO"] = _path_info(scope, root, path)
    environ["QUERY_STRING"] = query.decode("latin1")
    target = raw_path(scope).decode("latin1")
    if query:
        target = f"{target}?{environ['QUERY_STRING']}"
    environ["RAW_URI"] = environ["REQUEST_URI"] = target
    environ.setdefault("REMOTE_ADDR", "127.0.0.1")
    environ["wsgi.errors"] = sys.stderr
    if not sized and (chunked or not scope.get("http_version", "1.1").startswith("1")):
        # Without it Werkzeug takes a body of unknown length for empty.
        environ["wsgi.input_terminated"] = True
    return environ


def may_have_body(scope: Scope) -> bool:
    """Whether the request `scope` announces a body."""
    if not scope.get("http_version", "1.1").startswith("1"):
        return True  # HTTP/2 and later need no header to announce one
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )


def raw_path(scope: Scope) -> bytes:
    """The path as the client wrote it, as far as the server tells."""
    raw: bytes | None = scope.get("raw_path")
    if raw is None:
        return quote(scope["path"], safe="/:@!$&'()*+,;=~").encode()
    return raw.partition(b"?")[0]


def _path_info(scope: Scope, root: str, path: str) -> str:
    if "\ufffd" in path and scope.get("raw_path"):
        # Invalid UTF-8, which the server has replaced: the application gets the client's bytes.
        raw = unquote_to_bytes(raw_path(scope))
        if raw.decode("utf-8", "replace") == scope["path"]:
            cut = root.encode() if path != scope["path"] else b""
            return raw[len(cut) :].decode("latin1")
    return path.encode().decode("latin1")
