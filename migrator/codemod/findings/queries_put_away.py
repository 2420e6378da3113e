"""A query that is put where it is not followed: whoever takes it out has a legacy query.

What only a query is asked for (`all()`, `first()`) goes through the bridge there. A loop doesn't tell that
it is over one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import FunctionInfo, Module
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.index.written import label
from migrator.surface.application import is_test

#: Methods that take what they are given at once, and keep no query.
_TAKING = frozenset({"extend", "union", "update", "writerows"})


def queries_put_away(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each place that a query is put into, by code that is not followed further."""
    for key, facts in conversion.state.facts.items():
        info = conversion.project.functions.get(key)
        given = {id(fact.node) for fact in facts if fact.gives_query_away}
        if not given or info is None or is_test(info.module):
            continue
        for node, parts in _places(info):
            put = any(id(part) in given for part in parts)
            if put and (not isinstance(node, ast.Attribute) or _is_taken(conversion, node.attr)):
                yield finding_at(
                    info.module,
                    node,
                    "MIG128",
                    f"a query is put where it is not followed: {label(node)}. It stays a legacy query; a "
                    "loop over it outside of the bridge raises.",
                    hint="Run the query first and keep its rows, or loop over `.all()` of it.",
                )


def _is_taken(conversion: Conversion, name: str) -> bool:
    """Whether an attribute of the name is read of an unknown object for more than a method of what it holds.

    Where it isn't, it is for whoever made the object: `form.group.query = ...`.
    """
    if ("", name) not in conversion.state.read_unseen:
        return False
    project = conversion.project
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and not is_test(module)
        and id(node) not in project.derived(_asked, module)
        for module, node in project.uses_of(name)
    )


def _asked(_: Project, module: Module) -> frozenset[int]:
    """The ids of what a module calls, or takes an attribute of."""
    owners = [id(node.value) for node in module.of(ast.Attribute)]
    return frozenset((*owners, *(id(call.func) for call in module.of(ast.Call))))


def _places(info: FunctionInfo) -> Iterator[tuple[ast.expr, tuple[ast.AST, ...]]]:
    """What puts a value somewhere, and the expressions by which a query is seen to go there."""
    for node in info.nodes:
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=name)) as call):
                if name not in _TAKING and _is_given_something(call):
                    yield call, (call, owner)
            case ast.Assign(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Attribute | ast.Subscript):
                        yield target, (target, getattr(target, "value", target))
            case ast.Raise(exc=ast.Call() as raised):
                yield raised, tuple(walk(raised))


def _is_given_something(call: ast.Call) -> bool:
    """Whether an argument may be what is put somewhere: `Order.query.filter(...).delete()` puts nothing."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return not all(isinstance(argument, ast.Constant) for argument in given)
