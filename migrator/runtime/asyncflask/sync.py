"""The WSGI side: a sync caller's request on an event loop, step by step as the caller asks.

Flask's test client, Werkzeug's development server and every WSGI server call the application so.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from migrator.runtime.db.blocking import run_blocking
from migrator.runtime.db.bridge import bridge, in_bridge
from migrator.runtime.mount.environ import Environ

if TYPE_CHECKING:
    from migrator.runtime.mount.wsgi_call import WSGIApplication

T = TypeVar("T")
_END: Any = object()


def call_wsgi(app: WSGIApplication, environ: Environ, start_response: Any) -> Iterable[bytes]:
    """Flask's own answer to `environ`; its body is made while the caller iterates it."""
    if in_bridge():
        return app(environ, start_response)
    return _Steps(app, environ, start_response)


class _Steps:
    """A response's body: each part is made in the bridge, all in the context of the request."""

    def __init__(
        self, app: Callable[..., Iterable[bytes]], environ: Environ, start_response: Any
    ) -> None:
        # One for all steps: what a generator pushes in one it pops in another.
        self._context = contextvars.copy_context()
        self._iterable = self._run(app, environ, start_response)
        self._iterator: Iterator[bytes] | None = None

    def _run(self, fn: Callable[..., T], *args: Any) -> T:
        return run_blocking(bridge(fn, *args), self._context)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._iterator is None:
            self._iterator = self._run(iter, self._iterable)
        chunk: bytes = self._run(next, self._iterator, _END)
        if chunk is _END:
            raise StopIteration
        return chunk

    def close(self) -> None:
        close = getattr(self._iterable, "close", None)
        if close is not None:
            self._run(close)
