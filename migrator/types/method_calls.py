"""Abstract evaluation of calls of methods: into the tables for queries, into the repository's own, or unknown."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.index.names import is_special
from migrator.index.written import written
from migrator.queries import tables
from migrator.queries.expressions import column_call
from migrator.queries.plain import is_put_there, parsed, within
from migrator.queries.types import (
    NONE,
    OPAQUE,
    UNKNOWN,
    Alias,
    ClassType,
    Column,
    Db,
    DictOf,
    External,
    Function,
    Instance,
    ListOf,
    ModelType,
    Object,
    Opaque,
    Pagination,
    Query,
    RelationshipAttribute,
    Result,
    Row,
    Select,
    Selectable,
    Session,
    SessionFactory,
    TupleOf,
    Type,
    Unknown,
)
from migrator.types.builtin_names import OF_CONTAINERS
from migrator.types.connections import Connections
from migrator.types.event_loops import RUN_UNTIL_COMPLETE, coroutine_of
from migrator.types.lattice import (
    Value,
    holds_instance,
    holds_query,
    join_all,
    options,
)
from migrator.types.recorder import EXPIRING
from migrator.types.repositories import repository_step
from migrator.types.session_calls import (
    AWAITED,
    EXECUTING,
    FETCHING,
    NO_SESSION,
    QUERY_METHODS,
    UNKNOWN_SESSION,
    asks_outside,
    asks_query,
    is_entity,
    is_query_of,
    is_sync_side,
    is_transaction,
    looks_like_session,
    queries_surely,
)
from migrator.types.session_methods import SCHEMA_METHODS

#: What a session is asked for, of unknown type or not, that runs a query.
_RUNNING = EXECUTING | {"get"}
#: What `type` has for every class.
_OF_CLASSES = frozenset({"mro", "__subclasses__"})
#: What hardly anything but a session's `query()` is given.
_SELECTED = (ModelType, Alias, Column, RelationshipAttribute)
#: Methods by which a signal calls its receivers.
_SENDING = frozenset({"send", "send_robust"})
#: What a column is asked that looks for it among the rows of a subquery, whatever their name.
_AMONG = frozenset({"in_", "not_in", "notin_"})


class MethodCalls(Connections):
    """Adds calls of methods to the evaluation of expressions."""

    def method_call(
        self, node: ast.Call, func: ast.Attribute, owner: Type, *, alone: bool = True
    ) -> Value:
        """The call of a method of `owner`, which is `alone` where it can be nothing else."""
        name = func.attr
        outside = isinstance(owner, Unknown | Opaque | External)
        if outside and name == RUN_UNTIL_COMPLETE and (coroutine := coroutine_of(node)) is not None:
            return self.loop_run(node, coroutine)
        sends = name in _SENDING and outside
        if sends and (receivers := self.state.all_receivers()):
            # Which signal it is, nobody says: it calls whatever listens.
            self.record("external", node, callees=receivers, name="signal")
            self.arguments(node)
            self.reference(node)
            return UNKNOWN
        if outside and name in SCHEMA_METHODS:
            # What makes the tables: a MetaData, or whatever the repository's `db` hangs on.
            self.arguments(node)
            self.record("external", node, name="schema")
            return UNKNOWN
        above = self.above(func)
        if above and self.replaced_above(name):
            return self.called(node, UNKNOWN)
        if above:
            return self.function_call(node, Function(above[0].key, True, self.own()), above)
        removed = tables.engine_step(owner, name)
        if removed is not None:
            self.arguments(node)
            return self.step(node, removed)
        match owner:
            case Query():
                return self.query_call(node, func, owner)
            case Session():
                # A registry that a property or a function gives is spelled as it is met.
                spelled = owner if owner.text else replace(owner, text=written(func.value))
                return self.session_call(node, spelled, name)
            case SessionFactory():
                return self.factory_call(node, name)
            case Db(key=key) if self.is_own(key, name):
                return self.method_call(node, func, Object(key), alone=alone)
            case Object(key) if extension := self.extension(key, name, written(func.value)):
                return self.db_call(node, func, extension, name)
            case Db():
                return self.db_call(node, func, owner, name)
            case Select():
                self.arguments(node)
                return self.step(node, tables.select_step(owner, name, node, self.typeof))
            case Result():
                self.arguments(node)
                return self.step(node, tables.result_step(owner, name, node))
            case Pagination():
                self.arguments(node)
                if name == "iter_pages":
                    return ListOf(OPAQUE)
                return self.step(node, tables.pagination_attribute(owner, name))
            case Row():
                self.arguments(node)
                return self.step(node, tables.row_call(owner, name))
            case ListOf() | DictOf() | TupleOf():
                if name in OF_CONTAINERS:
                    return self.container_call(node, func, owner, name)
                # It is something else than it was taken for: a named tuple, an object of a class.
                return self.method_call(node, func, UNKNOWN)
            case Column() | RelationshipAttribute():
                if name in _AMONG:
                    self.among.update(id(argument) for argument in node.args)
                self.arguments(node)
                return column_call(owner, name, node)
            case Alias():
                self.arguments(node)
                return Column(written(node))
            case Selectable():
                self.arguments(node)
                if name in ("delete", "insert", "update") and (node.args or node.keywords):
                    self.gone(node, f"{name}() of a table with arguments")
                return owner if name in ("alias", "lateral", "join", "outerjoin") else Column()
            case tables.CONNECTION:
                self.arguments(node)
                name = "exec_driver_sql" if self.by_the_driver(node, name) else name
                return self.step(node, tables.on_connection(name, node, self.typeof))
            case tables.KEPT_TRANSACTION:
                self.arguments(node)
                return self.step(node, tables.kept_transaction())
            case tables.TRANSACTION:
                self.arguments(node)
                return self.step(node, tables.transaction_step(name))
            case Unknown() | Opaque("<empty>"):
                return self._of_unknown(node, func)
            case ModelType() | Instance() if of_base := self.from_base(node, owner, name):
                self.arguments(node)
                return self.step(node, of_base)
            case ClassType(key) | ModelType(key) if self.lists_classes(key, name):
                self.arguments(node)
                return ListOf(UNKNOWN)
            case ClassType(key) if name == "as_view" and (view := self.view_class(key)):
                return self.view_made(node, view)
            case ClassType(key) if self.has_from_elsewhere(key, name):
                if name == "as_view":
                    # An extension's view class: its `as_view` makes a view, and calls nothing yet.
                    return self.view_made(node, self.project.classes[key])
                return self.inherited_call(node, owner, name)
            case _ if self.is_nobodys(owner, name):
                self.arguments(node)
                return None
            case Opaque() if self.is_super(func.value):
                return self.inherited_call(node, owner, name)
            case Opaque() if is_put_there(owner, name):
                return self.called(node, UNKNOWN)
            case Opaque():
                return self._of_opaque(node, func, owner)
        return self._of_a_member(node, func, owner, alone)

    def _of_unknown(self, node: ast.Call, func: ast.Attribute) -> Value:
        """The call of a method of what nothing is known of: a session's, a query's, anybody's."""
        name = func.attr
        self.callee = func
        # A receiver is evaluated once, or a chain of calls takes twice as long with each.
        self.settled(func, self.attribute_of(func, self.known(func.value)))
        values = self.arguments(node)
        for value in values:
            self.put_into(func.value, value)
        if any(map(holds_query, values)):
            # Whatever it does with a query (iterate it, say), it asks for what a query has.
            self.handed_over(node, values)
        if is_special(name):
            return UNKNOWN
        queries = name == "query" and self.queries_model(node, values)
        if queries and not is_sync_side(func.value):
            self.record("step", node, step=NO_SESSION)
            if not self.state.read("named", name):
                return UNKNOWN
        self.reference(node)
        self.unseen_target(node)
        self.flow_unseen(name)
        self.given_unseen(node, name)
        if is_transaction(func):
            self.record("step", node, step=UNKNOWN_SESSION)
            return UNKNOWN
        if name in QUERY_METHODS and is_query_of(func.value):
            self._query_of_others(node, name)
            return UNKNOWN
        code = self.function.nodes if self.function is not None else ()
        session = looks_like_session(node, func, values, code)
        runs = session and name in _RUNNING and self.function is not None
        self.record("unresolved", node, name=name, io=session, site=runs)
        if session and name in EXPIRING:
            self.expire()
        return UNKNOWN

    def _query_of_others(self, node: ast.Call, name: str) -> None:
        """The query of a class that an extension has mapped, or another distribution: it works in the bridge."""
        if name in FETCHING or id(node) not in self.fetching:
            site = queries_surely(node)
            self.record(
                "external", node, site=site, name="fetched" if name in FETCHING else "query"
            )

    def _of_opaque(self, node: ast.Call, func: ast.Attribute, owner: Opaque) -> Value:
        """The call of a method of what is none of ours."""
        name = func.attr
        values = self.arguments(node)
        self.reference(node)
        self.unseen_target(node)
        if name == "__init__":
            return NONE
        if asks_outside(node, func, values):
            self.record("outside", node, site=True, name=owner.name)
            return UNKNOWN
        if any(holds_instance(v) or holds_query(v) for v in values):
            self.handed_over(node, values)
            return UNKNOWN
        if self.state.waiting.method(owner.name, name):
            self.record("blocks", node, name=f"{owner.name}.{name}")
        part = self.state.waiting.part(owner.name, name, called=True)
        return Opaque(part) if part else parsed(owner, name) or within(owner)

    def _of_a_member(self, node: ast.Call, func: ast.Attribute, owner: Type, alone: bool) -> Value:
        """The call of what the repository's classes and objects have by that name."""
        name = func.attr
        self.one_of_several, self.mixed = not alone, not isinstance(owner, Instance)
        if isinstance(owner, Object) and self.is_sessions_own(owner, name):
            return self.inherited_call(node, owner, name)
        callee = self.member(func, owner)
        self.one_of_several = self.mixed = False
        if isinstance(callee, Column) and self._is_called_unseen(owner, name, callee):
            given = [*map(self.known, node.args), *(self.known(k.value) for k in node.keywords)]
            if not any(map(holds_instance, given)):
                return self._of_unknown(node, func)
            self.called_one_of(node, callee)  # it may load what it is handed
            return UNKNOWN
        if isinstance(owner, Object) and isinstance(callee, Unknown | None):
            step = repository_step(self, owner, name, node)
            if step is not None:
                self.arguments(node)
                return self.step(node, step)
        if isinstance(owner, Object | Instance) and isinstance(callee, Unknown):
            if (name == "query" or name in AWAITED) and self.passes_on(owner, name):
                # Whatever else may be found so, it may be a session's.
                self.record("unresolved", node, name="()")
                return self.method_call(node, func, UNKNOWN)
            return self.inherited_call(node, owner, name)
        if name == "get_id" and callee == OPAQUE and isinstance(owner, Instance) and owner.stale:
            # Flask-Login's reads the primary key.
            self.record("external", node, name="instance")
        if callee is None:
            self.arguments(node)
            return None
        ours = any(isinstance(o, Function) for o in options(callee))
        if isinstance(owner, Object) and not (alone or ours):
            self.not_ours.add(id(node))
        results = self.called_one_of(node, callee)
        if isinstance(owner, External) and asks_outside(node, func, [*map(self.known, node.args)]):
            self.record("outside", node, site=True, name=owner.dotted)
        elif isinstance(owner, External) and name in QUERY_METHODS and asks_query(owner):
            self._query_of_others(node, name)
            return UNKNOWN
        return join_all(results) if results else self.plain(node)

    def _is_called_unseen(self, owner: Type, name: str, found: Column) -> bool:
        """Whether a class is asked for a method that it is not seen to have: a base's from elsewhere, or put there.

        No column is called.
        """
        if not isinstance(owner, ModelType) or not found.unseen:
            return False
        cls = self.project.classes.get(owner.key)
        return cls is None or self.project.method(cls, name) is None

    def called_one_of(self, node: ast.Call, callee: Type) -> list[Value]:
        """What the call gives by each thing that may be called."""
        several = options(callee)
        self.expired_before.pop(id(node), None)
        results = [self.called(node, option) for option in several]
        if len(several) > 1 and len({isinstance(o, Function) for o in several if o != NONE}) > 1:
            # One of them is no function of ours: only the call itself can tell what it gives. (A
            # call of None is an error, whatever stands before it.)
            self.record("unresolved", node, name="()")
        return results

    def given_unseen(self, node: ast.Call, name: str) -> None:
        """Whatever is called here, of that name, gets what is handed over."""
        if not any(isinstance(a, ast.Starred) for a in node.args):
            for index, value in enumerate(map(self.known, node.args)):
                self.state.flow_unseen(name, len(node.args), index, value)

    def lists_classes(self, key: str, name: str) -> bool:
        """Whether it is a method that Python gives to every class, and that class has as it is."""
        cls = self.project.classes.get(key)
        if cls is None or name not in _OF_CLASSES or self.project.method(cls, name) is not None:
            return False
        meta = self.project.metaclass(cls)
        return meta is None or self.project.method(meta, name) is None

    def queries_model(self, node: ast.Call, values: list[Value]) -> bool:
        """Whether a mapped class or columns are queried, or may be, on whatever receiver."""
        given = [self.known(a) for a in node.args]
        if any(isinstance(v, _SELECTED) or is_entity(v) for v in given):
            return True
        # A session's query() takes no keywords, and no text.
        return bool(values) and not node.keywords and all(isinstance(v, Unknown) for v in values)
