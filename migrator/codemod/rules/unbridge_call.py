"""In sync code that runs in the bridge, `f(x)` of a coroutine function is `unbridge(f(x))`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call, awaited from sync code."""
    name = context.use("migrator.runtime.db", "unbridge")
    return cst.Call(cst.Name(name), [cst.Arg(node)])
