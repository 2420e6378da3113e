"""Abstract evaluation of calls: of functions and classes of the repository, of what it imports, of methods."""

from __future__ import annotations

import ast

from migrator.index.session_classes import is_registry_class
from migrator.index.written import written
from migrator.queries import tables
from migrator.queries.connections import plainly
from migrator.queries.plain import within
from migrator.queries.types import (
    GIVEN,
    OPAQUE,
    UNKNOWN,
    Alias,
    ClassType,
    Column,
    Db,
    External,
    Function,
    ModelType,
    Object,
    Opaque,
    Query,
    Session,
    SessionFactory,
    Type,
    Unknown,
)
from migrator.types.builtin_names import may_have
from migrator.types.by_name import ANY_METHOD
from migrator.types.escapes import classes_in
from migrator.types.event_loops import APPLIES, applied
from migrator.types.externals import BY_NAMES
from migrator.types.lattice import Value, holds_instance, holds_query, join_all, options
from migrator.types.method_calls import MethodCalls
from migrator.types.recorder import EXPIRING
from migrator.types.session_calls import FETCHING
from migrator.types.state import UNSEEN

#: Decorators of functools that choose another function by the type of an argument.
_DISPATCHERS = frozenset({"singledispatch", "singledispatchmethod"})


class Calls(MethodCalls):
    """Adds calls to the evaluation of expressions: which of them a call is."""

    def call(self, node: ast.Call) -> Value:
        # Whichever of several things is called, its arguments are evaluated once: else a call inside
        # of a call inside of a call takes twice as long with each.
        result = self.with_arguments(node, {})
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        self.seen(node, name, result)
        if name in ("setattr", "delete") and node.args:
            self.subject(node, self.types.get(id(node.args[0]), UNKNOWN))
        return result

    def seen(self, node: ast.Call, name: str, result: Value) -> None:
        """Whether anything was found out about the call of what has a function's name, at last."""
        if result is not None:
            self.facts.facts.pop((id(node), f"blind{name}"), None)
        elif self.state.read("named", name) and all(fact.node is not node for fact in self.facts):
            self.record("blind", node, name=name)

    def evaluated(self, node: ast.Call) -> Value:
        """What the call gives, and what it does."""
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func)
        function = applied(node, self.typeof)
        if function is not None:
            self.step(node, APPLIES)
        self.callee = function or node.func
        callee = self.eval(self.callee)
        if callee is None:
            self.arguments(node)
            return None
        if self._by_methodcaller(node):
            return UNKNOWN
        data = self.data_of_connection(node, callee)
        if data != UNKNOWN:
            return data
        if isinstance(callee, Unknown):
            self.called_by_name(node.func)
        return self.taken_from(callee, join_all(self.called_one_of(node, callee) or [UNKNOWN]))

    def _by_methodcaller(self, node: ast.Call) -> bool:
        """Whether it is `methodcaller("commit")(session)`: a session's method that is called by its name."""
        match node:
            case ast.Call(func=ast.Call(func=maker, args=[name, *_]), args=[of]) if self.types.get(
                id(maker)
            ) == External("operator.methodcaller"):
                if not any(isinstance(o, Session) for o in options(self.eval(of))):
                    return False
                self.record("step", node, step=ANY_METHOD)
                if getattr(name, "value", "commit") in EXPIRING:
                    self.expire()
                return True
        return False

    def _asked_by_names(self, node: ast.Call) -> Value:
        """What `methodcaller("commit")` and its kin made, kept somewhere, is called with an object."""
        values = self.arguments(node)
        self.reference(node)
        found = [option for value in values for option in options(value)]
        callees = tuple(self.called_on({k for v in values for k in classes_in(v)}, node.func))
        if any(isinstance(option, Session) for option in found):
            self.record("step", node, step=ANY_METHOD)
            self.expire()
        elif any(holds_instance(v) or holds_query(v) for v in values):
            self.handed_over(node, values)
        elif callees:
            self.record("external", node, callees=callees, name="instance")
        elif any(isinstance(option, Unknown) for option in found):
            self.record("unresolved", node, name="()")
        return UNKNOWN

    def _method(self, node: ast.Call, func: ast.Attribute) -> Value:
        """The call of a method, by each thing that has it."""
        if func.attr == "_get_current_object" and self.is_current_user(func.value):
            # What the native form gives is no proxy.
            return self.current_user(node) or UNKNOWN
        is_asked = node is self.owner
        self.owner = func.value
        if func.attr in tables.ON_CONNECTION:
            self.connecting = func.value
        if func.attr in FETCHING or id(node) in self.fetching:
            # As long as it is a query, it is this expression's alone.
            self.fetching.add(id(func.value))
        if func.attr == "exists":
            self.existing.add(id(func.value))
        owner = self.eval(func.value)
        if owner is None or self.is_none_yet(owner):
            self.arguments(node)
            return None
        self.method_by_name(node, func, owner)
        if any(isinstance(o, Query | Session) for o in options(owner)):
            # A method that is called at once is not read as a value.
            self.types[id(func)] = UNKNOWN
        several = options(owner)
        results = self.alternatives(
            node,
            several,
            lambda option: self.connecting_call(
                node,
                option,
                func.attr,
                self.method_call(node, func, plainly(option), alone=len(several) == 1),
            ),
        )
        if func.attr == "session" and not is_asked and any(isinstance(o, Db) for o in several):
            self.record("at_hand", node)
        if (id(node), "call") in self.facts.facts and (
            id(node) in self.not_ours or any(may_have(func.attr, o) for o in several)
        ):
            # An object that is none of ours has a method of that name, too.
            self.record("unresolved", node, name=func.attr)
        found = join_all(results) if results else self.plain(node)
        return self.taken_from(owner, found)

    def is_dispatcher(self, callee: Function) -> bool:
        """Whether calling it calls whichever function was registered for its first argument."""
        info = self.state.function(callee.key)
        return info is not None and any(
            name.rpartition(".")[2] in _DISPATCHERS for name in info.decorators()
        )

    def called(self, node: ast.Call, callee: Type) -> Value:
        match callee:
            case Function() if not self.is_dispatcher(callee):
                return self.function_call(node, callee)
            case ClassType(key) | ModelType(key):
                return self.construct(node, key)
            case Alias():
                return self.plain(node)
            case Session():
                # `scoped_session()` gives the session of this scope.
                self.arguments(node)
                return callee if callee.name or callee.scoped else Session(written(node))
            case SessionFactory(gives=gives):
                self.arguments(node)
                return gives or Session(written(node))
            case External(name):
                return self.external_call(node, name)
            case Object(key):
                cls = self.project.classes.get(key)
                if cls is not None and is_registry_class(self.project, cls):
                    self.arguments(node)
                    return Session(written(node), GIVEN)
                method = self.project.method(cls, "__call__") if cls else None
                if method is not None:
                    return self.function_call(node, Function(method.key, True, callee))
                return self.plain(node)
            case Query():
                return self.plain(node)
            case Opaque(maker) if maker in BY_NAMES:
                return self._asked_by_names(node)
            case Function() | Unknown() | Opaque("<empty>" | "<hiding>"):
                values = self.arguments(node)
                self.reference(node)
                self.record("unresolved", node, name="()")
                if isinstance(callee, Unknown) and callee.stale:
                    # `partial(show, order)`: what it holds has expired, and it reads it.
                    self.record("external", node, name="instance")
                self.given_unseen(node, UNSEEN)
                if any(map(holds_query, values)):
                    self.handed_over(node, values)
                return UNKNOWN
        values = self.arguments(node)
        if any(holds_instance(v) or holds_query(v) for v in values):
            self.handed_over(node, values)
            return UNKNOWN
        if isinstance(callee, Opaque):
            return within(callee)
        return OPAQUE if not isinstance(callee, Column) else Column()
