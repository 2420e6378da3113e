"""`order.customer` becomes `(await order.awaitable_attrs.customer)`: reading it may load."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited
from migrator.codemod.rewriting.splice import Source, Written
from migrator.queries.step import Action


def rewrite(node: cst.Attribute, action: Action, context: Context) -> cst.BaseExpression:
    """The attribute through `AsyncAttrs.awaitable_attrs`."""
    attributes = cst.Attribute(node.value, cst.Name("awaitable_attrs"))
    return awaited(node.with_changes(value=attributes))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    owner, name = source.attribute(node)
    return Written(f"{owner}.awaitable_attrs.{name}", awaited=True)
