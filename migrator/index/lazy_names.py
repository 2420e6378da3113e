"""The names of attributes that may load lazily on some model: what is read so of an object of unknown type may ask the database."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.index.model import Model, Relationship
from migrator.index.project import Project


def lazy_names(models: Mapping[str, Model]) -> frozenset[str]:
    """Every such name."""
    return frozenset(
        name
        for model in models.values()
        for name in (
            *(r.name for r in model.relationships.values() if not r.eager),
            *model.deferred,
            *model.proxies,
        )
    )


def called_names(project: Project, models: Mapping[str, Model]) -> frozenset[str]:
    """Those of them whose value may be called.

    Where `event.items` is a relationship, `given.items()` is the method of something else.
    """
    return frozenset(
        name
        for model in models.values()
        for name in (
            *(
                r.name
                for r in model.relationships.values()
                if not r.eager and _is_called(project, models, r)
            ),
            *model.deferred,
            *model.proxies,
        )
    )


def _is_called(project: Project, models: Mapping[str, Model], relationship: Relationship) -> bool:
    """Whether what it gives may have a `__call__`: no list and no dict has one."""
    if relationship.uselist:
        return not relationship.collection
    target = models.get(relationship.target)
    return target is None or any(
        "__call__" in ancestor.methods or "__call__" in ancestor.attributes
        for cls in (target.info, *project.subclasses(target.info))
        for ancestor in project.mro(cls)
    )
