"""Flask's request and application context over a request that the converted application handles.

Not pushed but set: pushing opens a session and matches the URL, popping runs teardown functions,
and all of that is done by the converted application already (docs/adr/0006-flask-context.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from flask import globals as flask_globals

from migrator.runtime.told import get_logger

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import MapAdapter

log = get_logger("migrator.mount")


class SharedContext:
    """What Flask's proxies look at: both of its contexts in one, on the other side's objects."""

    def __init__(self, app: Flask, context: Any) -> None:
        self.app = app
        self._context = context
        self._url_adapter: MapAdapter | None = None

    @property
    def request(self) -> Any:
        return self._context.request

    @property
    def g(self) -> Any:
        return self._context.g

    @property
    def session(self) -> Any:
        """The session; as on either side, reading this counts as an access (`Vary: Cookie`)."""
        return self._context.session

    @property
    def flashes(self) -> Any:
        return self._context.flashes

    @flashes.setter
    def flashes(self, value: Any) -> None:
        self._context.flashes = value

    @property
    def _after_request_functions(self) -> list[Callable[[Any], Any]]:
        functions: list[Callable[[Any], Any]] = self._context.after_request_functions
        return functions

    @property
    def url_adapter(self) -> MapAdapter | None:
        """The adapter of the legacy application's URL map, for `flask.url_for`."""
        if self._url_adapter is None:
            self._url_adapter = self.app.create_url_adapter(self._context.request)
        return self._url_adapter


def shared_contexts(app: Flask) -> Callable[[Any], AbstractContextManager[None]] | None:
    """What to give the converted application as its `flask_context`.

    None for a Flask that keeps its contexts elsewhere than Flask 3.0 and 3.1 do.
    """
    on_app = getattr(flask_globals, "_cv_app", None)
    on_request = getattr(flask_globals, "_cv_request", None)
    if on_app is None or on_request is None:
        return None

    @contextmanager
    def shared(context: Any) -> Iterator[None]:
        made = SharedContext(app, context)
        app_token, request_token = on_app.set(made), on_request.set(made)
        try:
            yield
        finally:
            _close_session(app, context)
            on_request.reset(request_token)
            on_app.reset(app_token)

    return shared


def _close_session(app: Flask, context: Any) -> None:
    """Close what the legacy Flask-SQLAlchemy opened: nobody else would, without a teardown."""
    extension = app.extensions.get("sqlalchemy")
    session = getattr(extension, "session", None)
    registry = getattr(session, "registry", None)
    if session is None or registry is None or not registry.has():
        return
    session.remove()
    log.error(
        "%s %s used the legacy application's own database session, through a callback of an "
        "extension: what it wrote was rolled back, and it read outside of the request's "
        "transaction. Leave the view on the mount.",
        context.request.method,
        context.request.path,
    )
