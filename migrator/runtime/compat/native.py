"""Which views are plain (called with the URL's values) and which are FastAPI path operations.

A converted view takes its path parameters and nothing else; it is called directly, as Flask does.
A hand-written one that uses FastAPI (Depends, a body model, query parameters, a response model)
runs through FastAPI itself, inside the same hooks, session and error handlers.
"""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from fastapi import BackgroundTasks, Response, params
from fastapi.requests import HTTPConnection
from fastapi.routing import APIRoute
from fastapi.security import SecurityScopes
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from migrator.runtime.signatures import signature_of

from .rules import PYTHON_TYPES
from .running import bridge

_SPECIAL = (HTTPConnection, Response, BackgroundTasks, SecurityScopes, BaseModel)
_NATIVE_OPTIONS = frozenset(
    {"response_model", "status_code", "response_class", "dependencies", "response_model_include"}
)
_PLAIN_ANNOTATIONS = (str, int, float, UUID)


def evaluated_signature(view: Callable[..., Any]) -> inspect.Signature:
    """The signature with its annotations evaluated where they can be."""
    wrapped = getattr(view, "__wrapped__", None)
    if inspect.ismethod(wrapped):
        # `wraps` copies the attributes of the method's function: a signature that has `self`.
        view = wrapped
    try:
        return inspect.signature(view, eval_str=True)
    except Exception:  # a name that exists for type checkers only, say
        return signature_of(view)


def is_native(
    view: Callable[..., Any],
    path: Mapping[str, str],
    also_in_path: Collection[str],
    options: Mapping[str, Any],
    *,
    plain: bool = False,
) -> bool:
    """Whether `view` needs FastAPI.

    `path` has the parameters of its rule with their convertors, `also_in_path` those that come
    from elsewhere in the URL map (defaults, other rules of the same view). What was registered as
    `plain` needs it for its options alone.
    """
    if any(options.get(name) for name in _NATIVE_OPTIONS):
        return True
    if plain:
        return False
    signature = evaluated_signature(view)
    if _is_model(signature.return_annotation):
        return True
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if _is_fastapi(parameter):
            return True
        if parameter.name in path:
            if not _agrees(parameter.annotation, path[parameter.name]):
                return True
        elif parameter.name not in also_in_path and _asks_for_query(parameter):
            return True
    return False


def _is_fastapi(parameter: inspect.Parameter) -> bool:
    if isinstance(parameter.default, params.Depends | FieldInfo):
        return True
    annotation = parameter.annotation
    if typing.get_origin(annotation) is typing.Annotated:
        return True
    return isinstance(annotation, type) and issubclass(annotation, _SPECIAL)


def _agrees(annotation: Any, convertor: str) -> bool:
    """Whether the URL's value is what the annotation says without FastAPI converting it."""
    if convertor not in PYTHON_TYPES or annotation not in _PLAIN_ANNOTATIONS:
        # No annotation, a string that can't be evaluated, a custom converter: Flask's rules. An
        # enum, a date or a union on a plain string is for FastAPI to validate.
        convertible = isinstance(annotation, type) and annotation is not inspect.Parameter.empty
        return convertor not in ("str", "path") or not convertible or annotation is object
    # `{id}` with `id: int` asks FastAPI to convert; `{id:int}` has been converted.
    return annotation is PYTHON_TYPES[convertor] or annotation is str


def _asks_for_query(parameter: inspect.Parameter) -> bool:
    """A parameter that no URL gives: FastAPI takes it from the query or the body.

    One with a default and no annotation is a legacy view's own optional argument.
    """
    required = parameter.default is inspect.Parameter.empty
    return required or parameter.annotation is not inspect.Parameter.empty


def _is_model(annotation: Any) -> bool:
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return issubclass(annotation, BaseModel)
    return any(_is_model(argument) for argument in typing.get_args(annotation))


def plain_stub(view: Callable[..., Any], path: Mapping[str, str]) -> Callable[..., Any]:
    """What FastAPI is shown of a plain view: a function of its path parameters."""

    def stub(**kwargs: Any) -> None:
        raise RuntimeError("A plain view is run by compat's dispatcher, not by FastAPI.")

    stub.__name__ = getattr(view, "__name__", type(view).__name__)
    stub.__qualname__ = getattr(view, "__qualname__", stub.__name__)
    stub.__module__ = getattr(view, "__module__", __name__)
    stub.__doc__ = getattr(view, "__doc__", None)
    parameters = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, annotation=PYTHON_TYPES.get(convertor, str)
        )
        for name, convertor in path.items()
    ]
    stub.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return stub


def runnable(view: Callable[..., Any]) -> Callable[..., Any]:
    """A hand-written path operation for FastAPI; a sync one runs in the bridge, not in a thread."""
    if (
        inspect.iscoroutinefunction(view)
        or inspect.isasyncgenfunction(view)
        or inspect.isgeneratorfunction(view)
    ):
        return view

    @functools.wraps(view)
    async def in_bridge(**kwargs: Any) -> Any:
        return await bridge(functools.partial(view, **kwargs))

    # Until 0.123 FastAPI looks the names of annotations up in this module.
    in_bridge.__signature__ = evaluated_signature(view)  # type: ignore[attr-defined]
    return in_bridge


class CompatRoute(APIRoute):
    """A rule's entry in `app.routes`; `plain` says that FastAPI does not run it."""

    plain: bool
    view: Callable[..., Any]
    parameters: dict[str, str]
    #: The parameters that the rule gives whatever its URL says.
    defaults: frozenset[str]

    @classmethod
    def make(
        cls,
        path: str,
        view: Callable[..., Any],
        *,
        plain: bool,
        parameters: Mapping[str, str],
        defaults: Iterable[str],
        options: dict[str, Any],
        **route: Any,
    ) -> CompatRoute:
        """The route of `view`; `options` are those that FastAPI's decorators take."""
        if plain:
            made = cls(path, plain_stub(view, parameters), response_model=None, **options, **route)
            made.endpoint = view
        else:
            options = dict(options)
            if "response_model" not in options and not _is_model(
                evaluated_signature(view).return_annotation
            ):
                options["response_model"] = None
            made = cls(path, runnable(view), **options, **route)
        made.plain = plain
        made.view = view
        made.parameters = dict(parameters)
        made.defaults = frozenset(defaults)
        return made
