"""How what a generator or context manager gives is consumed where it is called.

Each form has an equal for async generators: the same items, taken at the same moments, and no more of
them. A form that is not here has none, or none that is certain.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from typing import Literal

from migrator.frozen import frozen

Form = Literal[
    "loop",  # for x in g():
    "comprehension",  # [x for x in g()]
    "listed",  # sum(g()), [*g()]: all of it is taken, before anything is made of it
    "display",  # list(g()), set(g())
    "next",  # next(g(), default)
    "any",  # any(g()), all(g())
    "delegated",  # yield from g()
    "entered",  # with g():
    "streamed",  # Response(g()): the framework takes it, in the bridge
    "handed",  # return g(), and nothing else: whoever calls that function takes it
]
#: Builtins that take all that they are given.
_TAKING = frozenset({"sum", "tuple", "frozenset", "sorted", "min", "max", "dict"})
_DISPLAYS = frozenset({"list", "set"})
#: Calls whose result goes on taking what they got.
_PASSING = frozenset(
    {
        "enumerate", "zip", "map", "filter", "iter", "reversed", "islice", "chain", "from_iterable",
        "groupby", "starmap", "takewhile", "dropwhile", "filterfalse", "accumulate", "tee", "cycle",
        "compress", "pairwise", "batched", "zip_longest", "partial",
    }
)  # fmt: skip
#: Methods that put something into a container.
STORING = frozenset({"append", "appendleft", "add", "insert", "setdefault", "put"})


@frozen
class Consumption:
    """A form, and the node that it changes; `index` is the place of a comprehension's `for`.

    `through` is the call of `enumerate` or `zip` that hands the items on, one by one.
    """

    form: Form
    node: ast.AST
    index: int = 0
    through: ast.Call | None = None


def consumption(
    node: ast.expr,
    parents: Mapping[int, ast.AST],
    shadowed: frozenset[str],
    asked: Container[int],
) -> Consumption | None:
    """What is done to the result of a call; None where an async generator could not stand.

    `shadowed` are names that are no builtins here, `asked` the ids of generator expressions that may be
    asynchronous themselves.
    """
    parent = parents.get(id(node))
    match parent:
        case ast.For(iter=iterated) if iterated is node:
            return Consumption("loop", parent)
        case ast.comprehension():
            return _comprehension(parent, parents, shadowed, asked)
        case ast.IfExp() if parents.get(id(chosen_among(node, parents))).__class__ is ast.withitem:
            return consumption(chosen_among(node, parents), parents, shadowed, asked)
        case ast.withitem():
            statement = parents.get(id(parent))
            return Consumption("entered", statement) if isinstance(statement, ast.With) else None
        case ast.Starred():
            outer = parents.get(id(parent))
            if isinstance(outer, ast.List | ast.Set | ast.Tuple) and isinstance(
                outer.ctx if not isinstance(outer, ast.Set) else ast.Load(), ast.Load
            ):
                return Consumption("listed", node)
            return None
        case ast.YieldFrom():
            outer = parents.get(id(parent))
            return Consumption("delegated", outer) if isinstance(outer, ast.Expr) else None
        case ast.Call(func=ast.Name(id="enumerate" | "zip" as name)) if name not in shadowed:
            return _through(parent, node, parents, shadowed, asked)
        case ast.Call():
            return _argument(parent, node, shadowed)
    return None


def chosen_among(node: ast.expr, parents: Mapping[int, ast.AST]) -> ast.expr:
    """The whole expression that chooses between this one and others: `a if x else b`."""
    parent = parents.get(id(node))
    while isinstance(parent, ast.IfExp) and node is not parent.test:
        node, parent = parent, parents.get(id(parent))
    return node


def _through(
    call: ast.Call,
    argument: ast.expr,
    parents: Mapping[int, ast.AST],
    shadowed: frozenset[str],
    asked: Container[int],
) -> Consumption | None:
    """The same of `enumerate(g())` and `zip(g(), h())`, which have twins for async generators."""
    named = isinstance(call.func, ast.Name) and call.func.id == "enumerate"
    # What goes on lazily by itself may reach the database when it is asked for an item.
    plain = not any(map(passes_on, call.args)) and all(
        isinstance(a, ast.Name | ast.Attribute | ast.Constant | ast.Call) for a in call.args
    )
    if call.keywords or not plain or argument not in call.args[: 1 if named else None]:
        return None
    found = consumption(call, parents, shadowed, asked)
    if found is None or found.through is not None:
        return None
    if found.form not in ("loop", "comprehension", "display", "listed"):
        return None
    return replace(found, through=call)


def _comprehension(
    clause: ast.comprehension,
    parents: Mapping[int, ast.AST],
    shadowed: frozenset[str],
    asked: Container[int],
) -> Consumption | None:
    outer = parents.get(id(clause))
    if isinstance(outer, ast.GeneratorExp) and id(outer) not in asked:
        consumer = parents.get(id(outer))
        if not isinstance(consumer, ast.Call) or _taking(consumer, outer, shadowed) is None:
            return None
    elif not isinstance(outer, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return None
    return Consumption("comprehension", outer, outer.generators.index(clause))


def _taking(call: ast.Call, argument: ast.expr, shadowed: frozenset[str]) -> str | None:
    """The builtin that takes all of its argument, or `join`; None for another call."""
    match call:
        case ast.Call(func=ast.Name(id=name), args=[only]) if only is argument:
            return name if name in _TAKING | _DISPLAYS and name not in shadowed else None
        case ast.Call(func=ast.Name(id="sum"), args=[first, _]) if first is argument:
            return "sum" if "sum" not in shadowed else None
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="join")):
            return "join"
    return None


def passes_on(node: ast.AST | None) -> bool:
    """Whether it is a call whose result goes on taking what the call got: `map(f, rows)`."""
    if not isinstance(node, ast.Call):
        return False
    return getattr(node.func, "id", getattr(node.func, "attr", "")) in _PASSING


def hands_on(
    node: ast.AST,
    parents: Mapping[int, ast.AST],
    names: Callable[[str], bool],
    ours: Callable[[ast.Call], bool],
) -> bool:
    """Whether what an expression gives may leave its function, still to be taken.

    `names` says so of a variable; `ours` are calls of functions of the repository. Others are taken
    to take what they get, a response of the framework's too.
    """
    parent = parents.get(id(node))
    while parent is not None:
        match parent:
            case ast.Return() | ast.Yield():
                return True
            case ast.Call() if not ours(parent):
                name = getattr(parent.func, "id", getattr(parent.func, "attr", ""))
                if name in STORING:
                    return True
                if not passes_on(parent):
                    return False
            case ast.comprehension():
                outer = parents[id(parent)]
                if not isinstance(outer, ast.GeneratorExp):
                    return False
                parent = outer
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.NamedExpr(target=ast.Name(id=name)):
                return names(name)
            case ast.Assign() | ast.AnnAssign() | ast.NamedExpr():
                return True
            case ast.stmt() | ast.withitem():
                return False
            case _:
                pass
        parent = parents.get(id(parent))
    return False


def _argument(call: ast.Call, argument: ast.expr, shadowed: frozenset[str]) -> Consumption | None:
    name = _taking(call, argument, shadowed)
    if name in _DISPLAYS and not call.keywords:
        return Consumption("display", call)
    if name is not None:
        return Consumption("listed", argument)
    match call:
        case ast.Call(func=ast.Name(id="next"), args=[first, _], keywords=[]) if first is argument:
            return Consumption("next", call) if "next" not in shadowed else None
        case ast.Call(func=ast.Name(id="any" | "all" as either), args=[_], keywords=[]):
            return Consumption("any", call) if either not in shadowed else None
    return None
