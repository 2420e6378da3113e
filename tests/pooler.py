"""A pooler as PgBouncer is one in transaction mode: each transaction gets one of a few connections.

https://www.postgresql.org/docs/current/protocol-flow.html
"""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _message(reader: asyncio.StreamReader, *, first: bool = False) -> bytes:
    """The next message, as it stands; the first one of a client has no type."""
    head = await reader.readexactly(4 if first else 5)
    (length,) = struct.unpack("!i", head[-4:])
    return head + await reader.readexactly(length - 4)


class _Pooler:
    def __init__(self, server: sa.URL, size: int) -> None:
        self._server = server
        self._free: asyncio.Queue[_Streams | None] = asyncio.Queue()
        self._greeting = b""
        self.opened: list[asyncio.StreamWriter] = []
        for _ in range(size):
            self._free.put_nowait(None)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            started = await _message(reader, first=True)
            self._free.put_nowait(await self._take(started))
            number = b"K" + struct.pack("!iii", 12, 7, 7)
            writer.write(self._greeting + number + b"Z" + struct.pack("!i", 5) + b"I")
            asked: asyncio.Future[bytes] = asyncio.ensure_future(_message(reader))
            while (await asked)[:1] != b"X":
                streams: _Streams | None = await self._take(started)
                try:
                    assert streams is not None
                    asked = await self._transaction(asked, streams, reader, writer)
                except (asyncio.IncompleteReadError, ConnectionError):
                    streams = None  # somebody left in the middle of it
                finally:
                    self._free.put_nowait(streams)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _transaction(
        self,
        asked: asyncio.Future[bytes],
        server: _Streams,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> asyncio.Future[bytes]:
        """Hand on what either side says until the server is idle; gives what the client says next."""
        answered = asyncio.ensure_future(_message(server[0]))
        outstanding = 0
        while True:
            await asyncio.wait({asked, answered}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                message = asked.result()
                outstanding += message[:1] in (b"S", b"Q")
                server[1].write(message)
                asked = asyncio.ensure_future(_message(reader))
            elif answered.done():
                message = answered.result()
                writer.write(message)
                outstanding -= message[:1] == b"Z"
                if message[:1] == b"Z" and message[-1:] == b"I" and not outstanding:
                    return asked
                answered = asyncio.ensure_future(_message(server[0]))

    async def _take(self, started: bytes) -> _Streams:
        streams = await self._free.get()
        if streams is None:
            streams = await self._opened()
            streams[1].write(started)
            greeting = b""
            while (message := await _message(streams[0]))[:1] != b"Z":
                greeting += message if message[:1] != b"K" else b""
            self._greeting = greeting
        return streams

    async def _opened(self) -> _Streams:
        host = str(self._server.query.get("host") or self._server.host)
        port = self._server.port or 5432
        if host.startswith("/"):
            streams = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            streams = await asyncio.open_connection(host, port)
        self.opened.append(streams[1])
        return streams


@contextmanager
def pooled(url: str, folder: Path, size: int = 3) -> Iterator[str]:
    """The URL of a pooler with `size` connections to the server at `url`, which listens on a socket."""
    given = sa.make_url(url)
    if given.password:
        pytest.skip("the pooler of the tests knows no passwords")
    loop = asyncio.new_event_loop()
    pooler = _Pooler(given, size)
    listening = loop.run_until_complete(
        asyncio.start_unix_server(pooler.serve, folder / ".s.PGSQL.5432")
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield given.set(host=None, port=None, query={"host": str(folder)}).render_as_string(
            hide_password=False
        )
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(_ended(listening, pooler.opened))
        loop.close()


async def _ended(listening: asyncio.Server, opened: list[asyncio.StreamWriter]) -> None:
    listening.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for writer in opened:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
