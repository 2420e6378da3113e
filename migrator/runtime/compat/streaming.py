"""Streamed bodies: sent chunk by chunk, with the request's context and database scope kept open."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from .body import ClientGone
from .context import _request_context
from .running import bridge, unbridge

if TYPE_CHECKING:
    from .response import Response

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_INLINE = 1 << 18
"""Bytes of a file that are read on the event loop; a larger one is read in a thread."""

_PATIENCE = 10.0
"""Seconds that a stream may go on without a part when its client has left."""

_END: Any = object()


def stream_with_context(generator_or_function: Any) -> Any:
    """A generator, or a generator function, that sees the current request.

    Here each streamed body does: the request's context stays until the body has been sent. What
    remains is Flask's check that there is a request.
    """
    try:
        generator = iter(generator_or_function)
    except TypeError:
        if hasattr(generator_or_function, "__aiter__"):
            return generator_or_function

        @functools.wraps(generator_or_function)
        def decorator(*args: Any, **kwargs: Any) -> Any:
            return stream_with_context(generator_or_function(*args, **kwargs))

        return decorator
    if _request_context.get(None) is None:
        raise RuntimeError(
            "'stream_with_context' can only be used when a request context is active, such as in "
            "a view function."
        )
    return generator


def _encoded(chunk: Any) -> bytes:
    return chunk.encode() if isinstance(chunk, str) else chunk


async def send_chunks(response: Response, start: MutableMapping[str, Any], send: Send) -> None:
    """Send the body of `response`; a sync iterable runs in the bridge, an async one natively.

    As over WSGI, `start` goes out with the first part: what fails before is answered by a 500.
    """
    started = False

    async def send_on(message: MutableMapping[str, Any]) -> None:
        nonlocal started
        if not started:
            started = True
            await send(start)
        await send(message)

    body: Any = response.response
    if hasattr(body, "__aiter__"):
        async for chunk in body:
            await _send_chunk(send_on, _encoded(chunk))
    else:
        await bridge(_send_sync, response.iter_encoded(), send_on)
    await send_on({"type": "http.response.body", "body": b"", "more_body": False})


def _send_sync(chunks: Iterable[bytes], send: Send) -> None:
    for chunk in chunks:
        unbridge(_send_chunk(send, chunk))


async def _send_chunk(send: Send, chunk: bytes) -> None:
    if chunk:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        # A fast generator must not keep the loop for itself, and cancellation has to get in.
        await asyncio.sleep(0)


async def send_file_chunks(response: Response, send: Send) -> None:
    """Send a file: no application code runs, so neither context nor database is needed."""
    chunks: Iterator[bytes] = iter(response.response)  # type: ignore[arg-type]
    length = response.content_length
    in_thread = length is None or length > _INLINE
    while True:
        if in_thread:
            chunk = await asyncio.to_thread(next, chunks, _END)
        else:
            chunk = next(chunks, _END)
        if chunk is _END:
            break
        await _send_chunk(send, chunk)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


class until_disconnect:
    """Gives the `send` of a streamed response: it raises ClientGone once the client has left.

    What the application does between two parts is done to its end, as in a thread: a transaction
    isn't cut off in its middle. Who sends nothing for `_PATIENCE` seconds more is cancelled. Both end
    the stream quietly. Servers of ASGI 2.4 tell by an OSError, the others by `receive`.
    """

    def __init__(self, scope: Any, receive: Receive, send: Send) -> None:
        version = scope.get("asgi", {}).get("spec_version", "2.0")
        self._watches = tuple(int(part) for part in version.split(".")) < (2, 4)
        self._receive = receive
        self._send = send
        self._gone = False
        self._cancelled = False
        self._watcher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Send:
        if self._watches:
            task = asyncio.current_task()
            self._watcher = asyncio.get_running_loop().create_task(self._watch(task))
        return self._send_on

    async def _send_on(self, message: MutableMapping[str, Any]) -> None:
        if self._gone:
            raise ClientGone
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            # What comes after the last part is none of the client's time.
            self._unwatch()
        try:
            await self._send(message)
        except OSError as error:
            raise ClientGone from error

    async def _watch(self, task: asyncio.Task[Any] | None) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        await asyncio.sleep(_PATIENCE)
        if task is not None:
            self._cancelled = True
            task.cancel()

    def _unwatch(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()

    async def __aexit__(self, kind: Any, error: BaseException | None, traceback: Any) -> bool:
        self._unwatch()
        if isinstance(error, asyncio.CancelledError) and self._cancelled:
            task = asyncio.current_task()
            return task is None or task.uncancel() == 0
        return isinstance(error, ClientGone)
