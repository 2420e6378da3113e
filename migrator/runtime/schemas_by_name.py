"""Marshmallow finds the schema of `Nested("OrderSchema")` by its bare name, among all of the process.

With both packages imported there are two of each name, and either side would get a RegistryError.
Each gets its own: the class of the package that the asking schema is from. Who asks the registry itself
(apispec, for a schema that a docstring names) is given that of the package on whose behalf it does so.

https://marshmallow.readthedocs.io/en/stable/nesting.html#two-way-nesting
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.util import find_spec
from typing import Any


def tell_schemas_apart() -> None:
    """Let `marshmallow.fields.Nested` look among the schemas of its own side, where it is installed."""
    if find_spec("marshmallow") is None:
        return
    nested: Any = importlib.import_module("marshmallow.fields").Nested
    registry: Any = importlib.import_module("marshmallow.class_registry")
    found = nested.schema
    if not isinstance(found, _Schema):
        nested.schema = _Schema(found.fget, registry, found.__doc__)
        registry.get_class = _of_the_asking_side(registry.get_class, registry)


def tell_loaded_schemas_apart() -> None:
    """The same, before anything is mounted, where the application has loaded marshmallow."""
    if "marshmallow.fields" in sys.modules:
        tell_schemas_apart()


def _of_the_asking_side(found: Callable[..., Any], registry: Any) -> Callable[..., Any]:
    @wraps(found)
    def get_class(classname: str, *args: Any, **kwargs: Any) -> Any:
        same = registry._registry.get(classname, ())
        own = _called_from(same) if len(same) > 1 and not (args or kwargs) else []
        return own[0] if len(own) == 1 else found(classname, *args, **kwargs)

    return get_class


def _called_from(classes: Sequence[type]) -> list[type]:
    """Those of `classes` that are of the first package on the stack which has one."""
    packages = {cls.__module__.partition(".")[0] for cls in classes}
    frame = sys._getframe(2)
    while frame is not None:
        asking = frame.f_globals.get("__name__", "").partition(".")[0]
        if asking in packages:
            return [cls for cls in classes if cls.__module__.partition(".")[0] == asking]
        frame = frame.f_back  # type: ignore[assignment]
    return []


class _Schema(property):
    """The property `Nested.schema`, which makes the nested schema when it is first read."""

    def __init__(self, made: Any, registry: Any, doc: str | None) -> None:
        def schema(field: Any) -> Any:
            if isinstance(field.nested, str):
                same = registry._registry.get(field.nested, ())
                own = side_of(type(field.root).__module__, same) if len(same) > 1 else ()
                if len(own) == 1:
                    field.nested = own[0]
            return made(field)

        super().__init__(schema, doc=doc)


def side_of(module: str, classes: Sequence[type]) -> list[type]:
    """Those of classes of one name that are on the side of `module`.

    The converted code is one package. The legacy code is another one, or modules of any names, all
    of which the converted package has as well.
    """
    side = module.partition(".")[0]
    same = [cls for cls in classes if cls.__module__.partition(".")[0] == side]
    if same:
        return same
    names = {cls.__module__ for cls in classes}
    return [cls for cls in classes if cls.__module__.partition(".")[2] not in names]
