"""What a test says of the types in its branches, and what two branches leave together."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.queries.plain import is_data, is_error
from migrator.queries.types import (
    OPAQUE,
    UNKNOWN,
    DictOf,
    External,
    Instance,
    ListOf,
    ModelType,
    TupleOf,
    Type,
    Union,
    Unknown,
)
from migrator.types.assignments import Assignments
from migrator.types.lattice import Value, hides_query, join

#: Classes, and modules of classes, that no class of the repository derives from: what else a test
#: names may be a base of one or an abstract class (`Iterable`).
_PLAIN = frozenset({"bool", "bytearray", "bytes", "complex", "float", "int", "range", "str"})
_PLAIN_MODULES = frozenset({"datetime", "decimal", "fractions", "pathlib", "re", "sqlite3", "uuid"})
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
#: Python's containers, whatever they hold.
_CONTAINERS: dict[str, Type] = {
    **{f"builtins.{name}": ListOf(UNKNOWN) for name in ("frozenset", "list", "set", "tuple")},
    "builtins.dict": DictOf(UNKNOWN, UNKNOWN),
}


def is_plain(name: str) -> bool:
    """Whether an instance of another distribution's class is no mapped object."""
    package, _, last = name.rpartition(".")
    if package == "builtins" and last in _PLAIN:
        return True
    return package.partition(".")[0] in _PLAIN_MODULES or is_error(last)


class Narrowing(Assignments):
    """Environments that part and meet."""

    def narrow(self, test: ast.expr, outcome: bool) -> None:
        """`isinstance(x, C)` says more of x."""
        match test:
            case ast.UnaryOp(op=ast.Not()):
                self.narrow(test.operand, not outcome)
            case ast.BoolOp(op=ast.And()) if outcome:
                for value in test.values:
                    self.narrow(value, True)
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), cls]) if outcome:
                found = self.eval(cls)
                if isinstance(found, ModelType) and found.key in self.models.by_key:
                    old = self.env.get(name)
                    now = Instance(found.key)
                    if isinstance(old, Instance):
                        now = replace(now, stale=old.stale)
                    self.env[name] = now
                elif isinstance(found, External | TupleOf) and name in self.env:
                    kinds = found.items if isinstance(found, TupleOf) else (found,)
                    names = [k.dotted for k in kinds if isinstance(k, External)]
                    if len(names) == len(kinds):
                        self.env[name] = self.narrowed(self.env[name], names)
            case _:
                pass

    @staticmethod
    def narrowed(value: Value, names: list[str]) -> Value:
        """The type of a value that is an instance of one of these foreign classes."""
        if isinstance(value, Unknown) and len(names) == 1 and names[0] in _CONTAINERS:
            return _CONTAINERS[names[0]]
        if not all(map(is_plain, names)):
            return value
        if isinstance(value, Union):
            kept = frozenset(o for o in value.options if not isinstance(o, Instance))
            if len(kept) == 1:
                return next(iter(kept))
            return Union(kept) if kept else OPAQUE
        return OPAQUE if isinstance(value, Unknown) and all(map(is_data, names)) else value

    def merged(
        self, a: dict[str, Value], b: dict[str, Value], node: ast.AST, *, inside: bool = False
    ) -> dict[str, Value]:
        """The names after two ways that meet: where `node` ends, or `inside` of it.

        A query that is one way's, beside what nobody knows, is known no more: it stays what it was.
        """
        if a == b:
            return dict(a)
        together: dict[str, Value] = {}
        for name in {**a, **b}:
            one, other = a.get(name), b.get(name)
            together[name] = value = join(one, other)
            if one is not other:
                lost = next((v for v in (one, other) if hides_query(v, value)), None)
                if lost is not None and self._is_read(name, node, inside=inside):
                    self.query_given_away(node, lost)
        return together

    def _is_read(self, name: str, node: ast.AST, *, inside: bool) -> bool:
        """Whether a name is read below the end of a node, or `inside` of it, as loops go."""
        if self.function is None:
            return True
        lines = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        line = lines[0] if inside else lines[1] + 1
        for other in self.function.nodes:
            if isinstance(other, _LOOPS) and other.lineno < line <= (other.end_lineno or 0):
                line = other.lineno
        return any(
            isinstance(n, ast.Name)
            and n.id == name
            and isinstance(n.ctx, ast.Load)
            and n.lineno >= line
            for n in self.function.nodes
        )
