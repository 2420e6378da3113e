"""The session in a signed cookie, byte for byte Flask's: either side reads what the other wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import CallbackDict

from .tagged_json import TaggedJSONSerializer

if TYPE_CHECKING:
    from .app import App
    from .request import Request
    from .response import Response


class SessionMixin(MutableMapping[str, Any]):
    """What a session is besides a dict."""

    new = False
    modified = True
    accessed = False
    """Set when the session is read through the proxy; then the answer varies by cookie."""

    @property
    def permanent(self) -> bool:
        """Whether the cookie outlives the browser (config PERMANENT_SESSION_LIFETIME)."""
        return bool(self.get("_permanent", False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)


class SecureCookieSession(CallbackDict[str, Any], SessionMixin):
    """A session of the signed cookie; it notes its own changes, not those inside its values."""

    modified = False

    def __init__(self, initial: Mapping[str, Any] | None = None) -> None:
        def on_update(session: SecureCookieSession) -> None:
            session.modified = True

        super().__init__(initial, on_update)


class NullSession(SecureCookieSession):
    """The session of an application without a secret key: empty, and writing says why it fails."""

    def _fail(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError(
            "The session is unavailable because no secret key was set. Set the secret_key on the "
            "application to something unique and secret."
        )

    __setitem__ = __delitem__ = clear = pop = popitem = update = setdefault = _fail
    del _fail


class SessionInterface:
    """Base of session stores; assign an instance to `app.session_interface` to replace the cookie."""

    null_session_class = NullSession
    pickle_based = False

    def make_null_session(self, app: App) -> NullSession:
        return self.null_session_class()

    def is_null_session(self, obj: object) -> bool:
        return isinstance(obj, self.null_session_class)

    def get_cookie_name(self, app: App) -> str:
        name: str = app.config["SESSION_COOKIE_NAME"]
        return name

    def get_cookie_domain(self, app: App) -> str | None:
        domain: str | None = app.config["SESSION_COOKIE_DOMAIN"]
        return domain

    def get_cookie_path(self, app: App) -> str:
        path: str = app.config["SESSION_COOKIE_PATH"] or app.config["APPLICATION_ROOT"]
        return path

    def get_cookie_httponly(self, app: App) -> bool:
        httponly: bool = app.config["SESSION_COOKIE_HTTPONLY"]
        return httponly

    def get_cookie_secure(self, app: App) -> bool:
        secure: bool = app.config["SESSION_COOKIE_SECURE"]
        return secure

    def get_cookie_samesite(self, app: App) -> str | None:
        samesite: str | None = app.config["SESSION_COOKIE_SAMESITE"]
        return samesite

    def get_cookie_partitioned(self, app: App) -> bool:
        partitioned: bool = app.config["SESSION_COOKIE_PARTITIONED"]
        return partitioned

    def get_expiration_time(self, app: App, session: SessionMixin) -> datetime | None:
        if session.permanent:
            return datetime.now(UTC) + app.permanent_session_lifetime
        return None

    def should_set_cookie(self, app: App, session: SessionMixin) -> bool:
        """A changed session is written; a permanent one is refreshed with every answer."""
        return session.modified or (
            session.permanent and bool(app.config["SESSION_REFRESH_EACH_REQUEST"])
        )

    def open_session(self, app: App, request: Request) -> SessionMixin | None:
        raise NotImplementedError

    def save_session(self, app: App, session: SessionMixin, response: Response) -> None:
        raise NotImplementedError


session_json_serializer = TaggedJSONSerializer()


def _sha1(string: bytes = b"") -> Any:
    # Looked up when it is needed: a FIPS build has no sha1, and may have its own digest_method.
    return hashlib.sha1(string)


class SecureCookieSessionInterface(SessionInterface):
    """The default: the whole session in one cookie, signed with `secret_key`."""

    salt = "cookie-session"
    digest_method = staticmethod(_sha1)
    key_derivation = "hmac"
    serializer: Any = session_json_serializer
    session_class = SecureCookieSession

    _signer: tuple[Any, URLSafeTimedSerializer] | None = None

    def get_signing_serializer(self, app: App) -> URLSafeTimedSerializer | None:
        secret = app.secret_key
        if not secret:
            return None
        fallbacks = app.config["SECRET_KEY_FALLBACKS"]
        # Deriving the key costs as much as a signature: one serializer serves while keys stay.
        identity = (secret, tuple(fallbacks or ()), self.salt, self.serializer)
        if self._signer is not None and self._signer[0] == identity:
            return self._signer[1]
        signer = URLSafeTimedSerializer(
            [*(fallbacks or ()), secret],
            salt=self.salt,
            serializer=self.serializer,
            signer_kwargs={
                "key_derivation": self.key_derivation,
                "digest_method": self.digest_method,
            },
        )
        self._signer = (identity, signer)
        return signer

    def open_session(self, app: App, request: Request) -> SecureCookieSession | None:
        signer = self.get_signing_serializer(app)
        if signer is None:
            return None
        value = request.cookies.get(self.get_cookie_name(app))
        if not value:
            return self.session_class()
        max_age = int(app.permanent_session_lifetime.total_seconds())
        try:
            return self.session_class(signer.loads(value, max_age=max_age))
        except BadSignature:
            return self.session_class()

    def save_session(self, app: App, session: SessionMixin, response: Response) -> None:
        if session.accessed:
            response.vary.add("Cookie")
        if not session:
            if session.modified:
                response.delete_cookie(self.get_cookie_name(app), **self._cookie_options(app))
                response.vary.add("Cookie")
            return
        if not self.should_set_cookie(app, session):
            return
        signer = self.get_signing_serializer(app)
        if signer is None:
            raise RuntimeError("The session can't be signed: the secret key was removed.")
        response.set_cookie(
            self.get_cookie_name(app),
            signer.dumps(dict(session)),
            expires=self.get_expiration_time(app, session),
            **self._cookie_options(app),
        )
        response.vary.add("Cookie")

    def _cookie_options(self, app: App) -> dict[str, Any]:
        return {
            "domain": self.get_cookie_domain(app),
            "path": self.get_cookie_path(app),
            "secure": self.get_cookie_secure(app),
            "partitioned": self.get_cookie_partitioned(app),
            "samesite": self.get_cookie_samesite(app),
            "httponly": self.get_cookie_httponly(app),
        }
