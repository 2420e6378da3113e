"""`f()`, after a commit, becomes `reload_first(g, f())`: it reads mapped objects that hang on `g`.

`holders` are `g` and, where an application puts such objects there, `request`.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import call
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call, which waits until what the commit has expired is loaded again."""
    name = context.use("migrator.runtime.db", "reload_first")
    holders = [_named(holder, action, context) for holder in action.args["holders"]]
    hung = holders[0] if len(holders) == 1 else cst.Tuple([cst.Element(h) for h in holders])
    work = node.with_changes(lpar=[], rpar=[])
    return call(name, hung, work).with_changes(lpar=node.lpar, rpar=node.rpar)


def _named(holder: str, action: Action, context: Context) -> cst.Name:
    """What `g` or `request` is called here: an import of Flask's becomes one of the frame's."""
    known = (name for name, targets in context.taken.items() if f"flask.{holder}" in targets)
    return cst.Name(next(known, "") or context.use(action.args["module"], holder))
