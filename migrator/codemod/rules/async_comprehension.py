"""`[x for x in rows()]` becomes `[x async for x in rows()]`: the generator is asynchronous now."""

from __future__ import annotations

from typing import TypeVar

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action

_T = TypeVar("_T", cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


def rewrite(node: _T, action: Action, context: Context) -> _T:
    """The comprehension with its `for` of that index asynchronous."""
    return node.with_changes(for_in=_asynchronous(node.for_in, action.args["index"]))


def _asynchronous(clause: cst.CompFor, index: int) -> cst.CompFor:
    if index:
        assert clause.inner_for_in is not None
        return clause.with_changes(inner_for_in=_asynchronous(clause.inner_for_in, index - 1))
    return clause.with_changes(asynchronous=cst.Asynchronous())
