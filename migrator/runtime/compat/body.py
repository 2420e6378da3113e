"""Reads a request's body up front, asynchronously, so that sync code may read it afterwards."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

SPOOL_SIZE = 500_000
"""Bytes of a body that stay in memory; what is larger goes to a temporary file."""


@dataclass(slots=True)
class Body:
    """What was read of a request's body, rewound to its start."""

    stream: IO[bytes]
    terminated: bool
    """No Content-Length: the stream's own end is the body's end."""
    complete: bool
    """False when reading stopped because the body is larger than the limit."""


class ClientGone(OSError):
    """The client went away before its body had arrived, or while it was answered: nobody waits."""


async def read_body(scope: Mapping[str, Any], receive: Receive, limit: int | None) -> Body:
    """The body of the request, at most `limit` + 1 bytes of it.

    A body that announces more than `limit` is not read at all: whoever reads it gets 413, and a
    view that does not read it answers as if nothing had been sent. Raises ClientGone.
    """
    length: int | None = None
    chunked = False
    for name, value in scope["headers"]:
        if name == b"content-length":
            try:
                length = int(value)
            except ValueError:
                length = 0
        elif name == b"transfer-encoding":
            chunked = True
    # HTTP/1 has no body without one of the two headers; HTTP/2 may.
    if length is None and not chunked and scope.get("http_version", "1.1").startswith("1"):
        return Body(io.BytesIO(), terminated=False, complete=True)
    if limit is not None and length is not None and length > limit:
        return Body(io.BytesIO(), terminated=False, complete=False)

    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    first: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return Body(io.BytesIO(first), terminated=length is None, complete=True)

    spool = cast("IO[bytes]", SpooledTemporaryFile(max_size=SPOOL_SIZE))  # noqa: SIM115
    spool.write(first)
    size = len(first)
    complete = True
    while message.get("more_body", False):
        if limit is not None and size > limit:
            complete = False
            break
        message = await receive()
        if message["type"] == "http.disconnect":
            spool.close()
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        spool.write(chunk)
    spool.seek(0)
    return Body(spool, terminated=length is None, complete=complete)
