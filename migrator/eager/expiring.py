"""What is written while a query's objects are expired, or where the session can't see it.

An object keeps the options that it was loaded by: once it is expired, the next read of a column
loads their relationships along, where a lazy load would wait for the read of the relationship.
https://docs.sqlalchemy.org/en/20/changelog/migration_14.html#eager-loaders-emit-during-unexpire-operations
A row that is deleted behind the session's back is still an object to a lazy load, and none to an option.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import cached_property

from migrator.eager.mutations import Mutations, Written
from migrator.eager.together import Together
from migrator.index.walk import parents_in, walk
from migrator.queries.types import Instance
from migrator.types.lattice import parts
from migrator.types.state import State

_EXPIRING = frozenset(
    {"commit", "rollback", "begin", "begin_nested", "expire", "expire_all", "refresh"}
)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


class Expiring:
    """Answers by function; what is known of each is kept."""

    def __init__(self, state: State, together: Together, mutations: Mutations) -> None:
        self._state = state
        self._together = together
        self._mutations = mutations
        self._expires: dict[str, bool] = {}
        self._unseen: dict[str, bool] = {}
        #: By what may run together: many queries have that in common.
        self._with: dict[frozenset[str], tuple[bool, bool]] = {}

    def written(self, key: str, family: Iterable[str], around: Callable[[], Written]) -> Written:
        """What may be written so, with objects of the classes `family` that `key` asks for.

        By what it calls, and what its callers do; where some attribute holds such an object, also
        by whatever else runs in a request. `around` says what any of these writes.
        """
        together = self._together
        above = together.above(key)
        if above & together.registered:
            above = together.everything
        elif not self._kept.isdisjoint(family):
            above = above | together.registered
        hidden, expires = self._below(frozenset(above))
        if hidden:
            return around()
        if not expires:
            return Written()
        return self._behind(key) if above == {key} else around()

    def _below(self, above: frozenset[str]) -> tuple[bool, bool]:
        """Whether anything that may run with these hides what it writes, and whether it may expire."""
        if above not in self._with:
            functions = sorted(self._together.below(above))
            self._with[above] = (
                any(map(self._hides, functions)),
                any(map(self._may_expire, functions)),
            )
        return self._with[above]

    def _behind(self, key: str) -> Written:
        """What is written in a function's code from the first thing on that expires."""
        node = self._together.node(key)
        called: dict[int, set[str]] = {}
        for fact in self._state.facts.get(key, ()):
            below = self._together.below(self._together.called_at(fact))
            called.setdefault(id(fact.node), set()).update(below)
        around = parents_in(node)
        begin = None
        for inner in walk(node):
            if _expires(inner) or any(map(self._may_expire, called.get(id(inner), ()))):
                place = _statement(inner, around)
                begin = place if begin is None else min(begin, place)
        behind = [n for n in walk(node) if begin is not None and begin <= _place(n)]
        written = self._mutations.in_part(key, behind)
        for inner in behind:
            for callee in called.get(id(inner), ()):
                written |= self._mutations.of(callee, self._together.node(callee))
        return written

    def _may_expire(self, key: str) -> bool:
        known = self._expires.get(key)
        if known is None:
            known = self._expires[key] = bool(self._together.names(key) & _EXPIRING)
        return known

    def _hides(self, key: str) -> bool:
        """Whether the function may write what the session doesn't see."""
        known = self._unseen.get(key)
        if known is None:
            node = self._together.node(key)
            known = self._unseen[key] = bool(self._mutations.of(key, node).anything) or any(
                isinstance(n, ast.keyword) and n.arg == "synchronize_session" for n in walk(node)
            )
        return known

    @cached_property
    def _kept(self) -> frozenset[str]:
        """The classes of which an attribute of anything may hold an object."""
        return frozenset(
            part.key
            for value in self._state.attributes.values()
            for part in parts(value)
            if isinstance(part, Instance)
        )


def _expires(node: ast.AST) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) in _EXPIRING


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", -1), getattr(node, "col_offset", -1)


def _statement(node: ast.AST, around: dict[int, ast.AST]) -> tuple[int, int]:
    """Where the statement begins that a node is in, or the outermost loop around it."""
    found: ast.AST | None = None
    current: ast.AST | None = node
    while current is not None:
        if isinstance(current, _LOOPS) or (found is None and isinstance(current, ast.stmt)):
            found = current
        current = around.get(id(current))
    return _place(found if found is not None else node)
