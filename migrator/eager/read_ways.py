"""A walk through code: what is read on all of its ways, and of each of several objects."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.eager.read_values import (
    NOTHING,
    Absence,
    Frame,
    Held,
    Path,
    Paths,
    bindings,
    meet_all,
)
from migrator.eager.row_items import Target, target_of
from migrator.index.definitions import FunctionInfo
from migrator.index.model import Model
from migrator.index.walk import walk

if TYPE_CHECKING:
    from migrator.eager.reads import Certain

#: How many bodies of functions and macros one walk goes through.
_MAX_BODIES = 400


class Ways:
    """The state of one walk from a source on.

    `now` are the paths read so far; None: not begun, or not reached.
    """

    def __init__(
        self,
        certain: Certain,
        info: FunctionInfo,
        source: ast.AST,
        held: Held,
        lead: Model,
        depth: int,
    ) -> None:
        self.certain = certain
        self.state = certain.state
        self.info = info
        self.source = source
        #: Ids of the source and of what it stands in.
        self.around = certain.around(info, source)
        self.held = held
        self.lead = lead
        self.depth = depth
        self.now: Paths | None = None
        self.exits: list[Paths] = []
        self.raises = False
        self.places: dict[Path, str] = {}
        self.frame = Frame(info.key, info.module.path, {})
        self.stack: list[str] = [info.key]
        self.bodies = 0

    def _holds(self, node: ast.AST) -> bool:
        return id(node) in self.around

    def _end(self) -> None:
        """From here on nothing is certain."""
        if self.now is not None:
            self.exits.append(self.now)
        self.now = None

    def _assign(self, target: ast.expr, value: Held | None) -> None:
        self._forget(target)
        self.frame.env |= bindings(target_of(target), value)

    def _forget(self, node: ast.AST) -> None:
        for inner in walk(node):
            if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
                self.frame.env.pop(inner.id, None)

    def block(self, body: list[ast.stmt]) -> None:
        raise NotImplementedError

    # -- ways ------------------------------------------------------------------------------

    def each_of(
        self,
        held: Held,
        target: Target,
        visit: Callable[[], object],
        rounds: Sequence[Paths] = (),
    ) -> object:
        """What is read of each of the objects, and what the visit to one gives.

        A name from outside the loop tells nothing in it.
        """
        before, env = self.now, self.frame.env
        among = held.among or held.item is not None
        self.frame.env = bindings(target, replace(held, many=False, among=among))
        self.now, ended = frozenset(), len(self.exits)
        given = visit()
        read = meet_all([self.now, *rounds]) or frozenset()
        self.frame.env, self.now = env, before
        if len(self.exits) > ended:
            # It ends amid the objects: some have been read, others not.
            del self.exits[ended:]
            self._end()
            return None
        if before is not None:
            self.now = before | read
        return given

    def fork(
        self, absence: Absence, then: Callable[[], object], other: Callable[[], object]
    ) -> tuple[object, ...]:
        """Two ways: what both read is certain. The way without an object has nothing to read."""
        before, env = self.now, self.frame.env
        held, absent = absence
        results: list[object] = []
        ends: list[tuple[Paths | None, dict[str, Held]]] = []
        for way, visit in ((True, then), (False, other)):
            self.now, self.frame.env = before, dict(env)
            if held is not None and absent is way and before is not None:
                others = held.path or held.among
                self.now = before | {(*held.path, NOTHING)} if others else None
            if self.now is not None:
                results.append(visit())
            # Whatever the way does that has no object: it does without.
            ends.append((self.now, self.frame.env))
        (left, left_env), (right, right_env) = ends
        self.now = meet_all([left, right])
        if left is None or right is None:
            self.frame.env = right_env if left is None else left_env
        else:
            self.frame.env = {k: v for k, v in left_env.items() if right_env.get(k) == v}
        return tuple(results)

    def another_body(self) -> bool:
        """Whether the walk goes through one more."""
        self.bodies += 1
        return self.bodies <= _MAX_BODIES

    def model(self, path: Path) -> Model | None:
        """The class of the objects at the end of a path."""
        model: Model | None = self.lead
        for name in path:
            relationship = model.relationships.get(name) if model is not None else None
            target = relationship.target if relationship is not None else ""
            model = self.state.models.by_key.get(target)
        return model
