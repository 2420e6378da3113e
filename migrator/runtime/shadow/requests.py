"""From a declared step to the bytes of a request; `${name}` is put in on each side for itself."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from .cases import Step
from .cookies import Jar
from .model import Request

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|\$)")
#: What may stand in a path as it is: reserved characters and escapes that the file spells out.
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
BOUNDARY = "----migrator-shadow-7d1c2f"


class UnknownVariable(LookupError):
    """A `${name}` that nothing has set, most often because the step that captures it failed."""


def fill(value: Any, variables: Mapping[str, Any], *, in_path: bool = False) -> Any:
    """`value` with every `${name}` put in; a text that is one variable alone keeps its type."""
    if isinstance(value, str):
        whole = _VARIABLE.fullmatch(value)
        if whole is not None and whole[1] is not None and not in_path:
            return _get(variables, whole[1])

        def put(match: re.Match[str]) -> str:
            if match[1] is None:
                return "$"
            text = _text(_get(variables, match[1]))
            return quote(text, safe="") if in_path else text

        return _VARIABLE.sub(put, value)
    if isinstance(value, Mapping):
        return {fill(key, variables): fill(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, variables) for item in value]
    return value


def _get(variables: Mapping[str, Any], name: str) -> Any:
    try:
        return variables[name]
    except KeyError:
        raise UnknownVariable(name) from None


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def build(
    step: Step,
    variables: Mapping[str, Any],
    jar: Jar,
    *,
    base_url: str,
    headers: Mapping[str, Any],
) -> Request:
    """The request of a step; `headers` are those of the file and the actor, the step's win.

    Raises UnknownVariable.
    """
    parts = urlsplit(base_url)
    path, _, query = _path(step, variables, base_url).partition("?")
    path = quote(fill(path, variables, in_path=True), safe=_PATH_SAFE)
    query = str(fill(query, variables, in_path=True))
    more = fill(step.query, variables)
    if isinstance(more, Mapping):
        pairs = [(k, _text(v)) for k, vs in more.items() for v in _many(vs)]
        query = "&".join(filter(None, (query, urlencode(pairs))))
    elif more:
        query = "&".join(filter(None, (query, str(more))))
    query = quote(query, safe=_PATH_SAFE + "?/[]")
    body, kind = _body(step, variables)
    sent = {"host": parts.netloc, "user-agent": "migrator-shadow", "accept": "*/*"}
    if body or kind:
        sent["content-length"] = str(len(body))
    if kind:
        sent["content-type"] = kind
    made: list[tuple[str, str]] = []
    given: dict[str, Any] = {**_lower(headers), **_lower(step.headers)}
    for name, value in {**sent, **given}.items():
        made.extend(
            (name, _text(fill(item, variables))) for item in _many(value) if item is not None
        )
    cookie = jar.header(path)
    if cookie is not None and "cookie" not in given:
        made.append(("cookie", cookie))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Request(
        step.method,
        path,
        query,
        tuple(made),
        body,
        parts.scheme,
        parts.hostname or "localhost",
        port,
    )


def _path(step: Step, variables: Mapping[str, Any], base_url: str) -> str:
    """A path as it is declared; the variable that one begins with is an address that a response has given."""
    begins = _VARIABLE.match(step.path)
    if begins is None:
        return step.path
    there = urlsplit(urljoin(base_url, _text(fill(begins[0], variables))))
    address = there._replace(scheme="", netloc="", path=there.path or "/", fragment="").geturl()
    return address.replace("$", "$$") + step.path[begins.end() :]


def _lower(headers: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in headers.items()}


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _body(step: Step, variables: Mapping[str, Any]) -> tuple[bytes, str]:
    """The body and its content type; both empty where the step has none."""
    if step.has_json:
        document = fill(step.json, variables)
        return json.dumps(document, default=float).encode(), step.content_type or "application/json"
    if step.files is not None:
        form = fill(step.form or {}, variables)
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return _multipart(form, fill(step.files, variables)), step.content_type or kind
    if step.form is not None:
        pairs = [(k, _text(v)) for k, vs in fill(step.form, variables).items() for v in _many(vs)]
        kind = step.content_type or "application/x-www-form-urlencoded"
        return urlencode(pairs).encode(), kind
    if step.body is not None:
        return _text(fill(step.body, variables)).encode(), step.content_type or ""
    return b"", step.content_type or ""


def _multipart(form: Mapping[str, Any], files: Mapping[str, Any]) -> bytes:
    out = bytearray()
    for name, values in form.items():
        for value in _many(values):
            out += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
            out += _text(value).encode() + b"\r\n"
    for name, file in files.items():
        content = _text(file.get("content", "")).encode()
        if "base64" in file:
            content = base64.b64decode(_text(file["base64"]))
        filename = _text(file.get("filename", name))
        kind = _text(file.get("content_type", "application/octet-stream"))
        out += (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"'
            f"\r\nContent-Type: {kind}\r\n\r\n"
        ).encode()
        out += content + b"\r\n"
    return bytes(out + f"--{BOUNDARY}--\r\n".encode())
