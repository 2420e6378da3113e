"""`CORS(app)`: Flask-CORS on a converted application, with the rules of the version that is installed.

Flask-CORS puts its headers on a response after each request, and asks Flask's `request` for what it
goes by. Here it is asked about the same request, in a context of Flask's that is nothing else's.
Flask is needed for that alone: at the end of a migration, Starlette's CORSMiddleware does without.

https://corydolphin.com/flask-cors/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import flask_cors
from flask import Flask

from .context import request
from .response import Response
from .scaffold import Scaffold

_Hook = Callable[[Response], Response]


class _Taken:
    """What Flask-CORS is given for the application: its settings, and a place for what it registers."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = config
        self.hooks: list[_Hook] = []

    def after_request(self, hook: _Hook) -> _Hook:
        """Keep what is to be called after each request."""
        self.hooks.append(hook)
        return hook


class CORS:
    """`flask_cors.CORS` for `App` and `Blueprint`: the same arguments, settings and errors."""

    def __init__(self, app: Scaffold | None = None, **options: Any) -> None:
        self._extension = flask_cors.CORS(**options)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Scaffold, **options: Any) -> None:
        """Put the headers on all of the application's, or the blueprint's, responses."""
        taken = _Taken(getattr(app, "config", {}))
        self._extension.init_app(cast("Any", taken), **options)
        context = Flask(__name__, static_folder=None)

        @app.after_request
        def add_cors_headers(response: Response) -> Response:
            with context.request_context(request.environ):
                for hook in taken.hooks:
                    response = hook(response)
            return response
