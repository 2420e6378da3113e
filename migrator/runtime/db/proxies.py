"""Association proxies: what goes through one reads each object on the way."""

from __future__ import annotations

from collections.abc import Mapping, MutableSequence, Set
from typing import Any


def proxied(owner: Any, name: str) -> Any:
    """An attribute, with what an association proxy reads when its collection is gone through.

    To be run in the bridge: `u.keywords` loads the links, and each item of it the link's keyword.
    https://docs.sqlalchemy.org/en/latest/orm/extensions/associationproxy.html
    """
    value = getattr(owner, name)
    _go_through(value)
    return value


def _go_through(value: Any) -> None:
    items = value.values() if isinstance(value, Mapping) else value
    if isinstance(value, Mapping | MutableSequence | Set):
        for item in items:
            _go_through(item)


__all__ = ["proxied"]
