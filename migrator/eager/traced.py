"""The steps of the code that a trace speaks of, by the place of the call."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import Module
from migrator.index.walk import walk
from migrator.trace.evidence import TracedQuery
from migrator.types.facts import Fact, FunctionFacts
from migrator.types.state import State


class TracedSteps:
    """Finds them; the loops of each module are kept."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._loops: dict[str, dict[int, ast.AST]] = {}

    def of(self, module: Module, traced: TracedQuery) -> Iterator[tuple[FunctionFacts, Fact]]:
        """The steps of the module that end where the traced call ends."""
        for key, facts in self._state.facts.items():
            if key.partition(":")[0] != module.name:
                continue
            for fact in facts:
                if fact.kind == "step" and fact.io and id(fact.node) in facts.fetched:
                    around = facts.loop_of.get(id(fact.node)) or self._comprehension(module, fact)
                    if _ends(fact.node, traced) or (around is not None and _ends(around, traced)):
                        yield facts, fact

    def _comprehension(self, module: Module, fact: Fact) -> ast.AST | None:
        """The comprehension that loops over the node: Python says that the loop is all of it."""
        known = self._loops.get(module.name)
        if known is None:
            assert module.source.tree is not None
            known = self._loops[module.name] = {
                id(generator.iter): node
                for node in walk(module.source.tree)
                for generator in getattr(node, "generators", ())
            }
        return known.get(id(fact.node))


def _ends(node: ast.AST, traced: TracedQuery) -> bool:
    """Whether an expression is the traced call: a call of a chain begins at its own name."""
    if traced.column < 0:
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        return bool(first <= traced.line <= last)
    end = (getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0))
    return end == (traced.end_line, traced.end_column)
