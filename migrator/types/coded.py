"""What was found in a function as plain data, nodes by their places: it outlives the trees."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from migrator.types.facts import Fact, FunctionFacts

#: The values of a FunctionFacts' fields, in order and without its key.
Coded: TypeAlias = tuple[Any, ...]
Places: TypeAlias = Mapping[int, int]
Nodes: TypeAlias = Sequence[Any]


def coded(facts: FunctionFacts, places: Places) -> Coded | None:
    """`places` are those of the function's nodes by their ids; None where it has others as well."""
    try:
        return tuple(_CODES[name][0](getattr(facts, name), places) for name in _NAMES)
    except KeyError:
        return None


def decoded(key: str, code: Coded, nodes: Nodes) -> FunctionFacts:
    """What was coded, with the nodes that are at those places now."""
    values = zip(_NAMES, code, strict=True)
    return FunctionFacts(key, **{name: _CODES[name][1](value, nodes) for name, value in values})


def names_nodes(code: Coded) -> bool:
    """Whether there is a place in it: without one it is decoded without nodes."""
    return any(value for name, value in zip(_NAMES, code, strict=True) if name in _OF_NODES)


def outline(key: str, code: Coded) -> FunctionFacts:
    """What other functions see of it: everything that needs no node."""
    values = zip(_NAMES, code, strict=True)
    return FunctionFacts(
        key, **{name: _CODES[name][1](value, ()) for name, value in values if name in _PLAIN}
    )


def _fact(fact: Fact, places: Places) -> Coded:
    action = fact.action
    if action is not None and any(isinstance(value, ast.AST) for value in action.args.values()):
        raise KeyError
    return (
        fact.kind,
        places[id(fact.node)],
        None if fact.blocker is None else places[id(fact.blocker)],
        tuple(places[id(node)] for node in fact.generators),
        action,
        *(getattr(fact, name) for name in _REST),
    )


def _fact_again(code: Coded, nodes: Nodes) -> Fact:
    kind, node, blocker, generators, *rest = code
    return Fact(
        kind,
        nodes[node],
        None if blocker is None else nodes[blocker],
        tuple(nodes[place] for place in generators),
        *rest,
    )


def _same(value: Any, _: object) -> Any:
    return value


Code: TypeAlias = tuple[Callable[[Any, Places], Any], Callable[[Any, Nodes], Any]]
_REST = tuple(f.name for f in dataclasses.fields(Fact))[5:]
_VALUE: Code = (_same, _same)
_ENVIRONMENT: Code = (lambda value, _: tuple(value.items()), lambda code, _: dict(code))
_NAMED: Code = (lambda value, _: tuple(value), lambda code, _: dict.fromkeys(code))
_FACTS: Code = (
    lambda value, places: [_fact(fact, places) for fact in value.values()],
    lambda code, nodes: {
        (id(fact.node), fact.kind + fact.name): fact
        for fact in (_fact_again(one, nodes) for one in code)
    },
)
_IDS: Code = (
    lambda value, places: sorted(places[node] for node in value),
    lambda code, nodes: {id(nodes[place]) for place in code},
)
_BY_ID: Code = (
    lambda value, places: [(places[node], found) for node, found in value.items()],
    lambda code, nodes: {id(nodes[place]): found for place, found in code},
)
_NODE_BY_ID: Code = (
    lambda value, places: [(places[node], places[id(to)]) for node, to in value.items()],
    lambda code, nodes: {id(nodes[place]): nodes[to] for place, to in code},
)
_NODES_BY_ID: Code = (
    lambda value, places: [
        (places[n], [places[id(to)] for to in all_]) for n, all_ in value.items()
    ],
    lambda code, nodes: {id(nodes[place]): [nodes[to] for to in all_] for place, all_ in code},
)
_CODES: dict[str, Code] = {
    "facts": _FACTS,
    "environment": _ENVIRONMENT,
    "is_generator": _VALUE,
    "commits": _VALUE,
    "calls": _NAMED,
    "sessions": _NODE_BY_ID,
    "maybe_sessions": _IDS,
    "imports": _VALUE,
    "passes_query": _IDS,
    "passes_held": _IDS,
    "loop_of": _NODE_BY_ID,
    "commits_in": _IDS,
    "asked": _NODE_BY_ID,
    "keyed": _NODE_BY_ID,
    "closure_queries": _VALUE,
    "fetched": _BY_ID,
    "subjects": _BY_ID,
    "query_arguments": _NODES_BY_ID,
}
_NAMES = tuple(f.name for f in dataclasses.fields(FunctionFacts) if f.name != "key")
_PLAIN = frozenset({"environment", "is_generator", "calls"})
_OF_NODES = frozenset(
    name for name, code in _CODES.items() if code not in (_VALUE, _ENVIRONMENT, _NAMED)
)
