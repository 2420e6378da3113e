"""Finds the engines of an application, whatever made it.

An application may say so itself: an attribute `shadow_engines` (or `app.state.shadow_engines`)
that is an engine, a list or mapping of engines, or a function that gives them. Otherwise
`app.extensions["sqlalchemy"]` is asked, as Flask-SQLAlchemy and migrator.runtime.db leave it there,
and the two applications inside a mount are asked in turn.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine


@runtime_checkable
class HasEngines(Protocol):
    """An application that says which engines it has."""

    shadow_engines: Any


AnyEngine = Engine | AsyncEngine


def find_engines(app: Any) -> list[AnyEngine]:
    """Every engine the application may use, each once; empty where none can be found."""
    return [found.engine for found in owned_engines(app)]


@dataclass(frozen=True, slots=True)
class Owned:
    """An engine, the application whose it is, and its bind key or its key in what was declared."""

    engine: AnyEngine
    owner: Any
    key: str | None


def owned_engines(app: Any) -> list[Owned]:
    """The same with what they belong to."""
    found: dict[int, Owned] = {}
    for part in parts(app):
        for key, engine in _of(part):
            sync = engine.sync_engine if isinstance(engine, AsyncEngine) else engine
            found.setdefault(id(sync.pool), Owned(engine, part, key))
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


def packages(app: Any, name: str) -> set[str]:
    """The top-level packages whose code the application is, as far as it and its `module:attribute` say."""
    module, colon, _ = name.partition(":")
    named = {module} if colon else set()
    named |= {part.import_name for part in parts(app) if hasattr(part, "import_name")}
    return {each.partition(".")[0] for each in named}


def _of(app: Any) -> Iterator[tuple[str | None, AnyEngine]]:
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
        for key, pair in extension.engines_for(app).each():
            yield from _flatten([pair.async_, pair.sync], key)
    elif hasattr(app, "app_context"):
        with app.app_context():
            engines = dict(extension.engines)
            # As the converted side has it, whichever extension the engines are of.
            yield from _flatten({None if k == "default" else k: e for k, e in engines.items()})


def _flatten(declared: Any, key: str | None = None) -> Iterator[tuple[str | None, AnyEngine]]:
    if isinstance(declared, Engine | AsyncEngine):
        # What has twins has imported them; a legacy application is compared without FastAPI.
        twins = sys.modules.get("migrator.runtime.db.twins")
        if isinstance(declared, Engine) and twins is not None and twins.has_twin(declared):
            yield key, twins.async_engine(declared)
        yield key, declared
    elif isinstance(declared, Mapping):
        for name, item in declared.items():
            yield from _flatten(item, name)
    else:
        for item in declared:
            yield from _flatten(item, key)


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
