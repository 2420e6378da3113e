"""`AsyncFlask`: Flask itself, whose requests run in the bridge on an event loop."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

import flask
from flask.sansio.blueprints import Blueprint

from migrator.runtime.asyncflask.cli import AsyncGroup, settle
from migrator.runtime.asyncflask.context import ScopedAppContext
from migrator.runtime.asyncflask.serve import serve_http
from migrator.runtime.asyncflask.sync import call_wsgi
from migrator.runtime.asyncflask.templates import await_calls
from migrator.runtime.compat import development
from migrator.runtime.compat.shared import shared_config, shared_instance_path
from migrator.runtime.db.bridge import in_greenlet, unbridge, waited
from migrator.runtime.db.forgotten import Watch, answering, watch_for_forgotten
from migrator.runtime.db.pagination import install_request_args
from migrator.runtime.db.twins import dispose_twins
from migrator.runtime.ending import end_as_python_does
from migrator.runtime.left_open import apart, context_of_a_request, is_open
from migrator.runtime.threads.registries import separate_requests

if TYPE_CHECKING:
    from flask.templating import Environment
    from starlette.types import Receive, Scope, Send


class AsyncFlask(flask.Flask):
    """Takes the place of `flask.Flask`: the same arguments, every extension works on it.

    An ASGI application, and still a WSGI one: servers, test clients and middleware of either kind
    may call it. A request runs in one greenlet on the event loop, where sync code has the sync ORM
    over the async driver; `async def` views, hooks and handlers are awaited on the loop.
    """

    def __init__(self, import_name: str, *args: Any, **kwargs: Any) -> None:
        shared = shared_instance_path()
        if shared is not None and len(args) < _INSTANCE_PATH:
            kwargs.setdefault("instance_path", shared)
        super().__init__(import_name, *args, **kwargs)
        # A class below Flask may have commands of its own.
        self.cli = AsyncGroup(commands=self.cli.commands)
        self.cli.name = self.name
        install_request_args(_query_arguments)
        separate_requests()
        watch_for_forgotten(import_name)

    def make_config(self, instance_relative: bool = False) -> flask.Config:
        """Flask's, with the legacy application's settings inside `settings_of`."""
        return shared_config(super().make_config(instance_relative))

    # ---- how it is called

    def __call__(self, scope: Any, receive: Any, send: Any = None) -> Any:
        """ASGI by three arguments, WSGI by two."""
        if send is None:
            return call_wsgi(super().__call__, scope, receive)
        return self.asgi_app(scope, receive, send)

    # What servers ask to tell the two kinds apart: this is ASGI (inspect and asyncio, in this order).
    if hasattr(inspect, "markcoroutinefunction"):
        inspect.markcoroutinefunction(__call__)
    __call__._is_coroutine = getattr(asyncio.coroutines, "_is_coroutine", None)  # type: ignore[attr-defined]

    async def asgi_app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application: wrap this one in ASGI middleware, and `wsgi_app` in WSGI's.

        It calls Flask's `__call__`: agents of monitoring services put one of their own in its place.
        """
        if scope["type"] == "http":
            with apart():
                served = serve_http(super().__call__, scope, receive, send)
                if is_open():
                    await asyncio.create_task(served, context=context_of_a_request())
                else:
                    await served
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.dispose_database()
                end_as_python_does()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def dispose_database(self) -> None:
        """Close the database's pooled connections, those of the event loop that is ending too."""
        database: Any = self.extensions.get("sqlalchemy")
        if hasattr(database, "dispose"):  # Flask-SQLAlchemy's own has no such thing
            await database.dispose(self)
        await dispose_twins()

    def run(
        self,
        host: str | None = None,
        port: int | None = None,
        debug: bool | None = None,
        load_dotenv: bool = True,
        **options: Any,
    ) -> None:
        """Serve for development with uvicorn; raises MissingExtra without it.

        In debug mode, and where options of Flask's own server are given, with that one.
        """
        debugging = self.debug if debug is None else debug
        if debugging or options or os.environ.get("FLASK_RUN_FROM_CLI") == "true":
            super().run(host, port, debug, load_dotenv, **options)
            return
        development.serve(self, host, port)

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        """Flask's; raises NeverAwaited for what a teardown function forgets."""
        with Watch() as watch:
            answer = super().wsgi_app(environ, start_response)
            watch.answer()
        return answer

    # ---- what Flask asks

    def full_dispatch_request(self) -> flask.Response:
        """Flask's; what view and hooks never awaited is an error of theirs."""
        response = super().full_dispatch_request()
        answering(response.status_code)
        return response

    def handle_exception(self, e: Exception) -> flask.Response:
        """Flask's: the error 500 of a request, whatever was forgotten in it besides."""
        response = super().handle_exception(e)
        answering(500)
        return response

    def app_context(self) -> ScopedAppContext:
        """Flask's, with the database session that belongs to it; `async with` works as well."""
        return ScopedAppContext(self)

    def create_jinja_environment(self) -> Environment:
        """Flask's, whose templates may call coroutine functions."""
        environment = super().create_jinja_environment()
        await_calls(environment)
        return environment

    def async_to_sync(self, func: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        """A plain function that awaits `func`: in a request, a command or a test."""

        @functools.wraps(func)
        def called(*args: Any, **kwargs: Any) -> Any:
            return _wait(func(*args, **kwargs))

        return called

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Flask's; what a plain function gives that can be awaited is awaited, too.

        An extension may have put a function of its own around a coroutine function (Flask-Injector
        does so with all views and hooks), which gives what that gives.
        """
        plain = super().ensure_sync(func)
        if plain is not func:
            return plain

        @functools.wraps(func)
        def called(*args: Any, **kwargs: Any) -> Any:
            given = func(*args, **kwargs)
            return _wait(given) if inspect.isawaitable(given) else given

        return called

    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Flask's; the blueprint's commands may be coroutine functions."""
        super().register_blueprint(blueprint, **options)
        settle(blueprint.cli)


# `instance_path` is the seventh argument after `import_name`.
_INSTANCE_PATH = 7


def _wait(awaitable: Awaitable[Any]) -> Any:
    # Native code may call plain functions that end here (flask_login's, say): its greenlet can wait.
    return waited(awaitable) if in_greenlet() else unbridge(awaitable)


def _query_arguments() -> Any:
    """What `paginate` reads `page` and `per_page` from."""
    return flask.request.args if flask.has_request_context() else None
