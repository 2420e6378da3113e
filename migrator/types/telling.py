"""Functions that can tell what is loaded: `self.__dict__`, `inspect(order).unloaded`, `session.expunge(order)`.

What a commit has expired is not there, and so nothing is reloaded for them: `to_dict()` by `__dict__` gives {} then, and
what is parted from its session can't load any more.
"""

from __future__ import annotations

import ast

from migrator.index.definitions import Module
from migrator.index.project import Project

#: What tells a loaded attribute from one that isn't.
TELLING = frozenset(
    {
        "__dict__", "DetachedInstanceError", "attribute_names", "expired_attributes", "instance_dict",
        "instance_state", "unloaded", "vars",
    }
)  # fmt: skip
#: Methods that part an object from its session.
_PARTING = frozenset({"expunge", "expunge_all", "make_transient"})


def shows(name: str, call: ast.Call) -> bool:
    """Whether a call of a function of others shows what is loaded of an object, and loads nothing itself."""
    package, _, last = name.rpartition(".")
    match package.partition(".")[0], last, call.args:
        case "builtins", "getattr", [_, ast.Constant(value="__dict__"), *_]:
            return True
        case "builtins" | "sqlalchemy", _, _:
            return last in TELLING
    return False


def telling(_: Project, module: Module) -> frozenset[str]:
    """The keys of a module's."""
    if not any(map(module.source.says, TELLING | _PARTING)):
        return frozenset()
    return frozenset(info.key for info in module.functions if any(map(_tells, info.nodes)))


def _tells(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return node.value == "__dict__"
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    return name in TELLING or name in _PARTING
