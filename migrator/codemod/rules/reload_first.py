"""`f()`, after a commit, becomes `reload_first(g, f())`: it reads mapped objects that hang on `g`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import call
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call, which waits until what the commit has expired is loaded again."""
    name = context.use("migrator.runtime.db", "reload_first")
    # An import of Flask's becomes one of the frame's.
    known = (local for local, targets in context.taken.items() if "flask.g" in targets)
    hung = cst.Name(next(known, "") or context.use(action.args["module"], "g"))
    work = node.with_changes(lpar=[], rpar=[])
    return call(name, hung, work).with_changes(lpar=node.lpar, rpar=node.rpar)
