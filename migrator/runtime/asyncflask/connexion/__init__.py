"""Connexion's `FlaskApp` around an `AsyncFlask`: what an OpenAPI document names is called in the bridge.

Connexion 2 is a WSGI application around Flask, connexion 3 an ASGI one with middleware before it:
each has a module here, and the one of the installed version is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import connexion

from migrator.runtime.asyncflask.app import AsyncFlask
from migrator.runtime.asyncflask.connexion.own import OWNER
from migrator.runtime.asyncflask.mounting import mount_asyncflask
from migrator.runtime.compat import settings_of as settings_of_flask

if hasattr(connexion.FlaskApp, "create_app"):
    from migrator.runtime.asyncflask.connexion.two import FlaskApp
else:
    from migrator.runtime.asyncflask.connexion.three import FlaskApp

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from starlette.types import ASGIApp

__all__ = ["FlaskApp", "mount_connexion", "served", "settings_of"]


def mount_connexion(legacy: Any, converted: Any, **options: Any) -> ASGIApp:
    """The ASGI application for `asgi.py`; `options` are those of `mount_legacy`.

    Either application may be connexion's or the Flask application inside. With connexion 3, whose
    middleware stands before all that Flask serves, it is the converted application alone.
    """
    application = served(converted)
    if isinstance(application, AsyncFlask):
        return mount_asyncflask(_flask(legacy), application, **options)
    return application


def served(converted: Any) -> ASGIApp:
    """The ASGI application of a converted one: connexion's own with version 3, else AsyncFlask."""
    flask = _flask(converted)
    owner = flask.extensions.get(OWNER, converted)
    asgi: ASGIApp | None = getattr(owner, "served", None)
    return flask if asgi is None else asgi


def settings_of(legacy: Any) -> AbstractContextManager[None]:
    """`migrator.runtime.compat.settings_of` of the Flask application inside."""
    return settings_of_flask(_flask(legacy))


def _flask(found: Any) -> Any:
    """The Flask application of connexion's, or the one that is given."""
    return found.app if isinstance(found, connexion.FlaskApp) else found
