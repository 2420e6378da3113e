"""`LoginManager`: loads the user of a request, and sends those away who are not logged in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from ..context import active_app, active_request_context
from ..errors import abort
from ..flash import flash
from ..response import redirect
from ..running import call
from . import settings
from .cookies import decode_cookie, encode_cookie, session_identifier
from .current import user_in_sync_code
from .urls import expand_login_view, login_url, make_next_param
from .users import AnonymousUserMixin

if TYPE_CHECKING:
    from ..app import App
    from ..response import Response

F = TypeVar("F", bound=Callable[..., Any])


class LoginManager:
    """The settings of logging in; bound to applications by `init_app`.

    Loaders and handlers may be `def` or `async def`.
    """

    def __init__(self, app: App | None = None, add_context_processor: bool = True) -> None:
        self.anonymous_user: Callable[[], Any] = AnonymousUserMixin
        self.login_view: str | None = None
        self.blueprint_login_views: dict[str | None, str | None] = {}
        self.login_message: str | None = settings.LOGIN_MESSAGE
        self.login_message_category = settings.LOGIN_MESSAGE_CATEGORY
        self.refresh_view: str | None = None
        self.needs_refresh_message: str | None = settings.REFRESH_MESSAGE
        self.needs_refresh_message_category = settings.REFRESH_MESSAGE_CATEGORY
        self.session_protection: str | None = "basic"
        self.localize_callback: Callable[[str], str] | None = None
        self.unauthorized_callback: Callable[[], Any] | None = None
        self.needs_refresh_callback: Callable[[], Any] | None = None
        self.id_attribute = settings.ID_ATTRIBUTE
        self._user_callback: Callable[[str], Any] | None = None
        self._request_callback: Callable[[Any], Any] | None = None
        self._session_identifier_generator: Callable[[], str] = session_identifier
        if app is not None:
            self.init_app(app, add_context_processor)

    def init_app(self, app: App, add_context_processor: bool = True) -> None:
        """Become `app.login_manager`; templates get `current_user`."""
        app.login_manager = self  # type: ignore[attr-defined]
        app.after_request(self._update_remember_cookie)
        if add_context_processor:
            app.context_processor(lambda: {"current_user": user_in_sync_code()})

    # Callbacks

    def user_loader(self, callback: F) -> F:
        """`callback(user_id)` gives the user of a session, or None."""
        self._user_callback = callback
        return callback

    @property
    def user_callback(self) -> Callable[[str], Any] | None:
        return self._user_callback

    def request_loader(self, callback: F) -> F:
        """`callback(request)` gives the user of a request without a session, or None."""
        self._request_callback = callback
        return callback

    @property
    def request_callback(self) -> Callable[[Any], Any] | None:
        return self._request_callback

    def unauthorized_handler(self, callback: F) -> F:
        """`callback()` answers those who are not logged in."""
        self.unauthorized_callback = callback
        return callback

    def needs_refresh_handler(self, callback: F) -> F:
        """`callback()` answers those whose login is not fresh."""
        self.needs_refresh_callback = callback
        return callback

    # Sending away

    def unauthorized(self) -> Any:
        """The answer to a request that needs a login: the handler's, a redirect, or 401."""
        if self.unauthorized_callback is not None:
            return call(self.unauthorized_callback)
        blueprint = active_request_context().request.blueprint
        login_view = self.blueprint_login_views.get(blueprint, self.login_view)
        if not login_view:
            abort(401)
        return self._send_to(login_view, self.login_message, self.login_message_category)

    def needs_refresh(self) -> Any:
        """The answer to a request that needs a fresh login."""
        if self.needs_refresh_callback is not None:
            return call(self.needs_refresh_callback)
        if not self.refresh_view:
            abort(401)
        return self._send_to(
            self.refresh_view, self.needs_refresh_message, self.needs_refresh_message_category
        )

    def _send_to(self, view: str, message: str | None, category: str) -> Any:
        if message:
            if self.localize_callback is not None:
                message = self.localize_callback(message)
            flash(message, category=category)
        context = active_request_context()
        url = context.request.url
        if active_app().config.get("USE_SESSION_FOR_NEXT", settings.USE_SESSION_FOR_NEXT):
            session = context.session
            session["_id"] = self._session_identifier_generator()
            session["next"] = make_next_param(expand_login_view(view), url)
            return redirect(login_url(view))
        return redirect(login_url(view, next_url=url))

    # Loading

    def _update_request_context_with_user(self, user: Any = None) -> None:
        active_request_context().g._login_user = self.anonymous_user() if user is None else user

    def _load_user(self) -> None:
        """Load the user of the current request. Runs in the bridge."""
        if self._user_callback is None and self._request_callback is None:
            raise Exception(
                "Missing user_loader or request_loader. Refer to "
                "http://flask-login.readthedocs.io/#how-it-works for more info."
            )
        if self._session_protection_failed():
            self._update_request_context_with_user()
            return
        context = active_request_context()
        user = None
        user_id = context.session.get("_user_id")
        if user_id is not None and self._user_callback is not None:
            user = call(self._user_callback, user_id)
        if user is None:
            cookies = context.request.cookies
            name = active_app().config.get("REMEMBER_COOKIE_NAME", settings.COOKIE_NAME)
            if name in cookies and context.session.get("_remember") != "clear":
                user = self._load_user_from_remember_cookie(cookies[name])
            elif self._request_callback is not None:
                user = call(self._request_callback, context.request)
        self._update_request_context_with_user(user)

    def _session_protection_failed(self) -> bool:
        session = active_request_context().session
        identifier = self._session_identifier_generator()
        mode = active_app().config.get("SESSION_PROTECTION", self.session_protection)
        if mode not in ("basic", "strong"):
            return False
        # An empty session is nobody's: there is nothing to protect.
        if session and identifier != session.get("_id", None):
            if mode == "basic" or session.permanent:
                if session.get("_fresh") is not False:
                    session["_fresh"] = False
                return False
            for key in settings.SESSION_KEYS:
                session.pop(key, None)
            session["_remember"] = "clear"
            return True
        return False

    def _load_user_from_remember_cookie(self, cookie: str) -> Any:
        user_id = decode_cookie(cookie)
        if user_id is None:
            return None
        session = active_request_context().session
        session["_user_id"] = user_id
        session["_fresh"] = False
        return call(self._user_callback, user_id) if self._user_callback is not None else None

    # The remember cookie

    def _update_remember_cookie(self, response: Response) -> Response:
        session = active_request_context().session
        if "_remember" not in session and active_app().config.get(
            "REMEMBER_COOKIE_REFRESH_EACH_REQUEST"
        ):
            session["_remember"] = "set"
        if "_remember" in session:
            operation = session.pop("_remember", None)
            if operation == "set" and "_user_id" in session:
                self._set_cookie(response)
            elif operation == "clear":
                self._clear_cookie(response)
        return response

    def _set_cookie(self, response: Response) -> None:
        config = active_app().config
        session = active_request_context().session
        duration: Any
        if "_remember_seconds" in session:
            duration = timedelta(seconds=session["_remember_seconds"])
        else:
            duration = config.get("REMEMBER_COOKIE_DURATION", settings.COOKIE_DURATION)
        if isinstance(duration, int):
            duration = timedelta(seconds=duration)
        if not isinstance(duration, timedelta):
            raise Exception(
                f"REMEMBER_COOKIE_DURATION must be a datetime.timedelta, instead got: {duration}"
            )
        response.set_cookie(
            config.get("REMEMBER_COOKIE_NAME", settings.COOKIE_NAME),
            value=encode_cookie(str(session["_user_id"])),
            expires=datetime.now(UTC) + duration,
            domain=config.get("REMEMBER_COOKIE_DOMAIN"),
            path=config.get("REMEMBER_COOKIE_PATH", "/"),
            secure=config.get("REMEMBER_COOKIE_SECURE", settings.COOKIE_SECURE),
            httponly=config.get("REMEMBER_COOKIE_HTTPONLY", settings.COOKIE_HTTPONLY),
            samesite=config.get("REMEMBER_COOKIE_SAMESITE", settings.COOKIE_SAMESITE),
        )

    def _clear_cookie(self, response: Response) -> None:
        config = active_app().config
        response.delete_cookie(
            config.get("REMEMBER_COOKIE_NAME", settings.COOKIE_NAME),
            domain=config.get("REMEMBER_COOKIE_DOMAIN"),
            path=config.get("REMEMBER_COOKIE_PATH", "/"),
        )
