"""`dir()` of a mapped object, or of a model, gives the names that it gave: none of AsyncAttrs.

Code makes JSON of all the attributes that an object has. An application's own base derives from
SQLAlchemy's AsyncAttrs itself, and so the answer is put there.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncAttrs

_ADDED = frozenset(name for name in vars(AsyncAttrs) if not name.startswith("__"))


def legacy_names(names: Iterable[str]) -> list[str]:
    """The names without those that the conversion has added."""
    return [name for name in names if name not in _ADDED]


def _dir(self: object) -> list[str]:
    return legacy_names(object.__dir__(self))


AsyncAttrs.__dir__ = _dir  # type: ignore[method-assign]  # it has none of its own
