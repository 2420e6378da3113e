"""What a template is given: a query that it only loops over is run first, and its rows go in."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from migrator.queries import tables
from migrator.queries.step import Action, Step
from migrator.queries.types import OPAQUE, DictOf, Query, Type
from migrator.types.builtin_calls import BuiltinCalls
from migrator.types.lattice import Value, holds_query, join, options


def _under_its_keys(value: Value) -> dict[str, Type] | None:
    """What is under each key of a dict that holds queries; None where not all of its keys are known."""
    found: dict[str, Type] = {}
    for option in options(value):
        if not isinstance(option, DictOf) or not option.closed:
            return None
        for key, item in option.known:
            found[key] = join(found.get(key), item) or item
    return found


class Rendering(BuiltinCalls):
    """Adds what templates are rendered with."""

    def template_queries(self, node: ast.Call) -> None:
        """The queries among what a template is given."""
        template = node.args[0] if node.args else None
        name = str(template.value) if isinstance(template, ast.Constant) else ""
        for keyword in node.keywords:
            value = self.known(keyword.value)
            if not holds_query(value):
                continue
            given = {keyword.arg: value} if keyword.arg else _under_its_keys(value)
            queries = {k: v for k, v in (given or {}).items() if holds_query(v)}
            loops = all(self.state.templates.only_loops(name, key) for key in queries)
            if not queries or not loops:
                self.query_given_away(keyword.value, value)
            elif isinstance(value, Query):
                self.iterated(keyword.value, value)
                self.record("listed", keyword.value)
            else:
                self._run_first(keyword, value, queries)
        for argument in node.args[1:]:
            self.query_given_away(argument, self.known(argument))

    def _run_first(self, keyword: ast.keyword, value: Value, queries: Mapping[str, Value]) -> None:
        """Queries in a dict, or where other things may stand as well: which it is, shows then."""
        steps: list[Step] = []
        for held in queries.values():
            for option in options(held):
                if isinstance(option, Query):
                    steps.append(tables.query_or_rows(self.at_hand(option)))
                elif holds_query(option):
                    self.query_given_away(keyword.value, value)
        actions = [step.action for step in steps if step.action is not None]
        sessions = {
            action.args.get("session") for action in actions if not action.args.get("owner")
        }
        if len(actions) < len(steps) or len(sessions) != 1:
            self.query_given_away(keyword.value, value)
            return
        names = () if keyword.arg else tuple(queries)
        args = {"session": sessions.pop(), "names": names}
        self.step_on(keyword.value, Step(OPAQUE, Action("given_rows", args, awaits=True), io=True))
