"""What gets the items of a sort, a filter or a map, where it is no function that we can follow."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import dotted, last_name
from migrator.queries import tables
from migrator.queries.join import item_type
from migrator.queries.types import External, Instance, Object, Opaque, Query, Type, Unknown
from migrator.types.binding import Binding
from migrator.types.escapes import ANY_FUNCTION, ANY_KEY_FUNCTION, classes_in
from migrator.types.lattice import Value, holds_instance, options

#: Calls whose first argument is the function that they call.
_FUNCTION_FIRST = frozenset({"map", "filter", "reduce", "starmap", "takewhile", "dropwhile"})
#: Functions that read nothing of an object.
_CALM = frozenset({"builtins.bool", "builtins.id", "builtins.type", "builtins.callable"})
#: What reads the attributes, or calls the methods, that it is given the names of.
_BY_NAME = frozenset({"operator.attrgetter", "operator.methodcaller"})
_PLAIN = frozenset({"operator.itemgetter"})
#: What calls its `target` later, in a thread or a process.
_STARTERS = frozenset({"Thread", "Timer", "Process"})
_TARGETS = frozenset({"target", "function"})
#: Methods and functions of modules that call an argument later, by its position.
_TAKERS = {
    "Thread": 1, "Process": 1, "Timer": 1, "submit": 0, "run_in_executor": 1, "map": 0,
    "add_done_callback": 0,
}  # fmt: skip


class Callbacks(Binding):
    """Adds functions that others call on the items that they were given."""

    def unseen_callback(self, node: ast.Call, values: list[Value], item: Value = None) -> None:
        """`map(methodcaller("total"), customers)`: what gets the items is no function of ours.

        `item` is one of those that are not among the arguments.
        """
        given = [*node.args, *(k.value for k in node.keywords)]
        keys = {id(k.value) for k in node.keywords if k.arg in ("key", "function")}
        first = node.args[0] if node.args and not isinstance(node.func, ast.Attribute) else None
        if dotted(node.func).rpartition(".")[2] in _FUNCTION_FIRST and first is not None:
            keys.add(id(first))
        unseen = (a for a, v in zip(given, values, strict=True) if isinstance(v, Unknown))
        for argument in unseen:
            made = isinstance(argument, ast.Lambda) or self.is_made_outside(argument)
            if id(argument) in keys and not made:
                self.record("reference", argument, name=ANY_KEY_FUNCTION)
        items = [item, *(v for a, v in zip(given, values, strict=True) if id(a) not in keys)]
        items = [item_type(v) if isinstance(v, Query) else v for v in items]
        mapped = any(map(holds_instance, items))
        classes = {key for value in items for key in classes_in(value)}
        if not mapped and not classes:
            return
        for argument, value in zip(given, values, strict=True):
            if id(argument) not in keys or isinstance(argument, ast.Lambda | ast.Constant):
                continue
            if not any(map(_may_read, options(value))):
                continue
            if mapped and self._reads_columns(argument, items):
                continue
            callees = () if mapped else tuple(self.called_on(classes, argument))
            if mapped or callees:
                runner = self.runner(node)
                name = "instance" if runner is not None else "kept callback"
                self.record("external", runner or node, callees=callees, name=name)

    def unseen_target(self, node: ast.Call) -> None:
        """`Thread(target=f)`, `pool.submit(f)`: a callable of unknown type, which somebody calls plainly."""
        name = last_name(node.func)
        given = [k.value for k in node.keywords if k.arg in _TARGETS and name in _STARTERS]
        if name in _TAKERS and isinstance(node.func, ast.Attribute):
            given += node.args[_TAKERS[name] :][:1]
        for argument in given:
            made = isinstance(argument, ast.Lambda | ast.Starred) or self.is_made_outside(argument)
            if isinstance(self.known(argument), Unknown) and not made:
                self.record("reference", argument, name=ANY_FUNCTION)

    def is_made_outside(self, argument: ast.expr) -> bool:
        """Whether it is a callable of another distribution's making: `itemgetter(0)`."""
        maker = self.typeof(argument.func) if isinstance(argument, ast.Call) else None
        return isinstance(maker, External) and maker != External("builtins.getattr")

    def _reads_columns(self, argument: ast.expr, items: list[Value]) -> bool:
        """Whether it is `attrgetter("name")` of columns that all items have at hand."""
        made = isinstance(argument, ast.Call) and self.typeof(argument.func)
        names = self._names_read(argument) if made == External("operator.attrgetter") else None
        if not names:
            return False
        lists = (o for item in items if holds_instance(item) for o in options(item))
        owners = (o for listed in lists for o in options(item_type(listed)))
        return all(isinstance(owner, Instance) and self._has(owner, names) for owner in owners)

    def _has(self, owner: Instance, columns: frozenset[str]) -> bool:
        model = self.models.by_key.get(owner.key)
        if model is None or owner.stale or owner.partial:
            return False
        return columns <= model.columns - {*model.deferred}

    def called_on(self, classes: set[str], argument: ast.expr) -> Iterator[str]:
        """The methods and properties that a callback may call on objects of these classes."""
        names = self._names_read(argument)
        for key in sorted(classes):
            cls = self.project.classes.get(key)
            family = (*self.project.mro(cls), *self.project.subclasses(cls)) if cls else ()
            for method in (m for c in family for m in c.methods.values()):
                if names is None or method.name in names:
                    yield method.key

    def _names_read(self, argument: ast.expr) -> frozenset[str] | None:
        """The names that `attrgetter()` and its kin were made with; None for another callable."""
        if not isinstance(argument, ast.Call):
            return None
        maker: Type = self.typeof(argument.func)
        if not isinstance(maker, External):
            return None
        if maker.dotted in _PLAIN:
            return frozenset({"__getitem__"})
        texts = [a.value for a in argument.args if isinstance(a, ast.Constant)]
        if maker.dotted not in _BY_NAME or len(texts) < len(argument.args):
            return None
        return frozenset(part for text in texts for part in str(text).split("."))


def _may_read(callback: Type) -> bool:
    """Whether what gets the items may read their attributes, and is no function of the repository."""
    if callback == tables.MAPPED or (isinstance(callback, External) and callback.dotted in _CALM):
        return False
    return isinstance(callback, Unknown | Opaque | External | Object)
