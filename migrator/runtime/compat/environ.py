"""The WSGI environ of an ASGI request: what werkzeug's Request, send_file and routing read.

Underscore headers are dropped as gunicorn does (`X_Real_User` must not pass for `X-Real-User`),
split cookie headers are joined with ";", and the path comes from the raw path, so that bytes
which are not UTF-8 survive as they do in WSGI.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import unquote_to_bytes

Scope = Mapping[str, Any]

_UNPREFIXED = {"CONTENT_TYPE", "CONTENT_LENGTH"}
_KEYS: dict[bytes, str | None] = {}


def _key(name: bytes) -> str | None:
    """The environ key of a header's name; None when the header must not pass."""
    if b"_" in name:
        return None
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in _UNPREFIXED else f"HTTP_{key}"


def _header_key(name: bytes) -> str | None:
    try:
        return _KEYS[name]
    except KeyError:
        key = _key(name)
        if len(_KEYS) < 512:  # names come from clients: the cache is bounded
            _KEYS[name] = key
        return key


def build_environ(scope: Scope, body: IO[bytes], *, terminated: bool) -> dict[str, Any]:
    """The environ of `scope`; `terminated` says that `body` ends by itself (chunked request)."""
    root_path: str = scope.get("root_path", "")
    path = _path(scope, root_path)
    server = scope.get("server") or ("localhost", 80)
    scheme = scope.get("scheme", "http")
    query = scope.get("query_string", b"").decode("latin-1")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root_path.encode("utf-8").decode("latin-1") if root_path else "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]) if server[1] is not None else "",
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "asgi.scope": scope,
    }
    raw_path = scope.get("raw_path")
    if raw_path is not None:
        uri = raw_path.decode("latin-1")
        uri = f"{uri}?{query}" if query else uri
        environ["REQUEST_URI"] = environ["RAW_URI"] = uri
    client = scope.get("client")
    if client:
        environ["REMOTE_ADDR"] = client[0]
        environ["REMOTE_PORT"] = str(client[1])
    else:
        # On a Unix socket: as the mount says it, or a session that is tied to an address changes sides.
        environ["REMOTE_ADDR"] = "127.0.0.1"
    if terminated:
        environ["wsgi.input_terminated"] = True
    for name, value in scope["headers"]:
        key = _header_key(name)
        if key is None:
            continue
        text = value.decode("latin-1")
        if key in environ:
            if key == "HTTP_COOKIE":
                text = f"{environ[key]}; {text}"
            elif key in _UNPREFIXED:
                continue  # two of these are an attack or an accident: the first one counts
            else:
                text = f"{environ[key]},{text}"
        environ[key] = text
    return environ


def _path(scope: Scope, root_path: str) -> str:
    """PATH_INFO: the path below root_path, bytes as latin-1."""
    path: str = scope["path"]
    raw_path = scope.get("raw_path")
    if not root_path:
        # Only an undecodable path is worth unquoting again: everything else is the same bytes.
        if raw_path is not None and "�" in path:
            return unquote_to_bytes(raw_path.partition(b"?")[0]).decode("latin-1")
    elif path == root_path or path.startswith(f"{root_path}/"):
        path = path[len(root_path) :]
    return path if path.isascii() else path.encode("utf-8").decode("latin-1")
