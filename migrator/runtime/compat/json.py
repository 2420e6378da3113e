"""JSON exactly as Flask writes it: sorted keys, escapes, RFC 822 dates, Decimal and UUID as strings."""

from __future__ import annotations

import dataclasses
import decimal
import functools
import json as _json
import uuid
import weakref
from collections.abc import Callable
from datetime import date
from typing import IO, TYPE_CHECKING, Any

from werkzeug.http import http_date

from .context import _app_context, active_app

if TYPE_CHECKING:
    from .app import App
    from .response import Response


def default(value: Any) -> Any:
    """What a value that JSON does not know becomes; raises TypeError for what stays unknown."""
    if isinstance(value, date):
        return http_date(value)
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    if dataclasses.is_dataclass(value):
        return dataclasses.asdict(value)  # type: ignore[arg-type]
    if hasattr(value, "__html__"):
        return str(value.__html__())
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


class JSONProvider:
    """The JSON operations of an application; subclass it to change them all at once."""

    def __init__(self, app: App) -> None:
        self._app: App = weakref.proxy(app)  # type: ignore[assignment]

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        raise NotImplementedError

    def dump(self, obj: Any, fp: IO[str], **kwargs: Any) -> None:
        fp.write(self.dumps(obj, **kwargs))

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        raise NotImplementedError

    def load(self, fp: IO[Any], **kwargs: Any) -> Any:
        return self.loads(fp.read(), **kwargs)

    def _prepare_response_obj(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if args and kwargs:
            raise TypeError("app.json.response() takes either args or kwargs, not both")
        if not args and not kwargs:
            return None
        if len(args) == 1:
            return args[0]
        return args or kwargs

    def response(self, *args: Any, **kwargs: Any) -> Response:
        obj = self._prepare_response_obj(args, kwargs)
        return self._app.response_class(self.dumps(obj), mimetype="application/json")


class DefaultJSONProvider(JSONProvider):
    """Flask's default: the standard library's json with the attributes below."""

    default: Callable[[Any], Any] = staticmethod(default)
    ensure_ascii = True
    sort_keys = True
    compact: bool | None = None
    """None: compact unless the application is in debug mode."""
    mimetype = "application/json"

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        kwargs.setdefault("default", self.default)
        kwargs.setdefault("ensure_ascii", self.ensure_ascii)
        kwargs.setdefault("sort_keys", self.sort_keys)
        return _json.dumps(obj, **kwargs)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return _json.loads(s, **kwargs)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        obj = self._prepare_response_obj(args, kwargs)
        app = self._app
        if (self.compact is None and app.config["DEBUG"]) or self.compact is False:
            text = self.dumps(obj, indent=2)
        elif type(self).dumps is DefaultJSONProvider.dumps:
            text = _encoder(self.default, self.ensure_ascii, self.sort_keys).encode(obj)
        else:
            text = self.dumps(obj, separators=(",", ":"))
        return app.response_class(f"{text}\n", mimetype=self.mimetype)


@functools.lru_cache(maxsize=16)
def _encoder(
    default: Callable[[Any], Any], ensure_ascii: bool, sort_keys: bool
) -> _json.JSONEncoder:
    # json.dumps makes an encoder each time that it is given an argument.
    return _json.JSONEncoder(
        default=default, ensure_ascii=ensure_ascii, sort_keys=sort_keys, separators=(",", ":")
    )


def dumps(obj: Any, **kwargs: Any) -> str:
    """`obj` as JSON text, by the current application's provider when there is one."""
    context = _app_context.get(None)
    if context is not None:
        return context.app.json.dumps(obj, **kwargs)
    kwargs.setdefault("default", default)
    return _json.dumps(obj, **kwargs)


def dump(obj: Any, fp: IO[str], **kwargs: Any) -> None:
    """Write `obj` as JSON text to `fp`."""
    context = _app_context.get(None)
    if context is not None:
        context.app.json.dump(obj, fp, **kwargs)
    else:
        kwargs.setdefault("default", default)
        _json.dump(obj, fp, **kwargs)


def loads(s: str | bytes, **kwargs: Any) -> Any:
    """The value of JSON text or bytes; raises ValueError."""
    context = _app_context.get(None)
    if context is not None:
        return context.app.json.loads(s, **kwargs)
    return _json.loads(s, **kwargs)


def load(fp: IO[Any], **kwargs: Any) -> Any:
    """The value of a file of JSON; raises ValueError."""
    context = _app_context.get(None)
    if context is not None:
        return context.app.json.load(fp, **kwargs)
    return _json.load(fp, **kwargs)


def jsonify(*args: Any, **kwargs: Any) -> Response:
    """A JSON response of one value, of several as a list, or of keywords as an object."""
    return active_app().json.response(*args, **kwargs)
