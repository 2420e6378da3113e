"""The remember cookie's value: the user's id and an HMAC of it under the secret key."""

from __future__ import annotations

import hmac
from hashlib import sha512

from ..context import active_app, active_request_context


def encode_cookie(payload: str, key: str | bytes | None = None) -> str:
    """`payload` with its signature."""
    return f"{payload}|{_digest(payload, key)}"


def decode_cookie(cookie: str, key: str | bytes | None = None) -> str | None:
    """The payload of a cookie; None when it was not signed with this key."""
    payload, separator, digest = cookie.rpartition("|")
    if not separator:
        return None
    # Bytes: compare_digest refuses text that is not ASCII, which a client may send.
    if hmac.compare_digest(_digest(payload, key).encode(), digest.encode("utf-8", "replace")):
        return payload
    return None


def _digest(payload: str, key: str | bytes | None) -> str:
    if key is None:
        key = active_app().config["SECRET_KEY"]
    if isinstance(key, str):
        key = key.encode("latin1")
    if key is None:
        raise RuntimeError("The remember cookie needs a SECRET_KEY.")
    return hmac.new(key, payload.encode("utf-8"), sha512).hexdigest()


def session_identifier() -> str:
    """What ties a session to a browser: a hash of its address and user agent."""
    request = active_request_context().request
    forwarded = request.headers.get("X-Forwarded-For", request.remote_addr)
    # The bytes' repr is part of what Flask-Login hashes.
    address = None if forwarded is None else forwarded.encode("utf-8").split(b",")[0].strip()
    agent = request.headers.get("User-Agent")
    base = f"{address!r}|{None if agent is None else agent.encode('utf-8')!r}"
    return sha512(base.encode("utf8")).hexdigest()
