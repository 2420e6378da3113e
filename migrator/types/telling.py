"""Functions that can tell what is loaded: `self.__dict__`, `vars(order)`, `session.expunge(order)`.

What a commit has expired is not there, and so nothing is reloaded for them: `to_dict()` by `__dict__` gives {} then, and
what is parted from its session can't load any more.
"""

from __future__ import annotations

import ast

from migrator.index.definitions import Module
from migrator.index.project import Project

#: What tells a loaded attribute from one that isn't.
TELLING = frozenset({"__dict__", "vars", "unloaded", "DetachedInstanceError", "attribute_names"})
#: Methods that part an object from its session.
_PARTING = frozenset({"expunge", "expunge_all", "make_transient"})


def telling(_: Project, module: Module) -> frozenset[str]:
    """The keys of a module's."""
    if not any(map(module.source.says, TELLING | _PARTING)):
        return frozenset()
    return frozenset(info.key for info in module.functions if any(map(_tells, info.nodes)))


def _tells(node: ast.AST) -> bool:
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    return name in TELLING or name in _PARTING
