"""A session method that AsyncSession lacks runs in its bridge.

`session.bulk_save_objects(rows)` becomes
`await session.run_sync(methodcaller("bulk_save_objects", rows))`.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import (
    argument,
    awaited,
    call,
    in_place_of,
    method,
    receiver,
    separated,
)
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The arguments are evaluated here, the method runs on the sync session underneath."""
    assert isinstance(node, cst.Call)
    session, dot = receiver(node)
    name = argument(f'"{action.args["method"]}"')
    caller = call(context.use("operator", "methodcaller"))
    caller = caller.with_changes(args=separated([name, *node.args]))
    called = method(session, "run_sync", caller, dot=dot)
    return in_place_of(node, awaited(called))
