"""Which handler an error gets: code before class, blueprint before application, MRO order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from werkzeug.exceptions import BadRequest, BadRequestKeyError, HTTPException, default_exceptions
from werkzeug.exceptions import abort as _abort

from .context import _app_context

ErrorHandler = Callable[[Any], Any]
ErrorHandlerSpec = dict[str | None, dict[int | None, dict[type[Exception], ErrorHandler]]]


def abort(code: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """Raise the HTTPException of a status code, or one that carries a response."""
    context = _app_context.get(None)
    if context is not None:
        context.app.aborter(code, *args, **kwargs)
    _abort(code, *args, **kwargs)


def exception_class_and_code(
    class_or_code: type[Exception] | int,
) -> tuple[type[Exception], int | None]:
    """The class that a handler is registered for, and its status code if it has one.

    Raises ValueError for an unknown code or a class that is no Exception, TypeError for an
    instance.
    """
    if isinstance(class_or_code, int):
        try:
            cls: Any = default_exceptions[class_or_code]
        except KeyError:
            raise ValueError(
                f"'{class_or_code}' is not a recognized HTTP error code. Use a subclass of "
                "HTTPException with that code instead."
            ) from None
    else:
        cls = class_or_code
    if isinstance(cls, Exception):
        raise TypeError(
            f"{cls!r} is an instance, not a class. Handlers can only be registered for Exception "
            "classes or HTTP error codes."
        )
    if not issubclass(cls, Exception):
        raise ValueError(
            f"'{cls.__name__}' is not a subclass of Exception. Handlers can only be registered "
            "for Exception classes or HTTP error codes."
        )
    return cls, cls.code if issubclass(cls, HTTPException) else None


def find_error_handler(
    spec: ErrorHandlerSpec, error: Exception, blueprints: Sequence[str]
) -> ErrorHandler | None:
    """The handler for `error` in a request of `blueprints` (innermost first), or None."""
    cls, code = exception_class_and_code(type(error))
    names = (*blueprints, None)
    for wanted in (code, None) if code is not None else (None,):
        for name in names:
            handlers = spec.get(name, {}).get(wanted)
            if not handlers:
                continue
            for base in cls.__mro__:
                handler = handlers.get(base)
                if handler is not None:
                    return handler
    return None


def traps_http_exception(config: dict[str, Any], error: Exception) -> bool:
    """Whether `error` shall surface as an error although it is an HTTP answer (config TRAP_*)."""
    if config["TRAP_HTTP_EXCEPTIONS"]:
        return True
    trap_bad_request = config["TRAP_BAD_REQUEST_ERRORS"]
    if trap_bad_request is None and config["DEBUG"] and isinstance(error, BadRequestKeyError):
        return True
    return isinstance(error, BadRequest) if trap_bad_request else False
