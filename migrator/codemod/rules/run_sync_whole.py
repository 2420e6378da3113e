"""What is read of a session's connection, down to a number or a text, runs in its bridge as it is.

`int(session.connection().connection.version)` becomes
`await session.run_sync(lambda session: int(session.connection().connection.version))`.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import argument, awaited, in_place_of, method
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The sync session underneath takes the place of the session."""
    assert isinstance(node, cst.Call)
    *_, connection = _connections(node)
    session = cst.ensure_type(connection.func, cst.Attribute).value
    name = session if isinstance(session, cst.Name) else cst.Name("session")
    inner = connection.with_deep_changes(connection.func, value=name)
    parameters = cst.Parameters(params=[cst.Param(name=name)])
    body = cst.ensure_type(node.deep_replace(connection, inner), cst.Call)
    plain = cst.Lambda(params=parameters, body=body.with_changes(lpar=[], rpar=[]))
    return in_place_of(node, awaited(method(session, "run_sync", argument(plain))))


def _connections(node: cst.CSTNode) -> Iterator[cst.Call]:
    """The calls `....connection()` in an expression, the outer ones first."""
    match node:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="connection")), args=[]):
            yield node
    for child in node.children:
        yield from _connections(child)
