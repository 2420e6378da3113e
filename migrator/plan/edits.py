"""The edits of one function, as they are gathered node by node."""

from __future__ import annotations

import ast

from migrator.colour.decide import Decisions, session_parameters
from migrator.index.definitions import FunctionInfo
from migrator.index.signature import parameters
from migrator.queries.step import Action
from migrator.types.facts import Fact, FunctionFacts
from migrator.types.state import State

RUNTIME = "migrator.runtime.db"
#: Rules that run a statement, or await what runs it.
_RUNNING = frozenset({"iterate", "await_call"})


class Edits:
    """Actions by node, and what is known of the function that the nodes are of."""

    def __init__(self, state: State, decisions: Decisions, facts: FunctionFacts, key: str) -> None:
        self.state = state
        self.decisions = decisions
        self.reaching = decisions.reaching
        self.facts = facts
        self.key = key
        self.info: FunctionInfo | None = state.function(key)
        self.edits: dict[int, tuple[ast.AST, list[Action]]] = {}
        #: Generator expressions and key functions with something to await.
        self.lists: dict[int, ast.GeneratorExp | ast.Lambda] = {}
        #: Ids of `yield from` statements over async generators.
        self.delegated: set[int] = set()

    def add(self, node: ast.AST, action: Action, *, first: bool = False) -> None:
        _, actions = self.edits.setdefault(id(node), (node, []))
        if first:
            actions.insert(0, action)
        else:
            actions.append(action)

    def add_options(self, node: ast.expr, action: Action) -> None:
        """Loader options at the end of a statement, before what runs it."""
        _, actions = self.edits.setdefault(id(node), (node, []))
        running = (i for i, known in enumerate(actions) if known.rule in _RUNNING)
        actions.insert(next(running, len(actions)), action)

    def bridged_call(self, fact: Fact) -> None:
        _, actions = self.edits.get(id(fact.node), (None, []))
        if any(action.rule == "bridge_call" for action in actions):
            return  # for another of its arguments
        self.add(fact.node, Action("bridge_call", imports=((RUNTIME, "bridge"),), awaits=True))

    def session_annotations(self) -> None:
        """`session: Session` → `session: AsyncSession`."""
        assert self.info is not None
        for name in session_parameters(self.state, self.info):
            for parameter in parameters(self.info.node.args):
                if parameter.arg == name and parameter.annotation is not None:
                    self.add(
                        parameter.annotation,
                        Action(
                            "session_annotation",
                            imports=(("sqlalchemy.ext.asyncio", "AsyncSession"),),
                        ),
                    )
