"""`sum(f(x) for x in xs)` becomes `sum([await f(x) for x in xs])`.

A generator expression that awaits is an async generator, which `sum` can't take.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.GeneratorExp, action: Action, context: Context) -> cst.ListComp:
    """The same elements as a list."""
    return cst.ListComp(elt=node.elt, for_in=node.for_in)
