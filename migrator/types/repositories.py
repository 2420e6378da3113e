"""`migrator.runtime.db`'s repositories: what becomes of a call when the base class turns async."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.index.definitions import ClassInfo
from migrator.queries.join import join
from migrator.queries.step import Action, Step
from migrator.queries.types import (
    NONE,
    OPAQUE,
    UNKNOWN,
    Instance,
    ListOf,
    Object,
    Pagination,
    Select,
    Type,
)

if TYPE_CHECKING:
    from migrator.index.project import Project
    from migrator.types.expressions import Expressions

SYNC = "migrator.runtime.db.SyncRepository"
#: Sync code in the bridge gets a coroutine from it as well: its class is the asynchronous one everywhere.
_AWAIT = Action("await_call", {"everywhere": True}, awaits=True)
_EFFECTS = frozenset({"commit", "rollback", "flush", "refresh", "delete"})
_VALUES = frozenset({"count", "exists", "scalar"})


def is_repository(project: Project, cls: ClassInfo) -> bool:
    """Whether a class derives from the toolkit's sync repository, or one does that it is mixed into."""
    return any(SYNC in project.external_bases(c) for c in (cls, *project.subclasses(cls)))


def repository_step(reader: Expressions, owner: Object, method: str, call: ast.Call) -> Step | None:
    """What a method that a repository inherits from the toolkit means; None for other objects."""
    cls = reader.project.classes.get(owner.key)
    if cls is None or not is_repository(reader.project, cls):
        return None
    row = _row(reader, cls)
    if method == "select":
        return Step(Select("select"))
    if method in ("add", "add_all"):
        given = reader.known(call.args[0]) if call.args else None
        return Step(given if given is not None else UNKNOWN)
    if method in _EFFECTS:
        effect = method if method in ("commit", "rollback") else ""
        return Step(NONE, _AWAIT, io=True, effect=effect)
    if method in _VALUES:
        return Step(OPAQUE, _AWAIT, io=True, site=True)
    if method in ("get", "first", "one_or_none"):
        return Step(join(row, NONE), _AWAIT, io=True, site=True)
    if method in ("get_one", "get_or_404", "one"):
        return Step(row, _AWAIT, io=True, site=True)
    if method == "list":
        return Step(ListOf(row), _AWAIT, io=True, site=True)
    if method in ("page", "execute"):
        return Step(UNKNOWN if method == "execute" else Pagination(row), _AWAIT, io=True, site=True)
    return None


def _row(reader: Expressions, cls: ClassInfo) -> Type:
    """The model that the class attribute `model` names."""
    for ancestor in reader.project.mro(cls):
        _, value = ancestor.attributes.get("model", (None, None))
        if value is not None:
            found = reader.project.resolve(ancestor.module, value)
            if isinstance(found, ClassInfo) and found.key in reader.models.by_key:
                return Instance(found.key)
    return UNKNOWN
