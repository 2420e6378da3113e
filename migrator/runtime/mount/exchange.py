"""What the event loop and the worker thread share while one request is answered.

The thread writes, the loop takes. Neither waits for the other more than it must: a complete
response crosses in one step, a stream crosses in batches with back-pressure.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass

from werkzeug.exceptions import ClientDisconnected

Headers = list[tuple[bytes, bytes]]


class ClientGone(ClientDisconnected, OSError):
    """The client has left. Werkzeug takes it for its own ClientDisconnected, others for OSError."""

    description = "The client closed the connection."


@dataclass(frozen=True, slots=True)
class Head:
    """A response's status and headers."""

    status: int
    headers: Headers


@dataclass(frozen=True, slots=True)
class Batch:
    """What the loop has to send now.

    `final` says that the body ends with `data`; `done` that the thread is finished as well.
    """

    head: Head | None
    data: bytes
    final: bool
    done: bool
    error: BaseException | None


class Exchange:
    """One request's crossing between a worker thread and the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limit: int) -> None:
        """`limit`: how many bytes may wait for the client before the thread is held."""
        self._loop = loop
        self._limit = limit
        self._changed = threading.Condition(threading.Lock())
        self._ready = asyncio.Event()
        self._loop_waits = False
        self._head: Head | None = None
        self._chunks: list[bytes] = []
        self._size = 0
        self._final = False
        self._final_taken = False
        self._done = False
        self._error: BaseException | None = None
        self._aborted = False

    # ---- the thread's side

    @property
    def aborted(self) -> bool:
        """Whether nobody waits for the response any more."""
        return self._aborted

    def write(self, head: Head | None, data: bytes) -> None:
        """Pass on a part of the body; wait while too much is under way. Raises ClientGone."""
        with self._changed:
            while self._size >= self._limit and not self._aborted:
                self._changed.wait()
            if self._aborted:
                raise ClientGone
            if head is not None:
                self._head = head
            self._chunks.append(data)
            self._size += len(data)
            self._wake()

    def complete(self, head: Head | None, data: bytes) -> None:
        """Pass on the body's last part without waiting for anything."""
        with self._changed:
            if self._aborted or self._final:
                return
            if head is not None:
                self._head = head
            if data:
                self._chunks.append(data)
                self._size += len(data)
            self._final = True
            self._wake()

    def finish(self, error: BaseException | None = None) -> None:
        """The thread is done with this request; `error` is raised on the loop's side."""
        with self._changed:
            self._done = True
            self._error = error
            self._wake()

    def _wake(self) -> None:
        if not self._loop_waits:
            return
        self._loop_waits = False
        try:
            self._loop.call_soon_threadsafe(self._ready.set)
        except RuntimeError:  # the loop is closed: nobody will ever take anything
            self._aborted = True

    # ---- the loop's side

    async def take(self) -> Batch | None:
        """What there is to send, as soon as there is something; None when aborted."""
        while True:
            with self._changed:
                if self._aborted:
                    return None
                if (
                    self._head is not None
                    or self._chunks
                    or self._done
                    or (self._final and not self._final_taken)
                ):
                    return self._take()
                self._ready.clear()
                self._loop_waits = True
            await self._ready.wait()

    def _take(self) -> Batch:
        chunks = self._chunks
        batch = Batch(
            self._head,
            chunks[0] if len(chunks) == 1 else b"".join(chunks),
            self._final and not self._final_taken,
            self._done,
            self._error,
        )
        if self._final:
            self._final_taken = True
        self._head = None
        if chunks:
            self._chunks = []
            self._size = 0
            self._changed.notify_all()
        return batch

    def abort(self) -> None:
        """Nobody waits any more: the thread's next write raises, `take` gives None."""
        with self._changed:
            self._aborted = True
            self._chunks = []
            self._size = 0
            self._changed.notify_all()
        self._ready.set()
