"""What a module takes of Flask-SQLAlchemy that the runtime has no counterpart of (MIG422).

The import may stay, and what was imported may go on working by itself; nothing reaches it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import Module
from migrator.index.project import Project
from migrator.surface import names
from migrator.surface.application import is_test
from migrator.surface.model import Finding, Frame

_Node = ast.ImportFrom | ast.Attribute
_HOME = "flask_sqlalchemy"
#: Nobody misses them: a receiver is not called any more, and that is all.
_SIGNALS = frozenset({"before_models_committed", "models_committed", "track_modifications"})


def own_parts(project: Project, frame: Frame) -> list[Finding]:
    """A finding for each; on FastAPI for the signals, as the other parts keep views on the mount."""
    return [
        Finding(
            module.path,
            node.lineno,
            node.col_offset,
            "MIG422",
            f"{dotted} belongs to Flask-SQLAlchemy's own extension, which the converted "
            "application does without: nothing is sent or kept by it.",
            "",
            "Use SQLAlchemy's events for it, or do without it.",
        )
        for module in project.modules.values()
        if not is_test(module) and module.source.says(_HOME)
        for node, dotted in (*_imported(module), *_by_attribute(module))
        if frame == "flask" or not _SIGNALS.isdisjoint(dotted.split("."))
    ]


def _imported(module: Module) -> Iterator[tuple[_Node, str]]:
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and node.level == 0 and _is_home(node.module or ""):
            for alias in node.names:
                dotted = f"{node.module}.{alias.name}"
                if names.target(dotted) is None and alias.name != "*":
                    yield node, dotted


def _by_attribute(module: Module) -> Iterator[tuple[_Node, str]]:
    aliases = {
        alias.asname or _HOME: alias.name if alias.asname else _HOME
        for node in module.nodes
        if isinstance(node, ast.Import)
        for alias in node.names
        if _is_home(alias.name)
    }
    if not aliases:
        return
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            dotted = _dotted(node, aliases)
            # The whole of a longer name is another node; what it begins with is a module.
            if dotted and dotted not in _MODULES and names.shortest(dotted, above=_HOME) is None:
                parent = dotted.rpartition(".")[0]
                if parent in _MODULES and not dotted.rpartition(".")[2].startswith("__"):
                    yield node, dotted


_MODULES = {_HOME} | {
    f"{_HOME}.{name}"
    for name in (
        *("cli", "extension", "model", "pagination", "query", "record_queries"),
        *("session", "table", "track_modifications"),
    )
}


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return aliases.get(node.id, "")
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, aliases)
        return f"{before}.{node.attr}" if before else ""
    return ""


def _is_home(dotted: str) -> bool:
    return dotted.partition(".")[0] == _HOME
