"""Places as people read them: the enclosing function or class, columns in characters."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.index.definitions import Module
from migrator.index.walk import children


class Places:
    """Looks up places in modules."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._modules = {m.path: m for m in modules}
        self._lines: dict[str, list[str]] = {}

    def symbol(self, path: str, line: int) -> str:
        """The dotted name of the innermost function or class around a line, decorators included."""
        module = self._modules.get(path)
        if module is None or module.source.tree is None:
            return ""
        names: list[str] = []
        body: list[ast.stmt] = module.source.tree.body
        while True:
            inside = next((node for node in body if _first(node) <= line <= _last(node)), None)
            if inside is None:
                return ".".join(names)
            if isinstance(inside, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.append(inside.name)
            body = _statements(inside)

    @staticmethod
    def dotted(qualname: str) -> str:
        """`outer.<locals>.inner@12` is `outer.inner`; the code of a module has no name."""
        if qualname == "<module>":
            return ""
        return qualname.partition("@")[0].replace("<locals>.", "")

    def column(self, path: str, line: int, column: int) -> int:
        """A column counted in UTF-8 bytes, as `ast` does, counted in characters; both from 1."""
        module = self._modules.get(path)
        if module is None or module.source.text.isascii():
            return column
        if path not in self._lines:
            text = module.source.text.replace("\r\n", "\n").replace("\r", "\n")
            self._lines[path] = text.split("\n")
        lines = self._lines[path]
        if line > len(lines):
            return column
        return len(lines[line - 1].encode()[: column - 1].decode(errors="ignore")) + 1


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def _last(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _statements(node: ast.AST) -> list[ast.stmt]:
    """The statements directly inside a node."""
    found: list[ast.stmt] = []
    for child in children(node):
        if isinstance(child, ast.stmt):
            found.append(child)
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            found.extend(_statements(child))
    return found
