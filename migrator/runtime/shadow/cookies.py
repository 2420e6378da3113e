"""Cookies: `Set-Cookie` taken apart, session cookies read, and one jar a side.

A signed session is read with Flask's own parameters (salt `cookie-session`, HMAC of SHA-1; see
flask/sessions.py): its signature is checked with the legacy application's secret, and what is
compared is what it carries.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from itsdangerous import BadSignature, TimestampSigner
from itsdangerous.url_safe import URLSafeTimedSerializer


@dataclass(frozen=True, slots=True)
class Cookie:
    """One `Set-Cookie` header: attribute names in lower case, flags have the value True."""

    name: str
    value: str
    attributes: Mapping[str, str | bool]

    @property
    def identity(self) -> str:
        """What a browser tells cookies apart by."""
        return f"{self.name};{self.attributes.get('domain', '')};{self.attributes.get('path', '')}"


def parse(header: str) -> Cookie:
    """Take one `Set-Cookie` value apart; never fails, as browsers don't either."""
    first, *rest = header.split(";")
    name, _, value = first.partition("=")
    attributes: dict[str, str | bool] = {}
    for part in rest:
        key, given, text = part.strip().partition("=")
        attributes[key.lower()] = text if given else True
    return Cookie(name.strip(), value.strip().strip('"'), attributes)


class Sessions:
    """Reads session cookies that were signed with `secret_key`."""

    def __init__(self, secret_key: str | bytes | None, name: str = "session") -> None:
        self.name = name
        self._signer = (
            None
            if secret_key is None
            else URLSafeTimedSerializer(
                secret_key,
                salt="cookie-session",
                serializer=_Verbatim(),
                signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1},
                signer=TimestampSigner,
            )
        )

    def read(self, cookie: Cookie) -> tuple[object, str] | None:
        """The content and the time of signing; None where it is no session with a valid signature."""
        if self._signer is None or cookie.name != self.name or not cookie.value:
            return None
        try:
            content, signed = self._signer.loads(cookie.value, return_timestamp=True)
        except (BadSignature, ValueError):
            return None
        return content, signed.isoformat()


class _Verbatim:
    """Plain JSON: Flask's tags (`{" t": [...]}`) stay as written, which is what we compare."""

    def loads(self, payload: str | bytes) -> Any:
        return json.loads(payload)

    def dumps(self, obj: Any) -> str:
        return json.dumps(obj)


@dataclass(slots=True)
class Jar:
    """The cookies one side has been given, as a browser would keep them for one host."""

    _cookies: dict[str, Cookie] = field(default_factory=dict)

    def copy(self) -> Jar:
        """A jar with the same cookies that changes by itself."""
        return Jar(dict(self._cookies))

    def update(self, headers: tuple[tuple[str, str], ...], now: float) -> None:
        """Take in every Set-Cookie of a response; expired ones are deleted. `now` is epoch seconds."""
        for name, value in headers:
            if name.lower() != "set-cookie":
                continue
            cookie = parse(value)
            if _expired(cookie, now):
                self._cookies.pop(cookie.identity, None)
            else:
                self._cookies[cookie.identity] = cookie

    def header(self, path: str) -> str | None:
        """The Cookie header for a request to `path`; longer paths first, as browsers send them."""
        fitting = [c for c in self._cookies.values() if _path_fits(path, c.attributes.get("path"))]
        fitting.sort(key=lambda cookie: -len(str(cookie.attributes.get("path", "/"))))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in fitting) or None


def _expired(cookie: Cookie, now: float) -> bool:
    age = cookie.attributes.get("max-age")
    if isinstance(age, str):
        try:
            return int(age) <= 0
        except ValueError:
            return False
    expires = cookie.attributes.get("expires")
    if not isinstance(expires, str):
        return False
    try:
        return parsedate_to_datetime(expires) <= datetime.fromtimestamp(now, UTC)
    except (ValueError, TypeError):
        return False


def _path_fits(path: str, scope: str | bool | None) -> bool:
    if not isinstance(scope, str) or not scope.startswith("/") or scope == "/":
        return True
    return path == scope or path.startswith(scope.rstrip("/") + "/")
