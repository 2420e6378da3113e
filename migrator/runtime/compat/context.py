"""What a request carries with it, and the proxies (`request`, `g`, `session`, `current_app`) that find it.

Both contexts hang on context variables, so that tasks started by a view, and greenlets of the
bridge, see the request they belong to.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any, TypeVar, cast

from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy

from migrator.runtime.db.app_scope import AppScope, AppSyncScope, can_await
from migrator.runtime.db.bridge import in_greenlet
from migrator.runtime.db.session import close_now

from .running import bridge

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from werkzeug.routing import MapAdapter

    from .app import App
    from .request import Request
    from .session_cookie import SessionMixin

_NO_APP = (
    "Working outside of application context.\n\n"
    "What was used needs to know the current application, and none is active here. "
    "Call it while a request is handled, or inside 'async with app.app_context()'."
)
_NO_REQUEST = (
    "Working outside of request context.\n\n"
    "What was used needs an active HTTP request, and none is handled here. "
    "Pass what you need from the request as an argument instead."
)

_MISSING: Any = object()
F = TypeVar("F", bound=Callable[..., Any])


class Globals:
    """The `g` of one context: an attribute bag with a few dict methods."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self.__dict__[name]
        except KeyError:
            raise AttributeError(name) from None

    def get(self, name: str, default: Any = None) -> Any:
        return self.__dict__.get(name, default)

    def pop(self, name: str, default: Any = _MISSING) -> Any:
        if default is _MISSING:
            return self.__dict__.pop(name)
        return self.__dict__.pop(name, default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        return self.__dict__.setdefault(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __repr__(self) -> str:
        context = _app_context.get(None)
        return (
            f"<compat.g of {context.app.name!r}>" if context is not None else object.__repr__(self)
        )


class AppContext:
    """Makes `current_app` and `g` available, and a session of its own: `with` or `async with`.

    In async code outside of a request, `with` opens none: closing it has to be awaited.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self.g = Globals()
        self._url_adapter: MapAdapter | None = _MISSING
        self._tokens: list[Token[AppContext]] = []
        self._scopes: list[AbstractAsyncContextManager[Any] | None] = []
        self._scope: AppScope | AppSyncScope | None = None
        #: Whether `g` is that of a context around it, whose end is yet to come.
        self._shares = False

    @property
    def url_adapter(self) -> MapAdapter | None:
        if self._url_adapter is _MISSING:
            self._url_adapter = self._make_url_adapter()
        return self._url_adapter

    def _make_url_adapter(self) -> MapAdapter | None:
        return self.app.create_url_adapter(None)

    def push(self) -> None:
        if self._scope is None and self._needs_scope():
            self._scope = self._new_scope()
        if self._scope is not None:
            self._scope.enter()
        self._tokens.append(_app_context.set(self))

    def _needs_scope(self) -> bool:
        return not self._scopes

    def _new_scope(self) -> AppScope | AppSyncScope | None:
        if not can_await():
            return AppSyncScope(self.app)
        return AppScope(self.app) if in_greenlet() else None

    def pop(self, exc: BaseException | None = _MISSING) -> None:
        try:
            if len(self._tokens) == 1 and not self._shares:
                self.app.do_teardown_appcontext(sys.exc_info()[1] if exc is _MISSING else exc)
        finally:
            _app_context.reset(self._tokens.pop())
            scope = self._scope
            if scope is not None and scope.leave():
                self._scope = None
                close_now(scope)

    def __enter__(self) -> AppContext:
        self.push()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.pop(exc)

    async def __aenter__(self) -> AppContext:
        scope = self.app.database_scope()
        if scope is not None:
            await scope.__aenter__()
        self._scopes.append(scope)
        self.push()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        scope = self._scopes.pop()
        try:
            await bridge(self.pop, exc)
        finally:
            if scope is not None:
                await scope.__aexit__(kind, exc, traceback)


class RequestContext(AppContext):
    """One request: its Request, its session, what was flashed, what runs after it."""

    def __init__(self, app: App, request: Request) -> None:
        super().__init__(app)
        self.request = request
        self.flashes: list[tuple[str, str]] | None = None
        self.after_request_functions: list[Callable[[Any], Any]] = []
        self.send: Any = None
        self._session: SessionMixin | None = None
        self._request_tokens: list[Token[RequestContext]] = []
        #: As the server's request; see `unbind`.
        self.bound: Token[RequestContext] | None = None
        try:
            self._url_adapter = app.create_url_adapter(request)
        except HTTPException as error:
            self._url_adapter = None
            request.routing_exception = error

    @property
    def session(self) -> SessionMixin:
        """The session; reading this property counts as an access (`Vary: Cookie`)."""
        session = self.open_session()
        session.accessed = True
        return session

    def open_session(self) -> SessionMixin:
        """The session without counting the access; it is read from the cookie on first use."""
        session = self._session
        if session is None:
            interface = self.app.session_interface
            session = interface.open_session(self.app, self.request)
            if session is None:
                session = interface.make_null_session(self.app)
            self._session = session
        return session

    @property
    def session_opened(self) -> bool:
        return self._session is not None

    def _needs_scope(self) -> bool:
        return not self._shares and super()._needs_scope()

    def unbind(self) -> None:
        """No longer be the current request."""
        token, self.bound = self.bound, None
        if token is not None:
            _request_context.reset(token)

    def match(self) -> None:
        adapter = self._url_adapter
        if adapter is None:
            return
        try:
            rule, self.request.view_args = adapter.match(return_rule=True)  # type: ignore[assignment]
            self.request.url_rule = rule
        except HTTPException as error:
            self.request.routing_exception = error

    def push(self) -> None:
        # As in Flask: a request within a context of the same application shares it.
        active = _app_context.get(None)
        if not self._tokens:
            self._shares = active is not None and active.app is self.app
            self.g = active.g if active is not None and self._shares else Globals()
        self._request_tokens.append(_request_context.set(self))
        super().push()

    def pop(self, exc: BaseException | None = _MISSING) -> None:
        if exc is _MISSING:
            exc = sys.exc_info()[1]
        try:
            if len(self._request_tokens) == 1:
                self.app.do_teardown_request(exc)
        finally:
            _request_context.reset(self._request_tokens.pop())
            super().pop(exc)

    def __enter__(self) -> RequestContext:
        self.push()
        if not self.app.opens_session_lazily:
            self.open_session()
        self.match()
        return self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.request.url!r} [{self.request.method}] of {self.app.name}>"


_app_context: ContextVar[AppContext] = ContextVar("migrator.compat.app_context")
_request_context: ContextVar[RequestContext] = ContextVar("migrator.compat.request_context")

app_ctx = cast("AppContext", LocalProxy(_app_context, unbound_message=_NO_APP))
request_ctx = cast("RequestContext", LocalProxy(_request_context, unbound_message=_NO_REQUEST))
current_app = cast("App", LocalProxy(_app_context, "app", unbound_message=_NO_APP))
g = cast("Any", LocalProxy(_app_context, "g", unbound_message=_NO_APP))
request = cast("Request", LocalProxy(_request_context, "request", unbound_message=_NO_REQUEST))
session = cast("SessionMixin", LocalProxy(_request_context, "session", unbound_message=_NO_REQUEST))


def has_request_context() -> bool:
    """Whether a request is being handled here."""
    return _request_context.get(None) is not None


def has_app_context() -> bool:
    """Whether `current_app` and `g` can be used here."""
    return _app_context.get(None) is not None


def active_app() -> App:
    """The current application itself, not the proxy."""
    context = _app_context.get(None)
    if context is None:
        raise RuntimeError(_NO_APP)
    return context.app


def active_request_context() -> RequestContext:
    """The current request context itself, not the proxy."""
    context = _request_context.get(None)
    if context is None:
        raise RuntimeError(_NO_REQUEST)
    return context


def after_this_request(f: F) -> F:
    """Run `f(response)` after the current request only, before the registered hooks."""
    context = _request_context.get(None)
    if context is None:
        raise RuntimeError(
            "'after_this_request' can only be used when a request context is active, "
            "such as in a view function."
        )
    context.after_request_functions.append(f)
    return f


class _CopiedContext(RequestContext):
    """The same request and session; `g` and the session of the database are those of where it's entered."""

    def __init__(self, of: RequestContext) -> None:
        super().__init__(of.app, of.request)
        self._session = of.open_session()

    def __enter__(self) -> RequestContext:
        self.push()
        return self


def copy_current_request_context(f: F) -> F:
    """`f` with the current request bound to it, for a thread that f will run in."""
    context = active_request_context()

    @functools.wraps(f)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with _CopiedContext(context):
            return f(*args, **kwargs)

    return cast(F, wrapper)


@functools.cache
def split_blueprint_path(name: str) -> Sequence[str]:
    """A dotted blueprint name and its parents, innermost first: `a.b` → `a.b`, `a`."""
    parts = name.split(".")
    return tuple(".".join(parts[:end]) for end in range(len(parts), 0, -1))
