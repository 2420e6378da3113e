"""What certainly loads lazily of the objects that a query gives, before anything is written.

From the query on, statement by statement: relationships that every way through the code reads, on
every object (`for order in orders: order.customer`), also in the functions that get the objects or
that the function returns them to. Behind these reads the session holds the same, whether the
query has loaded them or each object by itself.
"""

from __future__ import annotations

import ast

from migrator.eager.quiet import Quiet
from migrator.eager.read_expressions import METHODS
from migrator.eager.read_statements import Reading
from migrator.eager.read_values import Held, Reads
from migrator.eager.together import Together
from migrator.index.definitions import FunctionInfo
from migrator.index.model import Model
from migrator.index.walk import parents_in
from migrator.types.facts import Fact
from migrator.types.state import State


class Certain:
    """Finds the reads of queries; the indexes of functions are kept."""

    def __init__(self, state: State, together: Together, quiet: Quiet) -> None:
        self.state = state
        self.together = together
        self.quiet = quiet
        self._facts: dict[str, dict[int, list[Fact]]] = {}
        self._parents: dict[str, dict[int, ast.AST]] = {}
        self._behind: dict[tuple[str, int, Held, str, int], Reads] = {}

    def facts(self, key: str, node: ast.AST) -> list[Fact]:
        """What was found at a node of a function."""
        known = self._facts.get(key)
        if known is None:
            known = self._facts[key] = {}
            for fact in self.state.facts.get(key, ()):
                known.setdefault(id(fact.node), []).append(fact)
        return known.get(id(node), [])

    def reads(self, key: str, source: ast.AST, held: Held, lead: Model) -> Reads:
        """What is read of the objects that `source`, in the function `key`, gives."""
        return self.behind(key, source, held, lead, 0)

    def behind(self, key: str, source: ast.AST, held: Held, lead: Model, depth: int) -> Reads:
        """The same, `depth` returns up."""
        info = self.state.project.functions.get(key)
        facts = self.state.facts.get(key)
        if info is None or facts is None or facts.is_generator:
            return Reads()
        known = (key, id(source), held, lead.key, depth)
        if known not in self._behind:
            self._behind[known] = Reading(self, info, source, held, lead, depth).all()
        return self._behind[known]

    def around(self, info: FunctionInfo, node: ast.AST) -> frozenset[int]:
        """The ids of a node and of all that it stands in, in its function."""
        if info.key not in self._parents:
            self._parents[info.key] = parents_in(info.node)
        parents = self._parents[info.key]
        found = set[int]()
        outer: ast.AST | None = node
        while outer is not None:
            found.add(id(outer))
            outer = parents.get(id(outer))
        return frozenset(found)

    def calls_of(self, info: FunctionInfo) -> list[tuple[str, ast.AST]] | None:
        """Every call of a function, as the caller's key and the node; None where some are unseen."""
        key = info.key
        if key in self.state.entries or key in self.state.taken or set(info.decorators()) - METHODS:
            return None
        found: list[tuple[str, ast.AST]] = []
        for caller in sorted(self.together.callers(key)):
            known = [
                fact
                for fact in self.state.facts.get(caller, ())
                if key in self.together.called_at(fact)
            ]
            if not known or any(f.kind != "call" or f.callees != (key,) for f in known):
                return None
            if any(not self.only_call(caller, f.node) for f in known):
                return None
            found += [(caller, fact.node) for fact in known]
        return found

    def only_call(self, key: str, node: ast.AST) -> bool:
        """Whether nothing but functions of the repository is called at a node."""
        kinds = {f.kind for f in self.facts(key, node)} & {"call", "unresolved", "external"}
        return kinds == {"call"}

    def methods(self, model: Model, name: str) -> list[FunctionInfo]:
        """The methods, or properties, that the name may stand for on an object of the class."""
        project = self.state.project
        own = project.method(model.info, name)
        below = [c.methods[name] for c in project.subclasses(model.info) if name in c.methods]
        return ([own] if own is not None else []) + below if own is not None else []
