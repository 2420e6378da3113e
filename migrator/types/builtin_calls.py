"""What Python's builtins give and ask for: those that iterate, that show, that read a name."""

from __future__ import annotations

import ast

from migrator.index.walk import walk
from migrator.index.written import written
from migrator.queries.plain import is_data, is_error
from migrator.queries.types import (
    EMPTY,
    OPAQUE,
    UNKNOWN,
    DictOf,
    External,
    ListOf,
    ModuleType,
    Opaque,
    Query,
    Row,
    TupleOf,
)
from migrator.types.by_name import ByName
from migrator.types.handing_on import dict_of
from migrator.types.lattice import (
    Value,
    holds_instance,
    holds_query,
    join,
    join_all,
    may_give,
    options,
)
from migrator.types.names import class_behind, instance_type

#: Builtins that iterate over what they are given.
_ITERATING = frozenset(
    {
        "list", "set", "tuple", "sorted", "frozenset", "sum", "max", "min", "enumerate",
        "zip", "iter", "reversed", "any", "all", "filter", "map", "dict", "next",
    }
)  # fmt: skip


class BuiltinCalls(ByName):
    """Adds the functions that have a name everywhere."""

    def builtin(self, node: ast.Call, name: str, values: list[Value]) -> Value:
        """A builtin: those that iterate run a query that is given to them."""
        first = values[0] if values else None
        item: Value = None
        if name in ("max", "min") and len(node.args) > 1:
            # It chooses one of its arguments, and iterates over none.
            starred = any(isinstance(a, ast.Starred) for a in node.args)
            return UNKNOWN if starred else join_all(values[: len(node.args)])
        if name == "reversed" and self.special(
            node, first, "__reversed__", "__len__", "__getitem__"
        ):
            # It takes the items by their places, whatever `__iter__` gives.
            return UNKNOWN
        if name in _ITERATING and node.args:
            position = 1 if name in ("map", "filter") and len(node.args) > 1 else 0
            sources = node.args[position:] if name == "zip" else node.args[position : position + 1]
            items = [
                self.iterated(a, self.known(a)) for a in sources if not isinstance(a, ast.Starred)
            ]
            item = items[0] if items else UNKNOWN
            if name == "dict" and any(isinstance(o, Query) for o in options(first)):
                # dict() takes a Result for a mapping.
                self.record("listed", sources[0])
            if name == "zip":
                return ListOf(TupleOf(tuple(self.some(i) for i in items)))
            if item is None:
                return None
        match name:
            case "list" | "set" | "tuple" | "sorted" | "frozenset" | "iter" | "reversed":
                if not node.args:
                    # An empty container takes its type from what is put in.
                    return ListOf(EMPTY)
                return ListOf(self.some(item))
            case "filter":
                return ListOf(self.some(item))
            case "enumerate":
                return ListOf(TupleOf((OPAQUE, self.some(item))))
            case "max" | "min" | "next":
                rest = [v for v in values[1:] if not isinstance(v, Opaque)]
                return join_all([item, *rest])
            case "any" | "all" if node.args:
                # A query has run; its rows are asked for their truth, one after the other.
                self.special(node, item, "__bool__", "__len__", name="truth of an object")
                return OPAQUE
            case "map":
                if values[0] == External("builtins.dict") and isinstance(item, Row):
                    self.gone(node, "map(dict, ...) of rows")
                return ListOf(UNKNOWN)
            case "dict":
                if node.args and self.read_as_dict(node.args[0], first):
                    return DictOf(Opaque("str"), self.some(item))
                if values and isinstance(first, DictOf):
                    return join(first, self._dict_of_keywords(node, values))
                if isinstance(item, TupleOf) and len(item.items) == 2:
                    return DictOf(item.items[0], item.items[1])
                if not node.args:
                    return self._dict_of_keywords(node, values)
                return DictOf(UNKNOWN, UNKNOWN)
            case "str" | "repr" | "format" | "print":
                first_of = {"repr": ("__repr__",), "format": ("__format__",)}
                for value in values:
                    self.shown(node, value, *first_of.get(name, ()))
                return Opaque("str")
            case "vars" if not node.args and self.function is not None:
                return self.names_here(node)
            case "globals" | "vars" | "__import__":
                if name == "__import__":
                    self.state.mark("taken_modules", self.project.modules)
                else:
                    self.look_up(first if node.args else ModuleType(self.module.name))
                    self.given_by_name(first)
                return self.taken_from(first, UNKNOWN)
            case "locals" if self.function is not None:
                return self.names_here(node)
            case "eval" | "exec":
                if self.may_name_ours(node, values):
                    self.record("code", node)
                return UNKNOWN
            case "staticmethod" | "classmethod":
                return UNKNOWN if isinstance(node.args[0], ast.Lambda) else first
            case "super":
                return self.super_()
            case "getattr":
                return self.dynamic_attribute(node, first)
            case "setattr" | "hasattr" | "isinstance" | "len" | "id" | "bool" | "type":
                if name == "hasattr" or (name == "setattr" and holds_instance(first)):
                    self.named_attribute(node, first)
                if name == "hasattr" and self.may_load_by_name(node, first):
                    self.record("external", node, name="instance")
                if name == "setattr":
                    self.set_by_name(node, values)
                if name == "isinstance" and len(node.args) == 2:
                    self.class_asked(node.args[0], first, values[1])
                if name in ("len", "bool"):
                    self.special(node, first, f"__{name}__")
                kept = name == "setattr" and any(map(holds_query, values))
                asked = any(isinstance(o, Query) for v in values for o in options(v))
                if kept or (asked and name != "id"):
                    # A select is of another class, has no truth value and other attributes.
                    self.record("external", node, name="query")
                return self.class_of(node, values) if name == "type" else OPAQUE
        if any(holds_query(v) for v in values):
            self.record("external", node, name="query")
        if is_error(name):
            return Opaque(f"builtins.{name}")
        return OPAQUE if is_data(f"builtins.{name}") else UNKNOWN

    def _dict_of_keywords(self, node: ast.Call, values: list[Value]) -> Value:
        """What the keywords of `dict()` put into it."""
        given = zip(node.keywords, values[len(node.args) :], strict=True)
        return dict_of((keyword.arg, self.some(value)) for keyword, value in given)

    def names_here(self, node: ast.Call) -> DictOf:
        """`locals()`: all names of the function, as far as they have values."""
        made = dict_of((name, self.some(value)) for name, value in self.env.items())
        for name, value in self.env.items():
            if holds_query(value):
                self.query_lost(node, self.put_under(ast.Constant(name), value), made)
        return made

    def may_name_ours(self, node: ast.Call, values: list[Value]) -> bool:
        """Whether a text that is run as code may name what reaches the database."""
        text = node.args[0] if node.args else None
        if isinstance(text, ast.Constant) and isinstance(text.value, str | bytes):
            try:
                parts = walk(ast.parse(text.value))
            except (SyntaxError, ValueError):
                return False
            said = {getattr(n, "id", getattr(n, "attr", "")) for n in parts}
            return any(map(self.is_ours, said))
        # Namespaces of plain values, as in `eval(text, {})`, give the code nothing of ours.
        names = values[1:]
        return not names or not all(isinstance(n, DictOf) and not may_give(n.value) for n in names)

    def is_ours(self, name: str) -> bool:
        """Whether a function, a class, a session or what a mapped class loads has this name."""
        known = name in self.models.lazy_names or name in ("query", "session")
        named = self.state.read("named", name)
        return bool(known or named or any(c.name == name for c in self.project.classes.values()))

    def class_of(self, node: ast.Call, values: list[Value]) -> Value:
        """`type(self)`; or a class that is made."""
        if len(values) != 1:
            self.class_made(values[1] if values[1:] else UNKNOWN)
            return UNKNOWN
        # What has no name can't be said again, in a statement.
        text = written(node) if isinstance(node.args[0], ast.Name) else ""
        found = [class_behind(self.state, option, text) for option in options(values[0])]
        return join_all(found) if found else UNKNOWN

    def super_(self) -> Value:
        owner = self.function.owner if self.function is not None else None
        if owner is None:
            return UNKNOWN
        for base in self.project.mro(owner)[1:]:
            return instance_type(self.state, base)
        return OPAQUE
