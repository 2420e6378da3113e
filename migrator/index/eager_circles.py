"""Eager relationships that lead back to where they begin: SQLAlchemy follows them once around, and no further.

What a mapping loads ahead is left out where the class is on the way already
(https://docs.sqlalchemy.org/en/20/orm/self_referential.html#configuring-self-referential-eager-loading):
`order.customer.orders` is lazy then, though both are mapped "joined".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from migrator.index.model import Model
from migrator.index.project import Project


def mark_circles(project: Project, models: Mapping[str, Model]) -> None:
    """Mark the eager relationships from whose target eager ones lead back to their owner."""
    families = {key: _family(project, models, model) for key, model in models.items()}
    ahead: dict[str, set[str]] = {family: set() for family in families.values()}
    for key, model in models.items():
        targets = (r.target for r in model.relationships.values() if r.eager)
        ahead[families[key]].update(families[t] for t in targets if t in families)
    reached = {family: _reached(ahead, family) for family in ahead}
    for key, model in models.items():
        for name, found in model.relationships.items():
            target = families.get(found.target) if found.eager else None
            if target is not None and families[key] in (target, *reached[target]):
                model.relationships[name] = replace(found, circular=True)


def _family(project: Project, models: Mapping[str, Model], model: Model) -> str:
    """The topmost mapped class above it: rows of one class may be of another one of its family."""
    return [cls.key for cls in project.mro(model.info) if cls.key in models][-1]


def _reached(ahead: Mapping[str, Iterable[str]], first: str) -> set[str]:
    found: set[str] = set()
    waiting = [first]
    while waiting:
        more = set(ahead[waiting.pop()]) - found
        found |= more
        waiting += more
    return found
