"""Queries that have no native form and are one expression: that alone runs in the bridge, as it is.

`db.session.query(Order).filter(...).update({...})` under a listener that hears legacy queries alone:
nobody else sees the query, so the function around it can be native.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.walk import parents_in, walk
from migrator.queries import refusals
from migrator.types.facts import Fact, FunctionFacts
from migrator.types.lattice import holds_query
from migrator.types.session_calls import FETCHING
from migrator.types.state import State

#: What gives rows, objects or a number, and no query.
_ENDS = FETCHING | {"update", "delete"}
#: Codes of chains that are what they were in the bridge, by nothing but their own expression.
_AS_IT_IS = frozenset(
    {
        refusals.UNKNOWN_METHOD,
        refusals.AFTER_LIMIT,
        refusals.SET_OPERATION,
        refusals.BULK_WRITE,
        refusals.GET_WITH_CRITERIA,
        refusals.LOADER_OPTION,
        refusals.ROW_NAMES,
        refusals.UNIQUING,
        refusals.FILTER_BY_ENTITY,
        refusals.HTTP_HELPER,
        refusals.REMOVED,
        refusals.STATEMENT,
        refusals.QUERY_CLASS,
    }
)


class WholeChains:
    """Finds them in one function."""

    def __init__(self, state: State, facts: FunctionFacts, function: ast.AST) -> None:
        self.state = state
        self.facts = facts
        self.function = function
        self.by_node: dict[int, list[Fact]] = {}
        for fact in facts:
            self.by_node.setdefault(id(fact.node), []).append(fact)

    def find(self) -> dict[int, ast.expr]:
        """The expressions, by id."""
        refused = [f for f in self.facts if _may_stay(f)]
        if not refused or not self.state.db_name or self.facts.closure_queries:
            return {}
        around = parents_in(self.function)
        found: dict[int, ast.expr] = {}
        for fact in refused:
            whole = _end(fact.node, around)
            if whole is not None and self._is_alone(whole):
                found[id(whole)] = whole
        return found

    def _is_alone(self, whole: ast.Call) -> bool:
        """Whether nothing in a chain is a query that others have, or becomes a select."""
        links = {id(node) for node in _links(whole)}
        if not self._is_rooted(whole):
            return False
        for node in walk(whole):
            if isinstance(node, ast.Name) and holds_query(self.facts.environment.get(node.id)):
                return False
            name = getattr(node, "attr", getattr(node, "id", ""))
            if name in self._held and id(node) not in links:
                return False
            if not all(self._stays(fact, whole) for fact in self.by_node.get(id(node), ())):
                return False
        return True

    def _is_rooted(self, whole: ast.Call) -> bool:
        """Whether it begins at the application's own session, or at a mapped class."""
        *_, root = _links(whole)
        known = [f for f in self.by_node.get(id(root), ()) if f.kind == "step" and f.site]
        if not known:
            return False
        if isinstance(root, ast.Attribute):
            return root.attr == "query"
        match root:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="session"), attr="query")):
                return True
        return False

    def _stays(self, fact: Fact, whole: ast.Call) -> bool:
        if fact.gives_query_away or fact.name == "method":
            return False
        if fact.refusal is not None and fact.refusal.code not in _AS_IT_IS:
            return False
        if fact.kind == "step":
            return not fact.io or fact.node is whole or fact.site
        if id(fact.node) in self.facts.passes_query:
            return False
        return not any(holds_query(self.state.returns.get(c)) for c in fact.callees)

    @property
    def _held(self) -> set[str]:
        """The names of the attributes and variables that hold queries."""
        return {entry[1][1] for entry in self.state.query_writers}


def _may_stay(fact: Fact) -> bool:
    refusal = fact.refusal
    return (
        fact.kind == "step"
        and refusal is not None
        and refusal.code in _AS_IT_IS
        and fact.blocker is None
    )


def _end(node: ast.AST, around: dict[int, ast.AST]) -> ast.Call | None:
    """The call that ends the chain of a link; None where something else is done with the query."""
    while True:
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _ENDS:
            return node
        attribute = around.get(id(node))
        call = around.get(id(attribute))
        if not isinstance(attribute, ast.Attribute) or not isinstance(call, ast.Call):
            return None
        if attribute.value is not node or call.func is not attribute:
            return None
        node = call


def _links(whole: ast.Call) -> Iterator[ast.expr]:
    """The calls of a chain and what they are called on, from the outside to the root."""
    node: ast.expr = whole
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield node
        if node.func.attr == "query":
            return
        yield node.func
        node = node.func.value
    yield node
