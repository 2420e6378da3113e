"""What the application's surface tells the decisions: what stays behind, and what stands around functions."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from migrator.colour.decide import Decisions
from migrator.index.project import Project
from migrator.queries.step import Refusal
from migrator.surface import (
    AsyncSafe,
    DecoratorKind,
    Opaque,
    Surface,
    TransparentWrapper,
    class_views,
)
from migrator.surface.decorated import Decorated
from migrator.surface.runner import Runner


def framework(project: Project, surface: Surface | None) -> dict[str, Any]:
    """What the surface tells the decisions: what is left, and what stands around functions."""
    functions, around = _decorators(project, surface)
    wrapped: dict[str, tuple[str, ...]] = {}
    opaque: dict[str, Refusal] = {}
    decorated: dict[str, Refusal] = {}
    hidden: set[str] = set()
    on_flask = surface is not None and surface.frame == "flask"
    for key, names in functions.items():
        kinds = [around[n] for n in names if n in around]
        inner = tuple(k.wrapper for k in kinds if isinstance(k, TransparentWrapper))
        if inner:
            wrapped[key] = inner
        told = (isinstance(k, TransparentWrapper) for k in kinds if _tells(k, on_flask))
        if not next(told, True):
            hidden.add(key)
        for name in names:
            kind = around.get(name)
            if isinstance(kind, Opaque):
                # SQLAlchemy calls its listeners inside a flush.
                target = opaque if name.startswith("sqlalchemy.") else decorated
                target[key] = Refusal(
                    "MIG514",
                    f"its decorator takes plain functions: {kind.reason}",
                    "Make the decorator await what it wraps.",
                )
                for given in kind.given:
                    reason = f"what calls it can't be followed: {kind.reason}"
                    decorated[given] = Refusal("MIG514", reason, target[key].hint)
    _class_views(project, decorated, on_flask)
    decorated.update(surface.plain if surface is not None else {})
    left = _left(project, surface) if surface is not None else {}
    return {
        "left": left,
        "wrapped_by": wrapped,
        "hidden": hidden,
        "opaque": opaque,
        "decorated": decorated,
        "starts": surface.site.starts if surface is not None else frozenset(),
    }


def _tells(kind: DecoratorKind, on_flask: bool) -> bool:
    """Whether a decorator decides if callers of what it gives get an awaitable."""
    if isinstance(kind, AsyncSafe):
        return kind.waits and on_flask
    return isinstance(kind, TransparentWrapper | Opaque)


def _left(project: Project, surface: Surface) -> dict[str, Refusal]:
    """The functions that stay on the mount; of a class-based view that is every method.

    Not those that a view which is converted inherits.
    """
    left = dict(surface.left)
    kept = {
        method
        for endpoint in surface.endpoints
        if endpoint.function not in left and endpoint.function in project.classes
        for method in class_views.functions(project, endpoint.function)
    }
    for key, refusal in surface.left.items():
        cls = project.classes.get(key)
        if cls is not None:
            own = [method.key for method in cls.methods.values()]
            left.update((method, refusal) for method in own if method not in kept)
    return left


def _class_views(project: Project, decorated: dict[str, Refusal], on_flask: bool) -> None:
    """Methods of class-based views that are taken for plain ones: for what is around their class.

    The view function that Flask makes of a class is a plain one, whoever gets it.
    """
    handed = frozenset() if on_flask else class_views.handed_over(project)
    for cls in project.classes.values():
        if not class_views.is_view(project, cls):
            continue
        why = (None if on_flask else decorated.get(cls.key)) or class_views.forced_sync(
            project, cls, on_flask
        )
        if why is None and not handed.isdisjoint({cls.key, ""}):
            why = Refusal(
                "MIG519",
                f"the view function of {cls.name} is handed to other code, which may call it",
                "Give it to add_url_rule alone.",
            )
        if why is not None:
            for method in class_views.methods(project, cls):
                decorated.setdefault(method.key, why)


def left_by_colours(
    project: Project, surface: Surface, decisions: Decisions, converted: Container[str]
) -> dict[str, Refusal]:
    """The views that are asynchronous already, and do what nobody can await in them.

    In the modules `converted`, a conversion has seen to that.
    """
    found: dict[str, Refusal] = {}
    for endpoint in surface.endpoints:
        if endpoint.function.partition(":")[0] in converted:
            continue
        for key in class_views.functions(project, endpoint.function):
            decision = decisions.get(key)
            if decision is not None and decision.mode == "left" and decision.reason is not None:
                found.setdefault(endpoint.function, decision.reason)
    return found


def shields(
    project: Project, surface: Surface | None, decisions: Decisions
) -> dict[str, list[int]]:
    """Where a decorator that takes plain functions stands around one that awaits, by function.

    The places are those of the decorators below which it does.
    """
    functions, around = _decorators(project, surface)
    found: dict[str, list[int]] = {}
    for key, names in functions.items():
        if key not in project.functions:
            continue
        plain = False
        for index, name in enumerate(names):
            kind = around.get(name)
            if isinstance(kind, Opaque):
                plain = True
            elif isinstance(kind, TransparentWrapper):
                wrapper = decisions.get(kind.wrapper)
                if plain and wrapper is not None and wrapper.asynchronous:
                    found.setdefault(key, []).append(index)
                plain = False
            elif isinstance(kind, AsyncSafe):
                plain = False
    return found


def _decorators(
    project: Project, surface: Surface | None
) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, DecoratorKind]]:
    """The decorators of each function, and what each of them does."""
    if surface is not None:
        return surface.decorated, surface.decorators
    read = Decorated(project, Runner(project))
    return read.functions, read.kinds
