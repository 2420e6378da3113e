"""What a conversion has made already: it must not be converted once more.

Converted code keeps sync functions on purpose (they run in the bridge), so that its text alone
looks like something to convert.
"""

from __future__ import annotations

import ast

from migrator.codemod.output.manifest import MANIFEST
from migrator.index.definitions import Module
from migrator.index.project import Project
from migrator.index.walk import walk

_FRAMES = ("migrator.runtime.compat", "migrator.runtime.asyncflask")
_DB = "migrator.runtime.db"
_DB_NAMES = frozenset(
    {"SQLAlchemy", "bridge", "call", "call_sync", "reload", "unbridge", "unbridged"}
)


def converted_modules(project: Project) -> frozenset[str]:
    """Names of the modules to leave alone.

    Where one module of a package is converted, all of it is: functions agree across modules on what
    is awaited. A folder that holds several packages may hold the legacy one and the new one.
    """
    if (project.root / MANIFEST).is_file():
        return frozenset(project.modules)
    tops = {_top(project, m) for m in project.modules.values() if _is_converted(m)}
    return frozenset(name for name, m in project.modules.items() if _top(project, m) in tops)


def _top(project: Project, module: Module) -> str:
    return "" if project.package else module.path.partition("/")[0]


def _is_converted(module: Module) -> bool:
    if not module.source.says("migrator.runtime") or module.source.tree is None:
        return False
    for node in walk(module.source.tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            if any(node.module == f or node.module.startswith(f"{f}.") for f in _FRAMES):
                return True
            if node.module == _DB and any(alias.name in _DB_NAMES for alias in node.names):
                return True
    return False
