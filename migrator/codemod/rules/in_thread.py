"""`requests.get(url)` becomes `await to_thread(requests.get, url)`: the event loop goes on meanwhile."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, separated
from migrator.codemod.rewriting.splice import Source, Written
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call in a worker thread; sync code waits for it in its greenlet."""
    args = separated([cst.Arg(node.func), *node.args])
    call = node.with_changes(func=cst.Name(_used(action, context)), args=args)
    return awaited(call) if action.awaits else call


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    return Written(source.passed(node, _used(action, context)), awaited=action.awaits)


def _used(action: Action, context: Context) -> str:
    if action.awaits:
        return context.use("asyncio", "to_thread")
    return context.use("migrator.runtime.threads", "in_thread")
