"""What the folder imports of its neighbours: their sessions and models are not known where they aren't read."""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.codemod.result import Bridged
from migrator.index.beside import data_of, importable_beside
from migrator.index.definitions import Module

#: Reasons that say what a query asks isn't known.
_UNKNOWN = frozenset({"MIG110", "MIG301", "MIG517", "MIG522"})
_SPEAKS = b"sqlalchemy"
#: As many names are told.
_MOST = 4


def defined_beside(conversion: Conversion, bridged: Collection[Bridged]) -> Iterator[Finding]:
    """One finding, where queries are bridged that may ask what is defined beside the folder."""
    project = conversion.project
    asking = {b.path for b in bridged if b.code in _UNKNOWN}
    modules = [m for m in project.modules.values() if m.path in asking]
    if not modules:
        return
    beside = importable_beside(project.root.resolve())
    imported = [
        (module, node, name)
        for module in modules
        for node, name in _imports(module)
        if name in beside and name not in project.modules
    ]
    # Each is read once, however many import it.
    found = {name: beside[name] for name in dict.fromkeys(name for *_, name in imported)}
    found = {name: p for name, p in found.items() if _speaks(project.root, p, beside)}
    if not found:
        return
    places = [(module, node) for module, node, name in imported if name in found]
    paths = {module.path for module, _ in places}
    sites = sum(b.path in paths and b.code in _UNKNOWN for b in bridged)
    root = project.root.resolve()
    folder = os.path.commonpath([root, *(os.path.normpath(root / p) for p in found.values())])
    names = ", ".join(f"`{name}` ({path})" for name, path in [*found.items()][:_MOST])
    yield finding_at(
        *places[0],
        "MIG131",
        f"{names} {'lies' if len(found) == 1 else 'lie'} beside PATH. What is defined there isn't known here: "
        f"{sites} bridged queries are in files that import it.",
        hint=f"Give the folder that holds both as PATH: {Path(folder).name}.",
    )


def _imports(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    """The names of modules that are imported, `from a import b` as both `a.b` and `a`."""
    for node in module.of(ast.ImportFrom):
        name = module.absolute(node.module, node.level)
        for alias in node.names:
            yield node, f"{name}.{alias.name}" if name else alias.name
        yield node, name
    for statement in module.of(ast.Import):
        for alias in statement.names:
            yield statement, alias.name


def _speaks(root: Path, path: str, beside: dict[str, str]) -> bool:
    """Whether a module, or what lies in the folder of a package, speaks of SQLAlchemy."""
    folder = path.removesuffix("__init__.py")
    inside = [p for p in beside.values() if p.startswith(folder)] if folder != path else [path]
    return any(_SPEAKS in data_of(root / p).lower() for p in inside)
