"""Functions that leave our sight: whoever gets them calls them without awaiting them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from migrator.colour.lattice import Value, holds
from migrator.queries.join import item_type
from migrator.queries.types import (
    ClassType,
    DictOf,
    Function,
    Instance,
    ListOf,
    Object,
    Query,
    Row,
    TupleOf,
    Type,
    Union,
)

#: Who gets a function and only reads its name and docstring.
COPIES_NAMES = frozenset({"functools.wraps", "functools.update_wrapper"})
#: Of a reference: what is handed over may be any function that is used as a value; of one that is
#: called with a single argument, any that takes one.
ANY_FUNCTION = "a function that is looked up"
ANY_KEY_FUNCTION = "a key function that is looked up"


def functions_in(value: Value) -> Iterator[Function]:
    """The functions of the repository that a value is or holds."""
    match value:
        case Function():
            yield value
        case ListOf(item):
            yield from functions_in(item)
        case DictOf(_, item):
            yield from functions_in(item)
        case TupleOf(items) | Row(items):
            for item in items:
                yield from functions_in(item)
        case Union():
            for item in value.ordered:
                yield from functions_in(item)


def classes_in(value: Value) -> set[str]:
    """The keys of the classes, none of them mapped, that a value is or holds objects of."""
    found: set[str] = set()

    def note(value: Type) -> bool:
        if isinstance(value, Object | ClassType):
            found.add(value.key)
        return False

    holds(value, note)
    return found


def mapped_in(value: Value) -> set[str]:
    """The keys of the mapped classes whose objects a value is, holds or fetches."""
    found: set[str] = set()

    def note(value: Type) -> bool:
        if isinstance(value, Instance):
            found.add(value.key)
        elif isinstance(value, Query):
            found.update(mapped_in(item_type(value)))
        return False

    holds(value, note)
    return found


def handed_functions(
    node: ast.expr, known: Callable[[ast.expr], Value]
) -> Iterator[tuple[ast.expr, Function]]:
    """The functions that an expression hands over, displays and alternatives looked into."""
    inner: list[ast.expr]
    match node:
        case ast.List(elts=inner) | ast.Tuple(elts=inner) | ast.Set(elts=inner):
            pass
        case ast.Dict(values=inner) | ast.BoolOp(values=inner):
            pass
        case ast.IfExp():
            inner = [node.body, node.orelse]
        case ast.Starred() | ast.NamedExpr():
            inner = [node.value]
        case _:
            for function in functions_in(known(node)):
                yield node, function
            return
    for part in inner:
        yield from handed_functions(part, known)
