"""Whether the scanned folder is a package, or a place where Python looks for modules.

Both may have an `__init__.py`: of a folder that is put on `sys.path` (`src`, with a `run.py` in it)
nobody imports that. A package may have none.

https://docs.python.org/3/library/sys_path_init.html
https://docs.python.org/3/reference/import.html#namespace-packages
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from migrator.index.source import Source
from migrator.index.walk import walk

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def is_package(root: Path, sources: Sequence[Source]) -> bool:
    """Whether its modules are imported by the folder's own name, as far as their imports say.

    Without an `__init__.py`, most of them decide: a module that nobody runs any more may say it otherwise.
    """
    by_name = {_name(source.path): source for source in sources}
    regular = (root / "__init__.py").exists()
    as_a_place = by_its_name = 0
    for source in sources:
        depth = source.path.count("/")
        for module, level, names in _imports(source.tree):
            first, _, below = module.partition(".")
            own = regular or any(n in by_name for n in ([below] if below else names))
            named = level == 0 and first == root.name and (regular or first not in by_name)
            if level > depth or (named and own and regular):
                return True
            by_its_name += named and own
            if level == 0 and first not in sys.stdlib_module_names:
                found = by_name.get(module)
                defines = found is not None and found is not source
                as_a_place += defines and ("." in module or _defines(found, names))
    return not as_a_place if regular else by_its_name > as_a_place


def _name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imports(tree: ast.Module | None) -> Iterator[tuple[str, int, set[str]]]:
    """Module, level and names of each import."""
    for node in walk(tree) if tree is not None else ():
        if isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level, {a.name for a in node.names}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, 0, set()


def _defines(source: Source | None, names: set[str]) -> bool:
    """Whether a module defines one of the names itself: what another distribution has, it imports."""
    statements = source.tree.body if source is not None and source.tree is not None else []
    for statement in statements:
        if isinstance(statement, _DEFINITIONS) and statement.name in names:
            return True
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(t, ast.Name) and t.id in names for t in targets):
                return True
    return False
