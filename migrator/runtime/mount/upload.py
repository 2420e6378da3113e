"""A request's body, read by the worker thread while the event loop receives it.

The same reception notices that the client has left, which is why it also runs, body or not, while
a response is streamed.
"""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from migrator.runtime.mount.exchange import ClientGone

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from starlette.types import Receive

#: How many bytes are received ahead of the application's reading.
_AHEAD = 128 * 1024


class Upload(io.RawIOBase):
    """The raw stream behind `wsgi.input`; wrap it in `io.BufferedReader`.

    Reception starts with the first read (or `watch`), so a view that never reads its body does not
    make the server say `100 Continue`. A body cut short raises ClientGone, it never looks complete.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        receive: Receive,
        on_disconnect: Callable[[], None],
    ) -> None:
        super().__init__()
        self._loop = loop
        self._receive = receive
        self._on_disconnect = on_disconnect
        self._changed = threading.Condition(threading.Lock())
        self._buffer = bytearray()
        self._complete = False
        self._broken = False
        self._asked = False
        self._held = False  # reception waits until the application has read
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # ---- the thread's side

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        with self._changed:
            if not self._asked:
                self._asked = True
                self._call(self.watch)
            while not self._buffer and not self._complete:
                if self._broken:
                    raise ClientGone
                self._changed.wait()
            size = min(len(view), len(self._buffer))
            view[:size] = self._buffer[:size]
            del self._buffer[:size]
            release = self._held and len(self._buffer) < _AHEAD // 2
            if release:
                self._held = False
        if release:
            self._call(self._room.set)
        return size

    def _call(self, step: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(step)
        except RuntimeError:  # the loop is closed: nothing will ever be received
            self._broken = True

    # ---- the loop's side

    def watch(self) -> None:
        """Start receiving: the body first, the client's departure after it."""
        if self._task is None and not self._broken:
            self._task = self._loop.create_task(self._run())

    async def _run(self) -> None:
        try:
            while True:
                message = await self._receive()
                if message["type"] != "http.request":
                    break
                with self._changed:
                    if not self._complete:
                        self._buffer += message.get("body", b"")
                        self._complete = not message.get("more_body", False)
                        self._changed.notify_all()
                    held = len(self._buffer) >= _AHEAD and not self._complete
                    self._held = held
                    if held:
                        self._room.clear()
                # While the application reads nothing of a large body a departure stays unseen.
                if held:
                    await self._room.wait()
        except asyncio.CancelledError:
            raise
        except Exception:  # a server whose receive() fails has lost its client
            pass
        self.stop()
        self._on_disconnect()

    def stop(self) -> None:
        """No more will come: a reader that waits is released with ClientGone."""
        with self._changed:
            self._broken = True
            self._changed.notify_all()

    async def end(self) -> None:
        """Stop receiving and wait until that is so."""
        self.stop()
        task, self._task = self._task, None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])
