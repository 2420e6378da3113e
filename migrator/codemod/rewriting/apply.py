"""The rules by their names, and what they make of one libcst node."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action

if TYPE_CHECKING:
    from migrator.codemod.rewriting.splice import Splice

Rewrite = Callable[[Any, Action, Context], Any]
#: A rule's `synchronous`: what sync code has instead of `await node`, where that is not `node`.
Synchronous = Callable[[cst.BaseExpression, Context], cst.BaseExpression]


@cache
def rule(name: str) -> Rewrite:
    """The rewriting of a rule: the function `rewrite` of the module of that name."""
    module = importlib.import_module(f"migrator.codemod.rules.{name}")
    function: Rewrite = module.rewrite
    return function


@cache
def splice(name: str) -> Splice | None:
    """The rewriting of a rule as text: the function `splice` of the same module, if it has one."""
    found: Splice | None = getattr(importlib.import_module(rule(name).__module__), "splice", None)
    return found


@cache
def _synchronous(name: str) -> Synchronous | None:
    found: Synchronous | None = getattr(
        importlib.import_module(rule(name).__module__), "synchronous", None
    )
    return found


def applied(node: Any, actions: Iterable[Action], context: Context) -> Any:
    """The node after each of the actions."""
    before = node
    for action in actions:
        node = rule(action.rule)(node, action, context)
        if action.sync:
            node = node.visit(_WithoutAwaits(_synchronous(action.rule), context))
    if isinstance(node, cst.Name | cst.Attribute) and not node.lpar and before.lpar:
        # They may be all that stands between two words: `return(flask.g)`.
        return node.with_changes(lpar=before.lpar, rpar=before.rpar)
    return node


class _WithoutAwaits(cst.CSTTransformer):
    """What a rule awaits, for sync code in the bridge: the session is the sync one there."""

    def __init__(self, change: Synchronous | None, context: Context) -> None:
        super().__init__()
        self.change = change
        self.context = context

    def leave_Await(self, original_node: cst.Await, updated_node: cst.Await) -> cst.BaseExpression:
        inner = updated_node.expression
        return inner if self.change is None else self.change(inner, self.context)
