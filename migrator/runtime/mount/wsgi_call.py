"""One call of a WSGI application by PEP 3333: what it answers goes to an outlet, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Protocol

from migrator.runtime.mount.environ import Environ
from migrator.runtime.mount.exchange import ClientGone, Head

WSGIApplication = Callable[[Environ, Any], Iterable[bytes]]
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class Outlet(Protocol):
    """Takes a response: `Exchange` from a thread, or the server's `send` from a greenlet."""

    @property
    def aborted(self) -> bool:
        """Whether nobody waits for the response any more."""

    def write(self, head: Head | None, data: bytes) -> None:
        """Pass on a part of the body. Raises ClientGone."""

    def complete(self, head: Head | None, data: bytes) -> None:
        """Pass on the body's last part."""


class WSGICall:
    """Calls `app` once, in `serve`; its own code runs nowhere else."""

    def __init__(self, app: WSGIApplication, environ: Environ, outlet: Outlet) -> None:
        self._app = app
        self._environ = environ
        self._outlet = outlet
        self._head: Head | None = None  # set by start_response, None again once passed on
        self._begun = False  # start_response was called
        self._sent = False  # the head has been passed on
        self.complete = False
        """Whether the whole body has been passed on."""
        self._missing: int | None = None  # what Content-Length still promises

    def serve(self) -> None:
        """Raises what the application does, and ClientGone once the outlet is aborted."""
        iterable = self._app(self._environ, self._start_response)
        try:
            for chunk in iterable:
                if self._outlet.aborted:
                    raise ClientGone
                if not chunk or self.complete:
                    continue
                if self._missing is not None and len(chunk) >= self._missing:
                    # The usual response: all of it in one step. What the application does after
                    # its last chunk, and in close(), is none of the client's time.
                    self._finish_body(chunk)
                else:
                    self._write(chunk)
            if not self.complete:
                self._finish_body(b"")
        finally:
            close = getattr(iterable, "close", None)
            if close is not None:
                close()

    def _finish_body(self, data: bytes) -> None:
        self._outlet.complete(self._take_head(), data)
        self.complete = True

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: _ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        if exc_info is not None:
            try:
                if self._sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # a reference cycle otherwise (PEP 3333)
        elif self._begun:
            raise AssertionError("start_response was called twice without exc_info")
        self._begun = True
        self._missing = None
        encoded = []
        for name, value in headers:
            key = name.strip().lower().encode("latin1")
            if key == b"content-length" and self._environ["REQUEST_METHOD"] != "HEAD":
                self._missing = int(value)
            encoded.append((key, value.strip().encode("latin1")))
        self._head = Head(int(status[:3]), encoded)
        return self._write

    def _write(self, data: bytes) -> None:
        if self._missing is not None:
            self._missing -= len(data)
        self._outlet.write(self._take_head(), data)

    def _take_head(self) -> Head | None:
        if not self._begun:
            raise AssertionError("the application sent data before start_response")
        head, self._head = self._head, None
        self._sent = True
        return head


def as_exception(raised: BaseException) -> Exception:
    """What to raise on the server's side: sys.exit() in a view must not end the server."""
    if isinstance(raised, Exception):
        return raised
    error = RuntimeError(f"The legacy application raised {raised!r}")
    error.__cause__ = raised
    return error
