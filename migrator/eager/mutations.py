"""Which mapped classes a piece of code may write: an upper bound, from names and what is typed.

An eager load shows the state at the query, a lazy load that at the access. The two are the same
where nothing in between writes what the relationship shows.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable
from functools import cached_property

from migrator.frozen import frozen
from migrator.index.model import Model
from migrator.index.signature import parameters
from migrator.index.walk import in_order, walk
from migrator.queries.types import (
    ClassType,
    DictOf,
    External,
    Instance,
    ListOf,
    ModelType,
    Object,
    Opaque,
    TupleOf,
    Unknown,
)
from migrator.types.lattice import options
from migrator.types.state import State

_MUTATORS = frozenset(
    {"append", "extend", "insert", "remove", "pop", "clear", "add", "add_all", "discard", "update",
     "setdefault", "popitem", "sort", "reverse"}
)  # fmt: skip
#: Calls that may write anything, whatever they are called on.
_ANYTHING = frozenset(
    {"populate_obj", "merge", "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings",
     "set_attribute", "set_committed_value", "executescript", "flag_modified"}
)  # fmt: skip
_DML = frozenset({"insert", "update", "delete"})
_BUILTIN = frozenset(dir(builtins))
_RAW = frozenset({"execute", "executemany", "exec_driver_sql"})
#: What SQL begins with that writes nothing.
_READS = frozenset({"select", "pragma", "show", "explain", "set", "values"})


@frozen
class Written:
    """Keys of the models that may be written; `anything` names the place of what can't be bounded."""

    models: frozenset[str] = frozenset()
    anything: str = ""

    def __or__(self, other: Written) -> Written:
        return Written(self.models | other.models, self.anything or other.anything)


class Mutations:
    """What each function of a project may write, its callees not counted."""

    def __init__(self, state: State) -> None:
        self.state = state
        #: The models that have an attribute of a name; "" stands for any.
        self.by_attribute: dict[str, set[str]] = {}
        #: The models at both ends of the collections of a name.
        self.collections: dict[str, set[str]] = {}
        for model in state.models.by_key.values():
            for name in (*model.columns, *model.deferred, *model.others):
                self.by_attribute.setdefault(name, set()).add(model.key)
            for name, relationship in model.relationships.items():
                ends = {model.key, relationship.target}
                self.by_attribute.setdefault(name, set()).update(ends)
                if relationship.uselist:
                    self.collections.setdefault(name, set()).update(ends)
            for name in model.proxies:
                self.by_attribute.setdefault(name, set()).add("")
        self.functions = {f.name for f in state.project.functions.values() if f.owner is None}
        self._known: dict[str, Written] = {}
        self._around: dict[str, _Around] = {}

    @cached_property
    def handed(self) -> set[str]:
        """Attributes that are handed over as they are, anywhere."""
        return {
            argument.attr
            for function in self.state.project.functions.values()
            # The nodes of a function inside are its own as well.
            for call in (function.nodes if function.parent is None else ())
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") not in _BUILTIN
            for argument in (*call.args, *(k.value for k in call.keywords))
            if isinstance(argument, ast.Attribute)
        }

    def of(self, key: str, node: ast.AST) -> Written:
        """What the code of `key` may write itself."""
        if key not in self._known:
            self._known[key] = self.in_part(key, in_order(node))
        return self._known[key]

    def in_part(self, key: str, nodes: Iterable[ast.AST]) -> Written:
        """What these nodes of the code of `key` may write themselves."""
        if key not in self._around:
            self._around[key] = _Around(self.state, key)
        found = _Reader(self, key, self._around[key])
        for inner in nodes:
            if isinstance(inner, ast.Call):
                found.call(inner)
            elif isinstance(inner, ast.Attribute):
                found.stored(inner)
            elif isinstance(inner, ast.Subscript):
                found.item(inner)
        return Written(frozenset(found.models), found.anything)


class _Around:
    """What the nodes of a function are read by."""

    def __init__(self, state: State, key: str) -> None:
        info = state.project.functions.get(key)
        facts = state.facts.get(key)
        self.info = info
        #: Calls of the project's own functions: what those write is theirs.
        self.resolved = {id(f.node) for f in facts or () if f.kind == "call" and f.name == ""}
        self.local = set(facts.environment) if facts is not None else set()
        self.own = ""  # the `self` of a class that is not mapped
        if info is not None and info.owner is not None:
            mapped = info.owner.key in state.models.by_key or info.owner.key in state.models.mixins
            names = parameters(info.node.args)
            if not mapped and names and "staticmethod" not in info.decorators():
                self.own = names[0].arg
        self.subjects = facts.subjects if facts is not None else {}
        self.facts = {
            id(f.node): f
            for f in facts or ()
            if f.kind in ("step", "unresolved") and isinstance(f.node, ast.Call)
        }


class _Reader:
    def __init__(self, known: Mutations, key: str, around: _Around) -> None:
        self.known = known
        self.state = known.state
        self.key = key
        self.around = around
        self.models: set[str] = set()
        self.anything = ""

    def unbounded(self, what: str) -> None:
        self.anything = self.anything or f"{what} in {self.key.partition(':')[2]}"

    def attribute(self, name: str) -> None:
        for key in self.known.by_attribute.get(name, ()):
            if not key:
                self.unbounded(name)
            self.models.add(key)

    def _instances(self, node: ast.AST) -> list[Model] | None:
        """The classes of what is written to at `node`; None where they are not all known."""
        if id(node) not in self.around.subjects:
            return None
        found = []
        for option in options(self.around.subjects[id(node)]):
            if isinstance(option, Instance):
                model = self.state.models.by_key.get(option.key)
                if model is None:
                    return None
                found.append(model)
            elif isinstance(option, Unknown | Opaque):
                # What is called opaque may be an object that was lost sight of.
                return None
        return found

    # -- assignments -----------------------------------------------------------------------

    def stored(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Store | ast.Del) and not self._is_own(node.value):
            models = self._instances(node)
            if models is None:
                self.attribute(node.attr)
            else:
                self._assigned(models, node.attr)

    def item(self, node: ast.Subscript) -> None:
        owner, written = node.value, isinstance(node.ctx, ast.Store | ast.Del)
        if written and isinstance(owner, ast.Attribute) and not self._is_own(owner.value):
            self.attribute(owner.attr)

    def _is_own(self, node: ast.expr) -> bool:
        return bool(self.around.own) and isinstance(node, ast.Name) and node.id == self.around.own

    def _assigned(self, models: list[Model], name: str) -> None:
        for model in models:
            self.models.add(model.key)
            relationship = model.relationships.get(name)
            if relationship is not None:
                self.models.add(relationship.target)
            elif name in model.proxies:
                self.unbounded(name)

    def _whole(self, node: ast.Call, what: str) -> None:
        """Any attribute of the object may be written, and so what its relationships lead to."""
        models = self._instances(node)
        if models is None:
            return self.unbounded(what)
        for model in models:
            self.models.add(model.key)
            self.models.update(r.target for r in model.relationships.values())
            if model.proxies:
                self.unbounded(what)
        return None

    # -- calls -----------------------------------------------------------------------------

    def call(self, node: ast.Call) -> None:
        match node.func:
            case ast.Name(id="setattr") | ast.Attribute(attr="__setattr__"):
                name = node.args[1] if len(node.args) > 1 else None
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    self.attribute(name.value)
                elif node.args and not self._is_own(node.args[0]):
                    self._whole(node, "setattr()")
            case ast.Name(id=name) | ast.Attribute(attr=name):
                if id(node) not in self.around.resolved:
                    self._called(node, name)
            case _:
                pass

    def _called(self, node: ast.Call, name: str) -> None:
        made = self.state.models.by_name.get(name, ())
        for model in made:
            self._makes(model, node)
        if name in _ANYTHING:
            self.unbounded(f"{name}()")
        elif name in _DML:
            self._dml(node, name)
        elif name == "text":
            self._text(node)
        elif name in _RAW:
            self._execute(node, name)
        elif isinstance(node.func, ast.Name) and not made:
            self._made_of_parameter(name)
        if isinstance(node.func, ast.Attribute) and name in _MUTATORS:
            owner = node.func.value
            if isinstance(owner, ast.Attribute) and not self._is_own(owner.value):
                self.attribute(owner.attr)
            elif isinstance(owner, ast.Name):
                self._alias(owner)

    def _makes(self, model: Model, node: ast.Call) -> None:
        self.models.add(model.key)
        for keyword in node.keywords:
            relationship = model.relationships.get(keyword.arg or "")
            if relationship is not None:
                self.models.add(relationship.target)
            if keyword.arg in model.proxies:
                self.unbounded(str(keyword.arg))

    def _made_of_parameter(self, name: str) -> None:
        """`cls(**values)`: an object of whatever class the parameter holds."""
        value = self.state.params.get((self.key, name))
        for option in options(value):
            if isinstance(option, ModelType):
                self.models.add(option.key)
            elif isinstance(option, Unknown | ClassType):
                self.unbounded(f"{name}()")

    def _dml(self, node: ast.Call, name: str) -> None:
        """`delete(Order)`, `query.update(...)`, `table.insert()`; not `a_list.insert(0, x)`."""
        fact = self.around.facts.get(id(node))
        if isinstance(node.func, ast.Name):
            target = node.args[0] if node.args else None
            last = getattr(target, "id", getattr(target, "attr", ""))
            named = self.state.models.by_name.get(str(last), ())
            self.models.update(m.key for m in named)
            if not named and name not in self.known.functions:
                self.unbounded(f"{name}()")
        elif name == "delete" and node.args:
            # What a delete cascades to may cascade in turn.
            self._deleted(node)
        elif fact is not None or not (node.args or node.keywords):
            self._bulk(node, name)

    def _deleted(self, node: ast.Call) -> None:
        """The object, and all that a delete of it may cascade to."""
        models = self._instances(node)
        if models is None:
            return self.unbounded("delete()")
        waiting = [*models]
        while waiting:
            model = waiting.pop()
            self.models.add(model.key)
            for relationship in model.relationships.values():
                target = self.state.models.by_key.get(relationship.target)
                if relationship.uselist and target is not None and target.key not in self.models:
                    waiting.append(target)
        return None

    def _bulk(self, node: ast.Call, name: str) -> None:
        """`query.update(...)`: of the one class that the query is over."""
        facts = self.state.facts.get(self.key)
        method, queries = facts.fetched.get(id(node), ("", set())) if facts else ("", set())
        keys = {q.selects[0].key for q in queries if q.single_entity and q.selects[0].key}
        if method == name and keys and len(keys) == len(queries):
            self.models |= keys
        else:
            self.unbounded(f"{name}()")

    def _text(self, node: ast.Call) -> None:
        if not _reads(node):
            self.unbounded("text()")

    def _execute(self, node: ast.Call, name: str) -> None:
        """SQL as a text; a statement that a session executes counts where it is made."""
        first = node.args[0] if node.args else None
        statement = isinstance(first, ast.Call) or (
            isinstance(first, ast.Name) and first.id in self.around.local
        )
        if not _reads(node) and not (id(node) in self.around.facts and statement):
            self.unbounded(f"{name}()")

    def _alias(self, owner: ast.Name) -> None:
        """A variable that may hold a relationship's collection."""
        if self.around.info is None or self._is_plain(owner.id):
            return
        for inner in self.around.info.nodes:
            if isinstance(inner, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == owner.id for t in inner.targets
            ):
                for part in walk(inner.value):
                    if isinstance(part, ast.Attribute):
                        self._collection(part.attr)
        if any(p.arg == owner.id for p in parameters(self.around.info.node.args)):
            for name in self.known.handed:
                self._collection(name)

    def _is_plain(self, name: str) -> bool:
        """Whether a variable is known to hold nothing that belongs to an object."""
        known = self.state.facts[self.key].environment.get(name) if self.around.local else None
        found = options(known)
        return bool(found) and all(
            isinstance(o, DictOf | Object | External)
            or (isinstance(o, Opaque) and o.name != "<empty>")
            or (isinstance(o, ListOf) and isinstance(o.item, Opaque | DictOf | TupleOf | ListOf))
            for o in found
        )

    def _collection(self, name: str) -> None:
        self.models |= self.known.collections.get(name, set())


def _reads(node: ast.Call) -> bool:
    """Whether the first argument is a text of SQL that writes nothing."""
    first = node.args[0] if node.args else None
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
        return False
    words = first.value.split(maxsplit=1)
    return bool(words) and words[0].lower() in _READS
