"""What is changed in an answer of FastAPI's on its way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Message, Send


def without_body(send: Send) -> Send:
    """For a HEAD that is answered by a GET: the same headers, no bytes."""

    async def headers_only(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return headers_only


def merging_allow(send: Send, methods: Iterable[str]) -> Send:
    """Add `methods` to the answer's Allow header; an answer that has none stays without."""

    async def merged(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": _merged(message.get("headers", ()), methods)}
        await send(message)

    return merged


def _merged(
    headers: Iterable[tuple[bytes, bytes]], methods: Iterable[str]
) -> list[tuple[bytes, bytes]]:
    result = []
    for name, value in headers:
        if name.lower() == b"allow":
            have = [method.strip() for method in value.decode("latin1").split(",")]
            have += sorted(set(methods) - set(have))
            value = ", ".join(filter(None, have)).encode("latin1")
        result.append((name, value))
    return result
