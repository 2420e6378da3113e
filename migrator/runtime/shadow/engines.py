"""Finds the engines of an application, whatever made it.

An application may say so itself: an attribute `shadow_engines` (or `app.state.shadow_engines`)
that is an engine, a list or mapping of engines, or a function that gives them. Otherwise
`app.extensions["sqlalchemy"]` is asked, as Flask-SQLAlchemy and migrator.runtime.db leave it there,
and the two applications inside a mount are asked in turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine


@runtime_checkable
class HasEngines(Protocol):
    """An application that says which engines it has."""

    shadow_engines: Any


def find_engines(app: Any) -> list[Engine | AsyncEngine]:
    """Every engine the application may use, each once; empty where none can be found."""
    found: dict[int, Engine | AsyncEngine] = {}
    for part in parts(app):
        for engine in _of(part):
            sync = engine.sync_engine if isinstance(engine, AsyncEngine) else engine
            found.setdefault(id(sync.pool), engine)
    return list(found.values())


def parts(app: Any) -> Iterator[Any]:
    """The application itself and those inside it: a mount's two, what a middleware wraps."""
    seen: set[int] = set()
    todo = [app]
    while todo:
        part = todo.pop(0)
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        todo.extend(
            getattr(part, name, None) for name in ("fastapi_app", "flask_app", "app", "wrapped")
        )


def flask_app(app: Any) -> Any | None:
    """The Flask application in `app` (it has a URL map), or None."""
    return next((p for p in parts(app) if hasattr(p, "url_map") and hasattr(p, "wsgi_app")), None)


def _of(app: Any) -> Iterator[Engine | AsyncEngine]:
    declared = getattr(app, "shadow_engines", None)
    if declared is None:
        declared = getattr(getattr(app, "state", None), "shadow_engines", None)
    if declared is not None:
        yield from _flatten(declared() if callable(declared) else declared)
        return
    extensions = getattr(app, "extensions", None)
    extension = extensions.get("sqlalchemy") if isinstance(extensions, Mapping) else None
    if extension is None:
        return
    if hasattr(extension, "engines_for"):
        for _, pair in extension.engines_for(app).each():
            yield from _flatten([pair.async_, pair.sync])
    elif hasattr(app, "app_context"):
        with app.app_context():
            yield from _flatten(list(extension.engines.values()))


def _flatten(declared: Any) -> Iterator[Engine | AsyncEngine]:
    if isinstance(declared, Engine | AsyncEngine):
        yield declared
    elif isinstance(declared, Mapping):
        yield from _flatten(list(declared.values()))
    else:
        for item in declared:
            yield from _flatten(item)


def implicit_loads(app: Any) -> list[Any]:
    """The logs of implicit loads of the application's migrator.runtime.db extensions."""
    found: list[Any] = []
    for part in parts(app):
        extensions = getattr(part, "extensions", None)
        extension = extensions.get("sqlalchemy") if isinstance(extensions, Mapping) else None
        if extension is not None and hasattr(extension, "engines_for"):
            each = extension.engines_for(part).each()
            found.extend(engines.implicit_loads for _, engines in each)
    return found
