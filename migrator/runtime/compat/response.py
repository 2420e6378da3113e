"""`Response`, and what a view may return instead of one."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as ResponseBase

from . import json
from .context import _app_context, active_app

if TYPE_CHECKING:
    from .app import App
    from .request import Request

ResponseReturnValue = Any
"""A str, bytes, dict, list, (async) generator, Response, or a tuple of one with status/headers."""


class Response(ResponseBase):
    """werkzeug's response with Flask's defaults: HTML, relative Location headers.

    It takes an async iterable as its body, too.
    """

    default_mimetype: str | None = "text/html"
    json_module = json
    autocorrect_location_header = False

    if TYPE_CHECKING:

        def __init__(
            self,
            response: Iterable[bytes]
            | Iterable[str]
            | AsyncIterable[bytes]
            | AsyncIterable[str]
            | bytes
            | str
            | None = None,
            status: int | str | HTTPStatus | None = None,
            headers: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
            mimetype: str | None = None,
            content_type: str | None = None,
            direct_passthrough: bool = False,
        ) -> None: ...

    @property
    def max_cookie_size(self) -> int:  # type: ignore[override]
        """The config's MAX_COOKIE_SIZE."""
        context = _app_context.get(None)
        if context is not None:
            size: int = context.app.config["MAX_COOKIE_SIZE"]
            return size
        return ResponseBase.max_cookie_size


def make_response(*args: Any) -> Response:
    """The response that a view returning `args` would give; without arguments an empty one."""
    app = active_app()
    if not args:
        return app.response_class()
    return app.make_response(args[0] if len(args) == 1 else args)


def redirect(location: str, code: int = 302, Response: Any = None) -> ResponseBase:
    """A redirect to `location`, with the small HTML body that Flask gives it."""
    context = _app_context.get(None)
    if context is not None:
        return context.app.redirect(location, code=code)
    from werkzeug.utils import redirect as werkzeug_redirect

    return werkzeug_redirect(location, code=code, Response=Response)


def response_from(app: App, request: Request | None, rv: Any) -> Response:
    """The Response of a view's return value `rv`; raises TypeError when it can't be one."""
    response_class = app.response_class
    status: Any = None
    headers: Any = None

    if isinstance(rv, tuple):
        if len(rv) == 3:
            rv, status, headers = rv
        elif len(rv) == 2:
            if isinstance(rv[1], Headers | dict | tuple | list):
                rv, headers = rv
            else:
                rv, status = rv
        else:
            raise TypeError(
                "The view function did not return a valid response tuple. The tuple must have "
                "the form (body, status, headers), (body, status), or (body, headers)."
            )

    if rv is None:
        endpoint = request.endpoint if request is not None else None
        raise TypeError(
            f"The view function for {endpoint!r} did not return a valid response. The function "
            "either returned None or ended without a return statement."
        )

    if not isinstance(rv, response_class):
        if isinstance(rv, str | bytes | bytearray | Iterator | AsyncIterator):
            rv = response_class(rv, status=status, headers=headers)  # type: ignore[arg-type]
            status = headers = None
        elif isinstance(rv, dict | list):
            rv = app.json.response(rv)
        elif isinstance(rv, ResponseBase) or callable(rv):
            rv = _coerced(app, request, rv)
        else:
            raise TypeError(_INVALID.format(type(rv).__name__))

    response: Response = rv
    if status is not None:
        if isinstance(status, str | bytes | bytearray):
            response.status = status  # type: ignore[assignment]
        else:
            response.status_code = status
    if headers:
        response.headers.update(headers)
    return response


_INVALID = (
    "The view function did not return a valid response. The return type must be a string, dict, "
    "list, tuple with headers or status, Response instance, or WSGI callable, but it was a {}."
)


def _coerced(app: App, request: Request | None, rv: Any) -> Response:
    from starlette.responses import Response as StarletteResponse

    if isinstance(rv, StarletteResponse):
        return _from_starlette(app, rv)
    environ = request.environ if request is not None else None
    if isinstance(rv, HTTPException) and environ is not None:
        # Flask runs it as a WSGI application; this is what comes out, as one piece.
        response = rv.get_response(environ)
        if isinstance(response, ResponseBase) and response.is_sequence:
            body, status, headers = response.get_wsgi_response(environ)
            return app.response_class([b"".join(body)], status, headers)
    try:
        return app.response_class.force_type(rv, environ)  # type: ignore[return-value]
    except TypeError as error:
        raise TypeError(f"{error}\n{_INVALID.format(type(rv).__name__)}") from None


def _from_starlette(app: App, rv: Any) -> Response:
    """Hand-written code may return Starlette's responses from a converted view."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in rv.raw_headers]
    body = getattr(rv, "body_iterator", None)
    if body is None:
        body = getattr(rv, "body", None)
    if not isinstance(body, bytes | memoryview) and not hasattr(body, "__aiter__"):
        raise TypeError(
            f"A converted view returned a {type(rv).__name__}, which sends itself over ASGI. "
            "Use send_file() here, or give the view a FastAPI parameter (such as Request), so "
            "that it runs as a FastAPI path operation."
        )
    response = app.response_class(
        bytes(body) if isinstance(body, memoryview) else body, status=rv.status_code
    )
    response.headers.clear()
    response.headers.extend(headers)
    return response
