"""The rules by their names, and what they make of one libcst node."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

import libcst as cst

from migrator.codemod.context import Context
from migrator.queries.step import Action

if TYPE_CHECKING:
    from migrator.codemod.splice import Splice

Rewrite = Callable[[Any, Action, Context], Any]


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


def applied(node: Any, actions: Iterable[Action], context: Context) -> Any:
    """The node after each of the actions."""
    for action in actions:
        node = rule(action.rule)(node, action, context)
        if action.sync:
            node = node.visit(_Synchronous(action, context))
    return node


class _Synchronous(cst.CSTTransformer):
    """What a rule awaits, for sync code in the bridge: the session is the sync one there."""

    def __init__(self, action: Action, context: Context) -> None:
        super().__init__()
        self.action = action
        self.context = context

    def leave_Await(self, original_node: cst.Await, updated_node: cst.Await) -> cst.BaseExpression:
        inner = updated_node.expression
        if self.action.rule in _HELPERS:
            if self.action.rule == "http_helper" and isinstance(inner, cst.Call):
                # Without a word, sync code gets what Flask-SQLAlchemy gives, not what a Query does.
                no = cst.Arg(cst.Name("False"), cst.Name("first_column"), equal=_TIGHT)
                inner = inner.with_changes(args=[*inner.args, no])
            name = self.context.use("migrator.runtime.db", "unbridge")
            return cst.Call(cst.Name(name), [cst.Arg(inner)])
        return inner


_TIGHT = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
#: Rules that call coroutine functions of the toolkit, not methods of a session.
_HELPERS = frozenset({"http_helper", "reload"})
