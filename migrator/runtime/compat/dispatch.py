"""One request from routing to response: Flask's order of hooks, error handlers and teardown.

All of it is sync and runs inside the bridge; `call` awaits what is async.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import BadRequestKeyError, HTTPException, InternalServerError
from werkzeug.routing import RequestRedirect, RoutingException

from .context import RequestContext, active_request_context
from .errors import find_error_handler, traps_http_exception
from .properties import Properties
from .response import Response, response_from
from .rules import CompatRule
from .running import call, unbridge

if TYPE_CHECKING:
    from .json import JSONProvider
    from .request import Request


class AlreadySent(Exception):
    """FastAPI has sent the response by itself: nothing is left to do but to tear down."""

    def __init__(self, error: Exception | None) -> None:
        super().__init__()
        self.error = error


class Dispatch(Properties):
    """The methods of Flask's that handle a request, under Flask's names, to be overridden."""

    json: JSONProvider
    response_class: type[Response]
    teardown_appcontext_funcs: list[Callable[..., Any]]

    def full_dispatch_request(self) -> Response:
        """Hooks, view, error handlers, after-hooks. Raises what no handler takes."""
        try:
            rv = self.preprocess_request()
            if rv is None:
                rv = self.dispatch_request()
        except AlreadySent:
            raise
        except Exception as error:
            rv = self.handle_user_exception(error)
        return self._finalize(rv)

    def preprocess_request(self) -> Any:
        """URL value preprocessors, then before-hooks, application first; an answer ends it."""
        request = active_request_context().request
        names = (None, *reversed(request.blueprints))
        preprocessors = self.url_value_preprocessors
        if preprocessors:
            for name in names:
                for preprocessor in preprocessors.get(name, ()):
                    call(preprocessor, request.endpoint, request.view_args)
        hooks = self.before_request_funcs
        for name in names:
            for hook in hooks.get(name, ()):
                rv = call(hook)
                if rv is not None:
                    return rv
        return None

    def dispatch_request(self) -> Any:
        """The view's return value, or the automatic answer to OPTIONS."""
        request = active_request_context().request
        if request.routing_exception is not None:
            return self.handle_unrouted(request)
        rule = request.url_rule
        if not isinstance(rule, CompatRule):
            raise RuntimeError("The request has not been matched.")
        if rule.provide_automatic_options and request.method == "OPTIONS":
            return self.make_default_options_response()
        route = rule.route
        values = request.view_args or {}
        # A URL value preprocessor may have put in what the URL has not: that is for the view.
        if route is not None and not route.plain and values.keys() <= rule.arguments:
            return unbridge(self.run_native(route))
        return call(self.view_functions[rule.endpoint], **values)

    def handle_unrouted(self, request: Request) -> Any:
        """No rule matched: raises the routing exception."""
        error = request.routing_exception
        if (
            self.config["DEBUG"]
            and isinstance(error, RequestRedirect)
            and error.code not in {307, 308}
            and request.method not in {"GET", "HEAD", "OPTIONS"}
        ):
            raise AssertionError(
                f"A request was sent to '{request.url}', but routing issued a redirect to the "
                f"canonical URL '{error.new_url}'. The client would drop the body. Send requests "
                "to the canonical URL. This exception is only raised in debug mode."
            )
        if error is None:
            raise RuntimeError("The request was routed.")
        raise error

    async def run_native(self, route: Any) -> Any:
        raise NotImplementedError

    def make_default_options_response(self) -> Response:
        adapter = active_request_context().url_adapter
        response = self.response_class()
        if adapter is not None:
            response.allow.update(adapter.allowed_methods())
        return response

    def make_response(self, rv: Any) -> Response:
        """The response of a view's return value; raises TypeError."""
        from .context import _request_context

        context = _request_context.get(None)
        return response_from(self, context.request if context is not None else None, rv)  # type: ignore[arg-type]

    # Errors

    def handle_user_exception(self, e: Exception) -> Any:
        """What a handler makes of an error in a view or hook; raised again without one."""
        if isinstance(e, BadRequestKeyError) and (
            self.config["DEBUG"] or self.config["TRAP_BAD_REQUEST_ERRORS"]
        ):
            e.show_exception = True
        if isinstance(e, HTTPException) and not self.trap_http_exception(e):
            return self.handle_http_exception(e)
        handler = self._find_error_handler(e)
        if handler is None:
            raise e
        return call(handler, e)

    def handle_http_exception(self, e: HTTPException) -> Any:
        """The handler's answer, or the exception itself, which is a response."""
        if e.code is None or isinstance(e, RoutingException):
            return e
        handler = self._find_error_handler(e)
        return e if handler is None else call(handler, e)

    def handle_exception(self, e: Exception) -> Response:
        """The answer 500 of an error that no handler took; raised again when errors propagate."""
        propagate = self.config["PROPAGATE_EXCEPTIONS"]
        if propagate is None:
            propagate = self.config["TESTING"] or self.config["DEBUG"]
        if propagate:
            raise e
        self.log_exception(sys.exc_info())
        server_error: Any = InternalServerError(original_exception=e)
        handler = self._find_error_handler(server_error)
        if handler is not None:
            server_error = call(handler, server_error)
        return self._finalize(server_error, from_error_handler=True)

    def log_exception(self, exc_info: Any) -> None:
        request = active_request_context().request
        self.logger.error(f"Exception on {request.path} [{request.method}]", exc_info=exc_info)

    def trap_http_exception(self, e: Exception) -> bool:
        return traps_http_exception(self.config, e)

    def _find_error_handler(self, e: Exception) -> Callable[[Any], Any] | None:
        blueprints = active_request_context().request.blueprints
        return find_error_handler(self.error_handler_spec, e, blueprints)

    # After the view

    def _finalize(self, rv: Any, from_error_handler: bool = False) -> Response:
        response = self.make_response(rv)
        try:
            response = self.process_response(response)
        except Exception:
            if not from_error_handler:
                raise
            self.logger.exception("Request finalizing failed with an error while handling an error")
        return response

    def process_response(self, response: Response) -> Response:
        """After-hooks, blueprint first and last registered first, then the session's cookie."""
        context = active_request_context()
        for function in context.after_request_functions:
            response = call(function, response)
        hooks = self.after_request_funcs
        for name in chain(context.request.blueprints, (None,)):
            for function in reversed(hooks.get(name, ())):
                response = call(function, response)
        self._save_session(context, response)
        return response

    def _save_session(self, context: RequestContext, response: Response) -> None:
        interface = self.session_interface
        if not context.session_opened:
            # Opened lazily and never used: only a permanent session's cookie has to be refreshed.
            name = interface.get_cookie_name(self)  # type: ignore[arg-type]
            # In the header's text first: parsing it costs more than all the rest here.
            header = context.request.environ.get("HTTP_COOKIE", "")
            if name not in header or name not in context.request.cookies:
                return
        session = context.open_session()
        if not interface.is_null_session(session):
            interface.save_session(self, session, response)  # type: ignore[arg-type]

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Teardown functions of the request; `exc` is an error that no handler took."""
        hooks = self.teardown_request_funcs
        for name in chain(active_request_context().request.blueprints, (None,)):
            for function in reversed(hooks.get(name, ())):
                call(function, exc)

    def do_teardown_appcontext(self, exc: BaseException | None = None) -> None:
        for function in reversed(self.teardown_appcontext_funcs):
            call(function, exc)
