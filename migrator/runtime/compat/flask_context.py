"""`@flask_context`: views whose extensions read Flask's own `request`, `session`, `g`, `current_app`.

For as long as the legacy application is mounted (docs/adr/0006-flask-context.md): the mount sets
`App.flask_context`, nothing here imports Flask.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .context import active_request_context
from .running import call

if TYPE_CHECKING:
    from .context import RequestContext

F = TypeVar("F", bound=Callable[..., Any])
FlaskContext = Callable[["RequestContext"], AbstractContextManager[None]]


def flask_context(view: F) -> F:
    """`view` with Flask's context variables set to this very request while it runs.

    The request, session, g and flashed messages are the converted application's own objects;
    `flask.current_app` is the mounted legacy application. No hook of Flask's runs. Calling the
    view raises RuntimeError where no legacy application is mounted.
    """
    if inspect.iscoroutinefunction(view):

        @functools.wraps(view)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            with _entered(view):
                return await view(*args, **kwargs)

        return cast(F, awaited)

    @functools.wraps(view)
    def called(*args: Any, **kwargs: Any) -> Any:
        with _entered(view):
            return call(view, *args, **kwargs)

    return cast(F, called)


def _entered(view: Callable[..., Any]) -> AbstractContextManager[None]:
    context = active_request_context()
    factory = context.app.flask_context
    if factory is None:
        raise RuntimeError(
            f"{view.__name__} uses an extension of Flask's, and no Flask application is mounted "
            "here. Serve it by asgi.py, or replace the extension."
        )
    return factory(context)
