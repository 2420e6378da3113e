"""What a mixin's method returns is of the class that it was called on."""

from __future__ import annotations

from dataclasses import replace

from migrator.queries.types import Query
from migrator.types.lattice import Value


def specialised_query(value: Value, mixin: str, model: str, text: str) -> Value:
    """A query of a mixin's `cls` as a query of the model; other types as they are.

    `mixin` and `model` are class keys; `text` is how the caller spells the model, "" when it has
    no name for it: the query then has no name for its entity either.
    """
    if not isinstance(value, Query) or not any(s.key == mixin for s in value.selects):
        return value
    label = model.rpartition(":")[2].rpartition(".")[2] or model.rpartition(":")[2]
    selects = tuple(
        replace(s, key=model, text=text, label=label) if s.key == mixin else s
        for s in value.selects
    )
    return replace(value, selects=selects, lead=text)
