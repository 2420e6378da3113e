"""The names that a module's functions bind for themselves: what the module imports is hidden there.

A name is local to the whole of its function, wherever in it it is bound: an import further down
makes every use above it an UnboundLocalError.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence

from migrator.frozen import frozen
from migrator.index.definitions import FunctionNode, Module
from migrator.index.walk import walk


@frozen
class _Binding:
    """In the lines `first` to `last` a name is a function's own.

    From the line `since` on it is `dotted`, where one import on every way says so.
    """

    first: int
    last: int
    dotted: str = ""
    since: int = 0


class Hidden:
    """Whether a name is another one in the lines that are rewritten just now."""

    def __init__(self, module: Module | None = None) -> None:
        self._module = module
        self._bindings: dict[str, list[_Binding]] | None = None
        self._first = self._last = 0

    def within(self, first: int, last: int) -> None:
        """The lines that are rewritten from now on."""
        self._first, self._last = first, last

    def hides(self, name: str, dotted: str) -> bool:
        """Whether a function around these lines binds `name`, and not to `dotted`."""
        if self._bindings is None:
            self._bindings = _bindings(self._module) if self._module is not None else {}
        return any(
            binding.first <= self._last
            and self._first <= binding.last
            and not (binding.dotted == dotted and binding.since < self._first)
            for binding in self._bindings.get(name, ())
        )


def _bindings(module: Module) -> dict[str, list[_Binding]]:
    found: dict[str, list[_Binding]] = defaultdict(list)
    known = {id(function.node): function for function in module.functions}
    scopes: list[FunctionNode | ast.Lambda] = [*module.of(ast.FunctionDef)]
    scopes += module.of(ast.AsyncFunctionDef)
    scopes += module.of(ast.Lambda)
    for scope in scopes:
        last = scope.end_lineno or scope.lineno
        function = known.get(id(scope))
        times = _times(scope, function.nodes if function is not None else walk(scope))
        imported = {
            alias.asname or alias.name: (f"{statement.module}.{alias.name}", statement.lineno)
            for statement in _straight(scope)
            for alias in statement.names
        }
        for name, number in times.items():
            dotted, since = imported.get(name, ("", 0)) if number == 1 else ("", 0)
            found[name].append(_Binding(scope.lineno, last, dotted, since))
    return found


def _straight(scope: ast.AST) -> Iterator[ast.ImportFrom]:
    """The imports that run whenever what stands below them does."""
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        for statement in scope.body:
            if isinstance(statement, ast.ImportFrom) and not statement.level:
                yield statement


def _times(scope: ast.AST, nodes: Sequence[ast.AST]) -> dict[str, int]:
    """How often a function, given with all its nodes, binds each name, it and those inside of it."""
    times: dict[str, int] = defaultdict(int)
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ctx):
                if type(ctx) is not ast.Load:
                    times[name] += 1
            case ast.Attribute() | ast.Call() | ast.Constant():
                pass  # most of all nodes
            case ast.arg(arg=name):
                times[name] += 1
            case ast.alias(name=name, asname=local):
                times[local or name.partition(".")[0]] += 1
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                if node is not scope:
                    times[name] += 1
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                times[name] += 1
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                times[name] += 1
    return times
