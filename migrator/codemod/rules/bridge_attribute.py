"""`x.customer` on an x of unknown type becomes `(await bridge(getattr, x, "customer"))`."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import awaited, call
from migrator.codemod.splice import Source, Written
from migrator.queries.step import Action


def rewrite(node: cst.Attribute, action: Action, context: Context) -> cst.BaseExpression:
    """The attribute, read where a lazy load works."""
    name = cst.SimpleString(f'"{node.attr.value}"')
    bridge = context.use("migrator.runtime.db", "bridge")
    return awaited(call(bridge, cst.Name("getattr"), node.value, name))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    bridge = context.use("migrator.runtime.db", "bridge")
    owner, name = source.attribute(node)
    return Written(f'{bridge}(getattr, {owner}, "{name}")', awaited=True)
