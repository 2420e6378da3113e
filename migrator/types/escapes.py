"""Functions that leave our sight: whoever gets them calls them without awaiting them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from migrator.index.definitions import last_name
from migrator.queries.join import item_type
from migrator.queries.types import (
    ClassType,
    DictOf,
    External,
    Function,
    Instance,
    ListOf,
    ModelType,
    Object,
    Opaque,
    Query,
    Row,
    TupleOf,
    Union,
    Unknown,
)
from migrator.types.lattice import HOLDING, Value, parts

#: Who gets a function and only reads its name and docstring.
COPIES_NAMES = frozenset({"functools.wraps", "functools.update_wrapper"})
#: Who gets the decorators that a resource lists: it is known what it gives to them.
AROUND_METHODS = "the class's methods"
#: Types in which are neither classes of the repository nor functions of it; and nothing yet.
NOBODYS = (Opaque, Unknown, External, type(None))
#: Of a reference: what is handed over may be any function that is used as a value; of one that is
#: called with a single argument, any that takes one.
ANY_FUNCTION = "a function that is looked up"
ANY_KEY_FUNCTION = "a key function that is looked up"


def functions_in(value: Value) -> Sequence[Function]:
    """The functions of the repository that a value is or holds."""
    if isinstance(value, Function):
        return (value,)
    if type(value) not in HOLDING:
        return ()
    match value:
        case ListOf(item) | DictOf(_, item):
            return functions_in(item)
        case TupleOf(items) | Row(items):
            return [function for item in items for function in functions_in(item)]
        case Union():
            return [function for item in value.ordered for function in functions_in(item)]
    return ()


def classes_in(value: Value) -> set[str]:
    """The keys of the classes, none of them mapped, that a value is or holds objects of."""
    return {part.key for part in parts(value) if isinstance(part, Object | ClassType)}


def mapped_in(value: Value) -> set[str]:
    """The keys of the mapped classes which a value is, or whose objects it is, holds or fetches."""
    if isinstance(value, Opaque | External | Unknown):
        return set()
    found: set[str] = set()
    for part in parts(value):
        # A class as well: `guard.init_app(app, User)` of Flask-Praetorian calls `User.lookup(name)`.
        if isinstance(part, Instance | ModelType):
            found.add(part.key)
        elif isinstance(part, Query):
            found |= mapped_in(item_type(part))
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
        case ast.Call(args=[first, *_]) if last_name(node.func) == "partial":
            inner = [first]
        case _:
            for function in functions_in(known(node)):
                yield node, function
            return
    for part in inner:
        yield from handed_functions(part, known)
