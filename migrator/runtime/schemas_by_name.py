"""Marshmallow finds the schema of `Nested("OrderSchema")` by its bare name, among all of the process.

With both packages imported there are two of each name, and either side would get a RegistryError.
Each gets its own: the class of the package that the asking schema is from.

https://marshmallow.readthedocs.io/en/stable/nesting.html#two-way-nesting
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
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
