"""Streamed bodies: sent chunk by chunk, with the request's context and database scope kept open."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from .context import _request_context
from .running import bridge, unbridge

if TYPE_CHECKING:
    from .response import Response

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_INLINE = 1 << 18
"""Bytes of a file that are read on the event loop; a larger one is read in a thread."""

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


async def send_chunks(response: Response, send: Send) -> None:
    """Send the body of `response`; a sync iterable runs in the bridge, an async one natively."""
    body: Any = response.response
    if hasattr(body, "__aiter__"):
        async for chunk in body:
            await _send_chunk(send, _encoded(chunk))
    else:
        await bridge(_send_sync, response.iter_encoded(), send)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


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
    """Cancels the stream inside when the client goes away; leaves quietly then.

    Servers of ASGI 2.4 raise OSError from `send` instead, and need no watching.
    """

    def __init__(self, scope: Any, receive: Receive) -> None:
        version = scope.get("asgi", {}).get("spec_version", "2.0")
        self._watches = tuple(int(part) for part in version.split(".")) < (2, 4)
        self._receive = receive
        self._gone = False
        self._watcher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        if self._watches:
            task = asyncio.current_task()
            self._watcher = asyncio.get_running_loop().create_task(self._watch(task))

    async def _watch(self, task: asyncio.Task[Any] | None) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        if task is not None:
            task.cancel()

    async def __aexit__(self, kind: Any, error: BaseException | None, traceback: Any) -> bool:
        if self._watcher is not None:
            self._watcher.cancel()
        if isinstance(error, asyncio.CancelledError) and self._gone:
            task = asyncio.current_task()
            return task is None or task.uncancel() == 0
        return isinstance(error, OSError) and not self._watches
