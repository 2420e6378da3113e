"""Names of a function's own that are surely bound by the time that it asks: parameters, and imports.

`from shop.models import db` inside of a function, against circular imports, hides the module's `db`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.index.definitions import FunctionInfo


def binder(function: FunctionInfo | None, name: str) -> ast.arg | ast.stmt | None:
    """What gives a name that is not the module's its one value, wherever it has been met before.

    That is a parameter which nothing else is assigned to, or an import that no condition stands
    around; in a function around this one: above this one.
    """
    line = 0
    while function is not None:
        node = function.node
        imports = function.imports().get(name, ())
        stored = any(
            isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load)
            for n in function.nodes
        )
        arguments = node.args
        given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        parameter = next((a for a in given if a.arg == name), None)
        if parameter is not None:
            return None if stored or imports else parameter
        if imports:
            found = imports[0]
            once = len(imports) == 1 and any(s is found for s in _straight(node.body))
            return found if once and not stored and (not line or found.lineno < line) else None
        if name in function.bound_names():
            return None
        line = node.lineno
        function = function.parent
    return None


def imports_inside(function: FunctionInfo | None, name: str) -> bool:
    """Whether the function, or one around it, imports a name: before that it has none."""
    while function is not None:
        if name in function.imports():
            return True
        function = function.parent
    return False


def _straight(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run one after the other, those of `with` blocks among them."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.With | ast.AsyncWith):
            yield from _straight(statement.body)
