"""Why an expression of a native function runs in the bridge, in words."""

from __future__ import annotations

import ast

from migrator.index.walk import walk
from migrator.index.written import label
from migrator.queries import refusals
from migrator.queries.refusals import refuse
from migrator.queries.step import Refusal
from migrator.types.facts import Fact, FunctionFacts

_BLOCKERS: dict[type[ast.expr], str] = {
    ast.Lambda: "a lambda",
    ast.GeneratorExp: "a generator expression",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
}
#: What is told first where several facts stand in one expression.
_ORDER = ("template", "lazy", "property", "call", "step", "unresolved", "external")


def expression_reason(facts: FunctionFacts, expression: ast.expr) -> Refusal:
    """The reason for one expression of `Decision.bridges`."""
    inside = {id(n) for n in walk(expression)}
    found = [f for f in facts if id(f.node) in inside]
    refused = [f.refusal for f in found if f.kind == "step" and f.refusal is not None]
    if refused:
        return refused[-1]
    found.sort(key=lambda f: _ORDER.index(f.kind) if f.kind in _ORDER else len(_ORDER))
    for fact in found:
        reason = fact_reason(fact)
        if reason is not None:
            return reason
    return Refusal("MIG523", "it is handed to code that may load from the database", _hint())


def fact_reason(fact: Fact) -> Refusal | None:
    """The reason for one place of a native function; None where it needs no bridge of its own."""
    where = _BLOCKERS.get(type(fact.blocker)) if fact.blocker is not None else None
    match fact.kind:
        case "template":
            return Refusal(
                "MIG520",
                "templates load lazily",
                "Nothing has to be done; load what the template shows with the query to make it native.",
            )
        case "lazy" | "property" | "call" | "step" if where is not None:
            return Refusal(
                "MIG521",
                f"{label(fact.node)} reaches the database inside {where}, where nothing can be awaited",
                "Nothing has to be done; a loop or a named function makes it native.",
            )
        case "unresolved" if fact.io:
            return Refusal(
                "MIG522",
                f"the type of what {label(fact.node)} is called on is not known",
                "Nothing has to be done; an annotation makes it native.",
            )
        case "external" if fact.name == "assign":
            return Refusal(
                "MIG524",
                f"assigning {label(fact.node)} loads what it replaces",
                "Nothing has to be done; load the attribute first to make it native.",
            )
        case "external" if fact.name == "schema":
            return refuse(refusals.SESSION_METHOD, label(fact.node))
        case "external" if fact.name == "fetched":
            return Refusal(
                "MIG522", f"the class that {label(fact.node)} asks for is not known", _hint()
            )
        case "external":
            return Refusal(
                "MIG523", f"{label(fact.node)} hands objects to code that may load", _hint()
            )
    return None


def _hint() -> str:
    return "Nothing has to be done; hand over plain values to make it native."
