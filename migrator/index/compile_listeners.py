"""Listeners for `before_compile`: whether all that each of them does to a query is to add criteria to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import dotted
from migrator.index.signature import positional
from migrator.index.walk import parents_in, walk

EVENT = "before_compile"
_LISTENING = frozenset({"listen", "listens_for"})
#: What a select() takes as a Query does, whatever came before it.
_CRITERIA = frozenset({"enable_assertions", "filter", "filter_by", "where"})
#: What only tells something of the query.
_TELLING = frozenset({"_entity_from_pre_ent_zero", "get_execution_options"})


def add_criteria_only(tree: ast.Module) -> bool:
    """Whether every listener for `before_compile` in a module adds criteria and does no more to the query."""
    functions = {node.name: node for node in walk(tree) if isinstance(node, ast.FunctionDef)}
    decorated = {
        id(decorator): function
        for function in functions.values()
        for decorator in function.decorator_list
    }
    for node in walk(tree):
        if not isinstance(node, ast.Call) or not _hears(node):
            continue
        function = decorated.get(id(node))
        match node.args[2:]:
            case [ast.Name(id=name)]:
                function = functions.get(name)
        if function is None or not _adds_criteria(function):
            return False
    return True


def _hears(call: ast.Call) -> bool:
    heard = any(isinstance(a, ast.Constant) and a.value == EVENT for a in call.args)
    return heard and dotted(call.func).rpartition(".")[2] in _LISTENING


def _adds_criteria(function: ast.FunctionDef) -> bool:
    """Whether the query that a listener gets is asked, refined by criteria and returned, and nothing else."""
    given = positional(function.args)[:1]
    names = {a.arg for a in given}
    for node in walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _root(value) in names:
                names.add(name)
    parents = parents_in(function)
    given_back = (n.value for n in walk(function) if isinstance(n, ast.Return) and n.value)
    if not all(_root(v) in names or ast.unparse(v) == "None" for v in given_back):
        return False
    used = (n for n in walk(function) if isinstance(n, ast.Name) and n.id in names)
    return bool(names) and all(_is_plain(node, parents) for node in used)


def _is_plain(node: ast.expr, parents: dict[int, ast.AST]) -> bool:
    """Whether an expression, which is the query, is used as such."""
    for parent in _upwards(node, parents):
        match parent:
            case ast.Attribute() if isinstance(parents.get(id(parent)), ast.Call):
                call = parents[id(parent)]
                assert isinstance(call, ast.Call)
                if call.func is not parent:
                    return True  # An attribute of it is given to another function.
                if parent.attr in _TELLING:
                    return True
                if parent.attr not in _CRITERIA:
                    return False
            case ast.Attribute():
                return isinstance(parent.ctx, ast.Load)
            case ast.Call():
                pass  # of one of those methods
            case ast.Return() | ast.Expr() | ast.Compare():
                return True
            case ast.Assign(targets=[ast.Name()]):
                return True
            case _:
                return False
    return False


def _upwards(node: ast.AST, parents: dict[int, ast.AST]) -> Iterator[ast.AST]:
    """What stands around a node; a call only as long as the node is what is called there."""
    parent = parents.get(id(node))
    while parent is not None:
        if isinstance(parent, ast.Call) and parent.func is not node:
            yield ast.Pass()  # It is an argument.
            return
        yield parent
        node, parent = parent, parents.get(id(parent))


def _root(node: ast.expr) -> str:
    """The name that a chain of calls begins with."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return node.id if isinstance(node, ast.Name) else ""
