"""Names that a definition reads where it stands: `class Tools(Tools)`, `def total(before=total)`.

They mean what they were bound to there, and not what the module has by that name in the end.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.index.definitions import ClassInfo, Earlier, FunctionInfo, Import, Module


class ReadAtOnce:
    """Those of one module; the first meaning of a name is kept beside the last one."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._read: list[tuple[ast.Name, FunctionInfo | ClassInfo | Import]] = []

    def note(self, parts: Iterable[ast.expr | None]) -> None:
        """A definition at the top of the module reads its bases and defaults."""
        for part in parts:
            bound = self._module.bindings.get(part.id) if isinstance(part, ast.Name) else None
            if isinstance(part, ast.Name) and isinstance(bound, FunctionInfo | ClassInfo | Import):
                self._read.append((part, bound))

    def say_which(self) -> None:
        """Mark those that another definition has the name of by the end."""
        for node, bound in self._read:
            if isinstance(node.id, Earlier) or self._module.bindings.get(node.id) is bound:
                continue
            before = Earlier(node.id)
            if self._module.earlier.setdefault(before.key, bound) is bound:
                node.id = before
