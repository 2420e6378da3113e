"""The ASGI side of a request: body in, context and database scope around, response out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Match
from werkzeug.wrappers import Response as ResponseBase

from migrator.runtime.db.forgotten import Watch, answering

from .body import ClientGone, read_body
from .context import RequestContext, _app_context, _request_context, active_request_context
from .dispatch import AlreadySent, Dispatch
from .environ import build_environ
from .native import CompatRoute
from .running import bridge, unbridge
from .streaming import send_chunks, send_file_chunks, until_disconnect

if TYPE_CHECKING:
    from .request import Request
    from .response import Response

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]


def raw_headers(headers: Iterable[tuple[str, str]]) -> RawHeaders:
    """Headers as ASGI wants them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


@dataclass(slots=True)
class Prepared:
    """A response whose context has been torn down, unless its body is still to be made."""

    response: Response
    status: int
    headers: RawHeaders
    body: bytes | None
    """None: it is streamed."""
    is_file: bool = False
    error: BaseException | None = None
    """For the teardown that comes after a streamed body."""


_REWRITTEN = frozenset({"location", "content-location", "content-length"})


def wire_headers(response: Response, status: int, environ: dict[str, Any]) -> RawHeaders:
    """What `response.get_wsgi_headers` gives, without its copies for the usual response."""
    usual = (
        status >= 200
        and status not in (204, 304)
        and type(response).get_wsgi_headers is ResponseBase.get_wsgi_headers
    )
    if usual:
        raw: RawHeaders = []
        for name, value in response.headers:
            name = name.lower()
            if name in _REWRITTEN:
                break
            raw.append((name.encode("latin-1"), value.encode("latin-1")))
        else:
            if response.automatically_set_content_length and response.is_sequence:
                length = sum(map(len, response.iter_encoded()))
                raw.append((b"content-length", b"%d" % length))
            return raw
    return raw_headers(response.get_wsgi_headers(environ))


def prepare(response: Response, environ: dict[str, Any]) -> Prepared:
    """What goes over the wire for `response`."""
    status = response.status_code
    headers = wire_headers(response, status, environ)
    if environ["REQUEST_METHOD"] == "HEAD" or status < 200 or status in (204, 304):
        return Prepared(response, status, headers, b"")
    body: Any = response.response
    if isinstance(body, list | tuple):
        # Not iter_encoded: the usual body is one bytes object.
        data = body[0] if len(body) == 1 else None
        if not isinstance(data, bytes):
            data = b"".join(response.iter_encoded())
        return Prepared(response, status, headers, data)
    is_file = bool(response.direct_passthrough) and not hasattr(body, "__aiter__")
    return Prepared(response, status, headers, None, is_file)


class Serve(Dispatch):
    """Calls `Dispatch` for each HTTP request of the ASGI server."""

    request_class: type[Request]
    routes: list[BaseRoute]
    native_stack: Callable[[Scope, Receive, Send], Awaitable[None]]

    def database_scope(self) -> AbstractAsyncContextManager[Any] | None:
        raise NotImplementedError

    async def serve_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            body = await read_body(scope, receive, self.config["MAX_CONTENT_LENGTH"])
        except ClientGone:
            return
        environ = build_environ(scope, body.stream, terminated=body.terminated)
        if not body.complete:
            environ["migrator.body_is_short"] = True
        app: Any = self
        request = self.request_class(environ)
        request.json_module = self.json
        context = RequestContext(app, request)
        context.send = send
        app_token = _app_context.set(context)
        context.bound = _request_context.set(context)
        try:
            database = self.database_scope()
            if database is None:
                prepared = await bridge(self.respond, context)
                if prepared is not None and prepared.body is None and not prepared.is_file:
                    await self._stream(context, prepared, scope, receive, send)
                    return
            else:
                async with database:
                    prepared = await bridge(self.respond, context)
                    if prepared is not None and prepared.body is None and not prepared.is_file:
                        await self._stream(context, prepared, scope, receive, send)
                        return
            if prepared is not None:
                await self._send(prepared, scope, receive, send)
        finally:
            context.unbind()
            _app_context.reset(app_token)
            body.stream.close()

    def respond(self, context: RequestContext) -> Prepared | None:
        """The response, ready to be sent, and the context torn down; None when it was sent.

        Runs in the bridge. Raises what propagates, NeverAwaited for what a teardown function forgets.
        """
        with Watch() as watch:
            prepared = self._respond(context)
            if prepared is not None:
                watch.answer()
        return prepared

    def _respond(self, context: RequestContext) -> Prepared | None:
        error: BaseException | None = None
        prepared: Prepared | None = None
        try:
            try:
                if not self.opens_session_lazily:
                    context.open_session()
                context.match()
                response = self.full_dispatch_request()
                answering(response.status_code)
            except AlreadySent as sent:
                error = sent.error
                if error is not None:
                    raise error from None
                return None
            except Exception as raised:
                error = raised
                response = self.handle_exception(raised)
                answering(500)
            except BaseException as raised:
                error = raised
                raise
            # As in Flask, what fails from here on is not the error that teardown functions are given.
            prepared = prepare(response, context.request.environ)
            prepared.error = error
        finally:
            if prepared is None or prepared.body is not None or prepared.is_file:
                self.tear_down(context, error)
        return prepared

    def tear_down(self, context: RequestContext, error: BaseException | None) -> None:
        """Run the teardown functions; the uploaded files are closed whatever they raise."""
        try:
            self.do_teardown_request(error)
        finally:
            context.request.close()
            # For the functions of the application's context the request is over.
            context.unbind()
            if self.teardown_appcontext_funcs:
                self.do_teardown_appcontext(error)

    async def _send(self, prepared: Prepared, scope: Scope, receive: Receive, send: Send) -> None:
        start = {
            "type": "http.response.start",
            "status": prepared.status,
            "headers": prepared.headers,
        }
        response = prepared.response
        if prepared.body is not None:
            await send(start)
            await send({"type": "http.response.body", "body": prepared.body})
            if response._on_close or hasattr(response.response, "close"):
                await bridge(response.close)
            return
        try:
            async with until_disconnect(scope, receive, send) as send:
                await send(start)
                await send_file_chunks(response, send)
        finally:
            response.close()

    async def _stream(
        self,
        context: RequestContext,
        prepared: Prepared,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        error = prepared.error
        response = prepared.response
        try:
            async with until_disconnect(scope, receive, send) as send:
                start = {
                    "type": "http.response.start",
                    "status": prepared.status,
                    "headers": prepared.headers,
                }
                await send_chunks(response, start, send)
        except BaseException as raised:
            error = raised
            raise
        finally:
            await bridge(self._end_stream, context, response, error)

    def _end_stream(
        self, context: RequestContext, response: Response, error: BaseException | None
    ) -> None:
        try:
            body: Any = response.response
            if hasattr(body, "aclose"):
                unbridge(body.aclose())
            response.close()
        finally:
            self.tear_down(context, error)

    # FastAPI's own routes

    def handle_unrouted(self, request: Request) -> Any:
        foreign = [route for route in self.routes if not isinstance(route, CompatRoute)]
        if foreign and request.url_rule is None:
            scope = request.environ["asgi.scope"]
            partial: BaseRoute | None = None
            for route in foreign:
                match, _ = route.matches(scope)
                if match is Match.FULL:
                    return unbridge(self.run_native(route))
                if match is Match.PARTIAL and partial is None:
                    partial = route
            if partial is not None:
                return unbridge(self.run_native(partial))
        return super().handle_unrouted(request)

    async def run_native(self, route: Any) -> Any:
        """Let FastAPI answer, with our after-hooks and session applied to its response.

        Raises AlreadySent when the response went out; an error from before that, as it is.
        """
        context = active_request_context()
        request = context.request
        scope: Scope = dict(request.environ["asgi.scope"])
        scope["app"] = self
        if isinstance(route, CompatRoute):
            scope["path_params"] = dict(request.view_args or {})
            scope["endpoint"] = route.endpoint
            handle: Any = route.app
        else:
            _, child = route.matches(scope)
            scope.update(child)
            handle = route.handle
        scope["route"] = route
        scope["migrator.handle"] = handle
        sender = _NativeSender(self, context)
        try:
            await self.native_stack(scope, _replay(request), sender)
        except Exception as error:
            if sender.started:
                raise AlreadySent(error) from error
            raise
        raise AlreadySent(None)


class _NativeSender:
    """ASGI's `send` for FastAPI: holds the start back until the hooks have seen the response."""

    def __init__(self, app: Serve, context: RequestContext) -> None:
        self._app = app
        self._context = context
        self._start: MutableMapping[str, Any] | None = None
        self.started = False

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] == "http.response.body" and not self.started and self._start is not None:
            prepared = await bridge(self._finish, self._start, message)
            self.started = True
            await self._context.send(
                {
                    "type": "http.response.start",
                    "status": prepared.status,
                    "headers": prepared.headers,
                }
            )
            if not message.get("more_body", False):
                message = {"type": "http.response.body", "body": prepared.body or b""}
        await self._context.send(message)

    def _finish(
        self, start: MutableMapping[str, Any], message: MutableMapping[str, Any]
    ) -> Prepared:
        streamed = message.get("more_body", False)
        response = self._app.response_class(
            b"" if streamed else message.get("body", b""), status=start["status"]
        )
        response.headers.clear()
        for name, value in start["headers"]:
            response.headers.add(name.decode("latin-1"), value.decode("latin-1"))
        if streamed:
            # The body is not here: its length must not be taken from what is.
            response.automatically_set_content_length = False
        response = self._app.process_response(response)
        answering(response.status_code)
        return prepare(response, self._context.request.environ)


def _replay(request: Request) -> Receive:
    """The body again, from its start, as ASGI messages."""
    stream = request.environ["wsgi.input"]
    stream.seek(0)
    done = False

    async def receive() -> MutableMapping[str, Any]:
        nonlocal done
        if done:
            return {"type": "http.disconnect"}
        body = stream.read(65536)
        done = len(body) < 65536
        if done:
            stream.seek(0)  # the view may read it through compat's request as well
        return {"type": "http.request", "body": body, "more_body": not done}

    return receive
