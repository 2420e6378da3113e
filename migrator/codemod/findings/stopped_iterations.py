"""A StopIteration that leaves a function and is caught around its call: no coroutine can raise it.

It comes as a RuntimeError there (https://docs.python.org/3/reference/datamodel.html#coroutine-objects).
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import FunctionInfo
from migrator.index.walk import walk
from migrator.surface.application import is_test

_STOP = "StopIteration"
_ALL = frozenset({_STOP, "Exception", "BaseException"})


def stopped_iterations(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each call in a `try` that catches what its function can't raise any more."""
    project = conversion.project
    leaving = _Leaving(conversion)
    for key, info in project.functions.items():
        if not info.module.source.says(_STOP) or is_test(info.module):
            continue
        for guarded in _guarded(info.node, {_STOP}):
            inside = {id(node) for node in guarded}
            for fact in conversion.state.facts.get(key, ()):
                if (
                    fact.kind == "call"
                    and id(fact.node) in inside
                    and isinstance(fact.node, ast.expr)
                ):
                    stopped = next((c for c in fact.callees if leaving.late(key, c)), None)
                    if stopped is not None:
                        yield finding_at(
                            info.module,
                            fact.node,
                            "MIG122",
                            f"{stopped.partition(':')[2]} raises StopIteration, which is caught here. It is "
                            "awaited now, and no coroutine can raise that: it comes as a RuntimeError.",
                            hint="Give next() a default, or raise an exception of your own.",
                        )


class _Leaving:
    """Which functions may let a StopIteration out."""

    def __init__(self, conversion: Conversion) -> None:
        self.conversion = conversion
        self.functions = conversion.project.functions
        self._known: dict[str, bool] = {}

    def late(self, caller: str, callee: str) -> bool:
        """Whether the call is one of a coroutine, or goes by the bridge, and was none before."""
        decision, around = (self.conversion.decisions.get(k) for k in (callee, caller))
        if decision is None or self.functions[callee].is_async:
            return False
        native = around is not None and around.mode == "native"
        return (decision.awaited or (native and decision.mode == "bridged")) and self.of(callee)

    def of(self, key: str) -> bool:
        """Whether it leaves this function, by itself or out of one that it calls."""
        if key not in self._known:
            self._known[key] = False
            info = self.functions.get(key)
            self._known[key] = info is not None and self._of(info)
        return self._known[key]

    def _of(self, info: FunctionInfo) -> bool:
        facts = self.conversion.state.facts.get(info.key)
        if facts is None or facts.is_generator:
            return False
        caught = {id(n) for nodes in _guarded(info.node, _ALL) for n in nodes}
        own = [n for n in _own(info) if id(n) not in caught]
        if any(map(_stops, own)):
            return True
        calls = {id(n) for n in own if isinstance(n, ast.Call)}
        return any(
            self.of(callee)
            for fact in facts
            if fact.kind == "call" and id(fact.node) in calls
            for callee in fact.callees
        )


def _own(info: FunctionInfo) -> Iterator[ast.AST]:
    """The nodes of a function that run when it does: none of the functions inside of it."""
    waiting: list[ast.AST] = list(info.node.body)
    while waiting:
        node = waiting.pop()
        yield node
        inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.GeneratorExp)
        if not isinstance(node, inner):
            waiting.extend(ast.iter_child_nodes(node))


def _stops(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name("next"), args=[_], keywords=[]):
            return True
        case ast.Raise(exc=ast.Name(name) | ast.Call(func=ast.Name(name))):
            return name == _STOP
    return False


def _guarded(function: ast.AST, names: Collection[str]) -> Iterator[list[ast.AST]]:
    """What stands where one of these exceptions is caught."""
    for node in walk(function):
        match node:
            case ast.Try(body=body, handlers=handlers):
                caught = any(h.type is None or _names(h.type) & set(names) for h in handlers)
            case ast.With(items=items, body=body):
                caught = any(
                    isinstance(i.context_expr, ast.Call)
                    and "suppress" in _names(i.context_expr.func)
                    and any(_names(a) & set(names) for a in i.context_expr.args)
                    for i in items
                )
            case _:
                continue
        if caught and (len(names) > 1 or not _is_bare(node)):
            yield [inner for statement in body for inner in walk(statement)]


def _is_bare(node: ast.AST) -> bool:
    """Whether whatever is raised is caught before a StopIteration would be."""
    return isinstance(node, ast.Try) and not any(
        h.type is not None and _STOP in _names(h.type) for h in node.handlers
    )


def _names(node: ast.expr) -> set[str]:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return {str(getattr(p, "id", getattr(p, "attr", ""))) for p in parts}


__all__ = ["stopped_iterations"]
