"""`Query.with_parent(o)` without a relationship: the first one of `o` that leads to the entity.

Facts: SQLAlchemy's `orm/query.py`, `with_parent`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, inspect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import RelationshipProperty, object_mapper, with_parent


def parent_of(entity: Any, instance: Any) -> ColumnElement[bool]:
    """The criterion that `instance` is the parent of a row of `entity`.

    Raises InvalidRequestError when none of its relationships leads there.
    """
    mapper, target = object_mapper(instance), inspect(entity).mapper
    for relationship in mapper.iterate_properties:
        if isinstance(relationship, RelationshipProperty) and relationship.mapper is target:
            attribute = getattr(mapper.class_, relationship.key)
            return with_parent(instance, attribute, from_entity=entity)
    raise InvalidRequestError(
        "Could not locate a property which relates instances of class "
        f"{target.class_.__name__!r} to instances of class {type(instance).__name__!r}"
    )
