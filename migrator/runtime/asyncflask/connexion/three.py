"""Connexion 3: an ASGI application whose middleware stands before Flask."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import connexion
from connexion import security
from connexion.apps.flask import FlaskApi, FlaskASGIApp
from connexion.middleware.swagger_ui import SwaggerUIMiddleware

from migrator.runtime.asyncflask.app import AsyncFlask
from migrator.runtime.asyncflask.connexion.own import OWNER, Handlers, in_place_of
from migrator.runtime.db.bridge import bridge
from migrator.runtime.ending import end_as_python_does
from migrator.runtime.left_open import apart

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class FlaskApp(connexion.FlaskApp):
    """Takes the place of `connexion.FlaskApp`: the same arguments, and `app` is an AsyncFlask.

    What the documents name runs in the bridge: view functions with the request's session, functions
    of the security and error handlers before and after it with one of their own.
    """

    app: AsyncFlask

    def __init__(
        self,
        import_name: str,
        *,
        server_args: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self._server_args = server_args or {}
        super().__init__(import_name, server_args=server_args, **kwargs)
        self.served = Served(self)
        self.app.extensions[OWNER] = self
        self._build = self.middleware._build_middleware_stack
        self.middleware._build_middleware_stack = self._built

    # Connexion's constructor makes the Flask application and keeps it here, before all that is
    # built around it.
    @property
    def _middleware_app(self) -> FlaskASGIApp:
        return self._inner

    @_middleware_app.setter
    def _middleware_app(self, made: FlaskASGIApp) -> None:
        self._inner = _Inner(made, self._server_args)

    def add_error_handler(self, code_or_exception: Any, function: Callable[..., Any]) -> None:
        """Connexion's; the handler runs in the bridge."""
        super().add_error_handler(code_or_exception, in_bridge(function))

    def _built(self) -> Any:
        """Connexion's middleware, once all documents are read.

        Raises MountError as `Handlers` does. The functions of the security are looked up here.
        """
        look_up = security.get_function_from_name
        security.get_function_from_name = lambda name: in_bridge(look_up(name))
        try:
            outermost, applications = self._build()
        finally:
            security.get_function_from_name = look_up
        for application in applications:
            if isinstance(application, SwaggerUIMiddleware):
                for mount in application.router.routes:
                    # A router knows its API by the methods that are its endpoints.
                    endpoints = [getattr(route, "endpoint", None) for route in mount.app.routes]
                    for api in {getattr(endpoint, "__self__", None) for endpoint in endpoints}:
                        if api is not None:
                            self._inner.handlers.publish(api.specification.raw)
        return outermost, applications


class Served:
    """The application for a server: connexion's own, which closes the database when it ends."""

    def __init__(self, application: FlaskApp) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.application(scope, receive, send)
        finally:
            if scope["type"] == "lifespan":
                await self.application.app.dispose_database()
                end_as_python_does()


class _Inner(FlaskASGIApp):
    """Connexion's innermost ASGI application, on the event loop instead of worker threads."""

    def __init__(self, made: FlaskASGIApp, arguments: dict[str, Any]) -> None:
        self.app = in_place_of(made.app, arguments)
        self.asgi_app = _Wrapped(self.app)
        self.handlers = Handlers(made.app.import_name)

    def add_api(self, specification: Any, *, name: str | None = None, **kwargs: Any) -> FlaskApi:
        """Connexion's, whose operations may be coroutine functions."""
        api = _Api(self.app, self.handlers, specification, **kwargs)
        options = {} if name is None else {"name": name}
        self.app.register_blueprint(api.blueprint, **options)
        return api


class _Wrapped:
    """What connexion calls for a request; `app` is the WSGI application that it may wrap."""

    def __init__(self, flask: AsyncFlask) -> None:
        self._flask = flask

    @property
    def app(self) -> Any:
        return self._flask.wsgi_app

    @app.setter
    def app(self, wrapped: Any) -> None:
        self._flask.wsgi_app = wrapped  # type: ignore[method-assign]  # as Flask's own documentation does

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._flask.asgi_app(scope, receive, send)


class _Api(FlaskApi):
    def __init__(self, flask: AsyncFlask, handlers: Handlers, *args: Any, **kwargs: Any) -> None:
        self._flask, self._handlers = flask, handlers
        super().__init__(*args, **kwargs)

    def make_operation(self, operation: Any) -> Any:
        """Connexion's; a coroutine function is awaited on the loop, not on one of another thread."""
        made = super().make_operation(operation)
        self._handlers.check(made._fn, made.operation_id)
        if inspect.iscoroutinefunction(made._fn):
            made._fn = self._flask.async_to_sync(made._fn)
        return made


def in_bridge(function: Callable[..., Any]) -> Callable[..., Any]:
    """A coroutine function that runs a plain one in the bridge; other ones as they are."""
    if inspect.iscoroutinefunction(function):
        return function

    @functools.wraps(function)
    async def called(*args: Any, **kwargs: Any) -> Any:
        with apart():
            return await bridge(function, *args, **kwargs)

    return called
