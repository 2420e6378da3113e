"""Functions that give objects of the class that they are given: `Order.find(1)` of a base's method, `find(Order, 1)`.

Called for several classes, such a function gives objects of each; one call gives those of its own class.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from migrator.frozen import frozen
from migrator.index.definitions import FunctionInfo
from migrator.index.signature import parameters
from migrator.queries.types import Instance, ListOf, ModelType, Query, Type, Union
from migrator.types.refiners import REFINING

#: Methods of a query, or of a result, that give its objects.
_FETCHING = frozenset(
    {
        *("all", "first", "get", "one", "one_or_none", "first_or_404", "get_or_404", "one_or_404"),
        *("scalar_one", "scalar_one_or_none", "unique"),
    }
)
_PLAIN = frozenset({"classmethod", "staticmethod"})
#: What binds names otherwise than by an assignment, or gives something else than is returned.
_ELSEWHERE = (ast.Yield, ast.YieldFrom, ast.Global, ast.Nonlocal, ast.Match)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@frozen
class Returned:
    """What a function returns, and what is assigned to each of its variables.

    None is among the latter for what is no plain assignment: a parameter, a loop's variable.
    """

    parameters: tuple[str, ...] = ()
    values: tuple[ast.expr, ...] = ()
    assigned: Mapping[str, Sequence[ast.expr | None]] = field(default_factory=dict)


def returned_by(info: FunctionInfo) -> Returned:
    """What a function returns; nothing where a function's text doesn't tell what its call gives."""
    if not _PLAIN.issuperset(info.decorators()):
        return Returned()
    names = tuple(a.arg for a in parameters(info.node.args))
    values: list[ast.expr] = []
    assigned: dict[str, list[ast.expr | None]] = {name: [None] for name in names}
    plain: set[int] = set()
    for node in info.nodes:
        match node:
            case ast.Return(value=ast.expr() as value):
                values.append(value)
            case ast.Assign(targets=[ast.Name() as target], value=value):
                plain.add(id(target))
                assigned.setdefault(target.id, []).append(value)
            case ast.Name(id=stored, ctx=ast.Store() | ast.Del()) if id(node) not in plain:
                assigned.setdefault(stored, []).append(None)
            case _ if isinstance(node, _ELSEWHERE):
                return Returned()
            case _ if isinstance(node, _SCOPES) and node is not info.node:
                return Returned()
    return Returned(names, tuple(values), assigned)


def given_class(returned: Returned, is_session: Callable[[ast.expr], bool]) -> str:
    """The parameter whose class each object is of that the function returns; "" where that isn't certain.

    `is_session` says so of an expression that is asked for objects of the class.
    """
    for name in returned.parameters if returned.values else ():
        body = _Body(name, returned.assigned, is_session)
        if all(map(body.gives, returned.values)) and body.found:
            return name
    return ""


class _Body:
    """Whether expressions of a function come of the class `name` alone; `found` once one does."""

    def __init__(
        self,
        name: str,
        assigned: Mapping[str, Sequence[ast.expr | None]],
        is_session: Callable[[ast.expr], bool],
    ) -> None:
        self.name = name
        self.found = False
        self._is_session = is_session
        self._seen: set[str] = set()
        self._assigned = assigned
        self._is_kept = assigned.get(name) == [None]

    def gives(self, node: ast.expr | None) -> bool:
        """Whether an expression is None, or an object, objects or a query of the class."""
        match node:
            case ast.Constant(value=None):
                return True
            case ast.Name(id=variable) if variable != self.name:
                if variable in self._seen:
                    return True
                self._seen.add(variable)
                values = self._assigned.get(variable, [None])
                return all(value is not None and self.gives(value) for value in values)
            case ast.Call(func=ast.Name(id=made)) if made == self.name:
                return self._is_of_class()
            case ast.Call(func=ast.Attribute(value=owner, attr=method), args=args):
                if method in ("get", "get_one", "query") and self._is_class(args[:1]):
                    one = method != "query" or len(args) == 1
                    return one and self._is_session(owner) and self._is_of_class()
                if method in ("execute", "scalar", "scalars") and args:
                    return self._is_session(owner) and self._selects(args[0])
                return method in REFINING | _FETCHING and self.gives(owner)
            case ast.Attribute(value=ast.Name(id=asked), attr="query") if asked == self.name:
                return self._is_of_class()
        return False

    def _selects(self, node: ast.expr) -> bool:
        """Whether it is a `select()` of the class and nothing else."""
        while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in REFINING:
                return False
            node = node.func.value
        match node:
            case ast.Call(func=ast.Name("select"), args=[_]) if self._is_class(node.args):
                return self._is_of_class()
        return False

    def _is_class(self, args: list[ast.expr]) -> bool:
        return bool(args) and isinstance(args[0], ast.Name) and args[0].id == self.name

    def _is_of_class(self) -> bool:
        self.found = self.found or self._is_kept
        return self._is_kept


def classes_in(given: Type | None) -> frozenset[str]:
    """The keys of mapped classes, where the type says nothing but such."""
    several = given.options if isinstance(given, Union) else frozenset({given})
    keys = frozenset(c.key for c in several if isinstance(c, ModelType))
    return keys if len(keys) == len(several) else frozenset()


def of_classes(value: Type, keys: frozenset[str]) -> Type | None:
    """What is left of a result without the objects of other classes; None for nothing."""
    if isinstance(value, ListOf):
        item = of_classes(value.item, keys)
        return None if item is None else ListOf(item)
    several = value.options if isinstance(value, Union) else frozenset({value})
    kept = frozenset(o for o in several if _key(o) in keys or not _key(o))
    return Union(kept) if len(kept) > 1 else next(iter(kept), None)


def has_objects(value: Type | None) -> bool:
    """Whether an object, or a query of objects, is among what it may be."""
    item = value.item if isinstance(value, ListOf) else value
    if isinstance(item, Union):
        return any(_key(option) for option in item.options)
    return item is not None and bool(_key(item))


def _key(option: Type) -> str:
    """The class that an object or a query is of; "" for anything else."""
    if isinstance(option, Query):
        return option.selects[0].key if option.single_entity else ""
    return option.key if isinstance(option, Instance) else ""
