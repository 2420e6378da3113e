"""Repositories of the toolkit where nobody knows that they are some: what they are asked for is asked at run time.

Their base class turns async with the code, so that each of its methods gives a coroutine.
"""

from __future__ import annotations

import ast

from migrator.types.facts import Fact
from migrator.types.repositories import is_repository
from migrator.types.state import State

#: How many arguments the methods that reach the database take at most by position.
_METHODS = {
    "commit": 0, "count": 1, "delete": 1, "execute": 1, "exists": 1, "first": 1, "flush": 0, "get": 1,
    "get_one": 1, "get_or_404": 2, "list": 1, "one": 1, "one_or_none": 1, "page": 3, "refresh": 1, "rollback": 0,
    "scalar": 1,
}  # fmt: skip


class LostRepositories:
    """`found` says whether the repository has classes of that kind."""

    def __init__(self, state: State) -> None:
        self.found = any(is_repository(state.project, c) for c in state.project.classes.values())

    def may_run(self, fact: Fact) -> bool:
        """Whether a call on a receiver of unknown type may be one of such a method."""
        node = fact.node
        if not self.found or fact.callees or not isinstance(node, ast.Call):
            return False
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in _METHODS:
            return False
        return len(node.args) <= _METHODS[node.func.attr]
