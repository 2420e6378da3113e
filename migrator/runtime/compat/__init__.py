"""What converted code imports instead of Flask: the same names, on FastAPI, in async.

Nothing here imports Flask. The wire behaviour is Flask 3.1's; the tests send the same requests to
the same small applications on both.

- the application: `app`, `blueprint`, `scaffold`, `registration`, `properties`, `config`, `paths`, `logs`,
  `cli`, `development`, `testing`, `shared`
- one request: `asgi`, `serve`, `body`, `environ`, `dispatch`, `errors`, `context`, `running`, `streaming`,
  `flask_context`
- what views are, get and give: `native`, `views`, `rules`, `urls`, `request`, `response`, `json`, `files`,
  `flash`, `session_cookie`, `tagged_json`
- templates: `templating`, `template_functions`
- extensions: `cors`; Flask-Login is `login/`
"""

from __future__ import annotations

from . import json, views
from .app import App
from .blueprint import Blueprint, BlueprintSetupState
from .config import Config
from .context import (
    after_this_request,
    app_ctx,
    copy_current_request_context,
    current_app,
    g,
    has_app_context,
    has_request_context,
    request,
    request_ctx,
    session,
)
from .errors import abort
from .files import send_file, send_from_directory
from .flash import flash, get_flashed_messages
from .flask_context import flask_context
from .json import jsonify
from .request import Request
from .response import Response, ResponseReturnValue, make_response, redirect
from .running import bridge, unbridge
from .shared import settings_of
from .streaming import stream_with_context
from .templating import (
    get_template_attribute,
    render_template,
    render_template_string,
    stream_template,
    stream_template_string,
)
from .urls import url_for

__all__ = [
    "App",
    "Blueprint",
    "BlueprintSetupState",
    "Config",
    "Request",
    "Response",
    "ResponseReturnValue",
    "abort",
    "after_this_request",
    "app_ctx",
    "bridge",
    "copy_current_request_context",
    "current_app",
    "flash",
    "flask_context",
    "g",
    "get_flashed_messages",
    "get_template_attribute",
    "has_app_context",
    "has_request_context",
    "json",
    "jsonify",
    "make_response",
    "redirect",
    "render_template",
    "render_template_string",
    "request",
    "request_ctx",
    "send_file",
    "send_from_directory",
    "session",
    "settings_of",
    "stream_template",
    "stream_template_string",
    "stream_with_context",
    "unbridge",
    "url_for",
    "views",
]
