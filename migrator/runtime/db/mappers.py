"""Mappers are configured before converted code asks for a statement, as `session.query()` does and `select()` does not.

Until then a mapped class has no attribute for a `backref`.
"""

from __future__ import annotations

import contextlib

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapper, RelationshipProperty, configure_mappers
from sqlalchemy.orm.mapper import _all_registries


def configure() -> None:
    """To be called when all modules have been imported: a mapping that lacks a class then stays broken.

    Its error is raised where it is used, as it was.
    """
    with contextlib.suppress(SQLAlchemyError):
        configure_mappers()


def configure_if_complete() -> None:
    """The same where modules may still be missing, as in a script: not before all that relationships name is there."""
    registries = _all_registries()
    if not any(registry._new_mappers for registry in registries):
        return
    mappers = [mapper for registry in registries for mapper in registry.mappers]
    if all(_is_complete(mapper) for mapper in mappers if not mapper.configured):
        configure()


def _is_complete(mapper: Mapper[object]) -> bool:
    for prop in mapper._props.values():
        if isinstance(prop, RelationshipProperty):
            try:
                # What configuring begins with; it may be done again.
                prop._process_dependent_arguments()
                prop._setup_entity()
            except Exception:  # a function of the application's says what it names
                return False
    return True
