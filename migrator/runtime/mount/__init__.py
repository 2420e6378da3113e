"""Flask and FastAPI behind one ASGI application, endpoint by endpoint.

`mount_legacy` is the way in; docs/adr/0001-one-url-map.md and 0002-a2wsgi.md say why it is built
as it is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING

from migrator.errors import LoadError
from migrator.runtime.loading import load_application, resolve_application
from migrator.runtime.mount.application import MountedApplication, SlashPolicy
from migrator.runtime.schemas_by_name import tell_schemas_apart

if TYPE_CHECKING:
    from fastapi import FastAPI
    from flask import Flask

__all__ = ["MountedApplication", "SlashPolicy", "mount_legacy"]


def mount_legacy(
    flask_app_or_factory: Flask | Callable[[], Flask] | str,
    fastapi_app: FastAPI,
    *,
    workers: int = 10,
    slash_policy: SlashPolicy = "redirect",
    check: bool = True,
    buffer_size: int = 64 * 1024,
    shutdown_timeout: float = 10.0,
    live: Callable[[str], bool] | None = None,
) -> MountedApplication:
    """The ASGI application that serves `fastapi_app`'s routes and Flask's for everything else.

    `flask_app_or_factory`: the legacy application, a function without arguments that makes it, or
    "module:attribute". `workers`: how many legacy requests run at once; the sync engine's pool
    needs as many connections. `slash_policy`: "redirect" answers a path that lacks its final slash
    with 308, query string kept, as Flask does; "strict" with 404, for paths that FastAPI alone has.
    `check`: compare the routes of both sides, now and again at startup. `buffer_size`: bytes of one
    response that may wait for a slow client. `shutdown_timeout`: seconds that running legacy
    requests have when the application stops. `live`: asked with an endpoint's name for each request
    that FastAPI could answer; where it says no, or fails, Flask answers.

    Raises LoadError when the legacy application can't be made, RouteMismatch when a converted
    endpoint has another path or more methods than the legacy one of its name, RouteCollision
    when FastAPI's documentation would hide a legacy page, and SessionsApart when the two sides have
    different secrets.
    """
    if slash_policy not in ("redirect", "strict"):
        raise ValueError(f"slash_policy is 'redirect' or 'strict', not {slash_policy!r}")
    if inspect.iscoroutinefunction(live):
        raise ValueError(
            "live is a plain function: what a coroutine function returns is always true"
        )
    tell_schemas_apart()
    return MountedApplication(
        _flask(flask_app_or_factory),
        _fastapi(fastapi_app),
        workers=workers,
        slash_policy=slash_policy,
        check=check,
        buffer_size=buffer_size,
        shutdown_timeout=shutdown_timeout,
        live=live,
    )


def _flask(given: Flask | Callable[[], Flask] | str) -> Flask:
    from flask import Flask

    if isinstance(given, str):
        label = repr(given)
        app = load_application(given, app_dir=None)
    else:
        label = f"the legacy application ({getattr(given, '__name__', type(given).__name__)})"
        app = given if isinstance(given, Flask) else resolve_application(given, label)
    if not isinstance(app, Flask):
        raise LoadError(
            f"Instead of a Flask application, {label} gave {type(app).__name__}.",
            "The mount asks the legacy application's URL map, which only Flask has.",
            "Pass the Flask object or its factory; WSGI middleware belongs into app.wsgi_app.",
        )
    return app


def _fastapi(given: FastAPI) -> FastAPI:
    from fastapi import FastAPI

    if not isinstance(given, FastAPI):
        raise LoadError(
            f"Instead of a FastAPI application, the mount was given {type(given).__name__}.",
            "It asks that application's routes which requests are its own.",
            "mount_asyncflask of migrator.runtime.asyncflask takes it, with the same options."
            if "AsyncFlask" in {cls.__name__ for cls in type(given).__mro__}
            else "Pass the FastAPI object; put ASGI middleware around what mount_legacy returns.",
        )
    return given
