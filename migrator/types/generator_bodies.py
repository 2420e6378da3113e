"""What the body of a generator says, and what of that an async generator can't say."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping

from migrator.index.definitions import FunctionInfo
from migrator.index.walk import children, parents_in, walk

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def is_generator(info: FunctionInfo) -> bool:
    """Whether a function yields anywhere, reached or not."""
    return _yields(info.module.source.text) and any(
        isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(info.node)
    )


def is_async_generator(info: FunctionInfo) -> bool:
    """Whether a function is an asynchronous generator already: it gives what it yields, and no None."""
    return info.is_async and is_generator(info)


@functools.lru_cache(maxsize=64)
def _yields(text: str) -> bool:
    """Whether a file has generators at all: asked once for each of its functions."""
    return "yield" in text


def own_nodes(node: ast.AST) -> list[ast.AST]:
    """The nodes of a function without those of what it defines."""
    found = children(node)
    for parent in found:
        if not isinstance(parent, SCOPES):
            found.extend(children(parent))
    return found


def against_async(node: ast.FunctionDef | ast.AsyncFunctionDef, manager: bool) -> Iterator[str]:
    """What an async generator can't say, or says later."""
    if isinstance(node, ast.AsyncFunctionDef):
        yield "it is asynchronous already"
    parents = parents_in(node)
    own = own_nodes(node)
    for inner in own:
        if isinstance(inner, ast.Return) and inner.value is not None:
            yield "it returns a value, which an async generator can't"
        if not isinstance(inner, ast.Yield | ast.YieldFrom):
            continue
        statement = parents[id(inner)]
        if not isinstance(statement, ast.Expr):
            yield "it takes what is sent into it"
        if isinstance(inner, ast.YieldFrom):
            if manager:
                yield "it hands over to another generator"
            if not _alone(statement, parents):
                yield "its `yield from` shares a line"
        if not manager and cleans_up(inner, parents):
            yield "it cleans up when it is closed early, which an async generator does later"


def _alone(statement: ast.AST, parents: Mapping[int, ast.AST]) -> bool:
    """Whether a statement has its lines for itself."""
    block = parents[id(statement)]
    line = getattr(statement, "lineno", 0)
    siblings = [n for n in children(block) if isinstance(n, ast.stmt) and n is not statement]
    head = getattr(block, "lineno", 0)
    return head != line and all(s.lineno != line and s.end_lineno != line for s in siblings)


def after_a_step(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    """The expressions of a generator that may be evaluated when something has been taken of it."""
    own = own_nodes(node)
    steps = [n for n in own if isinstance(n, ast.Yield | ast.YieldFrom)]
    first = min((_place(step) for step in steps), default=(0, 0))
    again = {
        id(inner)
        for loop in own
        if isinstance(loop, ast.For | ast.AsyncFor | ast.While | ast.comprehension)
        for inner in walk(loop)
    }
    return [n for n in own if isinstance(n, ast.expr) and (_place(n) > first or id(n) in again)]


def _place(node: ast.expr) -> tuple[int, int]:
    """Where an expression stands, in the order of the text."""
    return node.lineno, node.col_offset


def cleans_up(node: ast.AST, parents: Mapping[int, ast.AST]) -> bool:
    """Whether code around a `yield` runs when the generator is closed there."""
    child, parent = node, parents.get(id(node))
    while parent is not None and not isinstance(parent, SCOPES):
        if isinstance(parent, ast.With):
            return True
        if isinstance(parent, ast.Try | ast.TryStar) and child not in parent.finalbody:
            if parent.finalbody:
                return True
            if child in parent.body and any(map(_takes_all, parent.handlers)):
                return True
        child, parent = parent, parents.get(id(parent))
    return False


def _takes_all(handler: ast.ExceptHandler) -> bool:
    """Whether a handler may take GeneratorExit."""
    if handler.type is None:
        return True
    names = {
        n.id if isinstance(n, ast.Name) else getattr(n, "attr", "") for n in walk(handler.type)
    }
    return bool(names & {"BaseException", "GeneratorExit"})
