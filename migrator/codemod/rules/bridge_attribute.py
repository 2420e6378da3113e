"""`x.customer` on an x of unknown type becomes `(await bridge(getattr, x, "customer"))`.

`reader` is the function that reads it: `proxied`, where the name is one of an association proxy.
"""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, call
from migrator.codemod.rewriting.splice import Source, Written
from migrator.queries.step import Action

_RUNTIME = "migrator.runtime.db"


def rewrite(node: cst.Attribute, action: Action, context: Context) -> cst.BaseExpression:
    """The attribute, read where a lazy load works."""
    name = cst.SimpleString(f'"{node.attr.value}"')
    bridge, reader = _used(action, context)
    return awaited(call(bridge, cst.Name(reader), node.value, name))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    bridge, reader = _used(action, context)
    owner, name = source.attribute(node)
    return Written(f'{bridge}({reader}, {owner}, "{name}")', awaited=True)


def _used(action: Action, context: Context) -> tuple[str, str]:
    """The names of the bridge and of the function that reads."""
    bridge, reader = context.use(_RUNTIME, "bridge"), action.args.get("reader")
    return bridge, context.use(_RUNTIME, reader) if isinstance(reader, str) else "getattr"
