"""A request's body, received while sync code reads it in its greenlet."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

from sqlalchemy.util.concurrency import await_only

from migrator.runtime.db.bridge import in_greenlet
from migrator.runtime.db.errors import OutsideBridge
from migrator.runtime.mount.exchange import ClientGone

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from starlette.types import Receive, Scope

#: Bytes of an announced length that are received before the application is called.
_SMALL = 256 * 1024


class Incoming(io.RawIOBase):
    """The raw stream behind `wsgi.input`; wrap it in `io.BufferedReader`.

    A body cut short raises ClientGone, it never looks complete.
    """

    def __init__(self, receive: Receive, known: bytes | None = None) -> None:
        """`known`: the whole body, where it is known without receiving."""
        super().__init__()
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray(known or b"")
        self.complete = known is not None
        """Whether all of it has been received."""

    async def fetch_small(self, scope: Scope) -> None:
        """Receive a small body now: whoever reads it later need not wait. Raises ClientGone."""
        length = next((v for name, v in scope["headers"] if name == b"content-length"), b"")
        if length.isdigit() and int(length) <= _SMALL:
            while not self.complete:
                await self._take()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        while not self._buffer and not self.complete:
            self._wait()
        view = memoryview(buffer).cast("B")
        size = min(len(view), len(self._buffer))
        view[:size] = self._buffer[:size]
        del self._buffer[:size]
        return size

    def _wait(self) -> None:
        if in_greenlet():
            await_only(self._take())
        elif asyncio._get_running_loop() is None:  # a thread that the view has started
            asyncio.run_coroutine_threadsafe(self._take(), self._loop).result()
        else:
            raise OutsideBridge(
                "A large request body was read in a task of its own.",
                "It arrives while it is read, and the task can't wait for it in a sync call.",
                "Read it in the view, or by `await bridge(...)`, before the task is started.",
            )

    async def _take(self) -> None:
        message = await self._receive()
        if message["type"] != "http.request":
            raise ClientGone
        self._buffer += message.get("body", b"")
        self.complete = not message.get("more_body", False)
