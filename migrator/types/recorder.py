"""What every layer of the evaluation shares: the environment, and the recording of facts."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self, TypeAlias

from migrator.frozen import frozen
from migrator.index.definitions import ClassInfo, FunctionInfo, Module
from migrator.index.written import written
from migrator.queries.step import Action, Step
from migrator.queries.terminals import nameless
from migrator.queries.types import (
    EMPTY,
    NONE,
    NOWHERE,
    UNKNOWN,
    Function,
    ListOf,
    ModuleType,
    Opaque,
    Session,
    Type,
    Union,
)
from migrator.types.escapes import AROUND_METHODS, COPIES_NAMES
from migrator.types.facts import Fact, FunctionFacts, Kind
from migrator.types.lattice import (
    Value,
    join,
    join_all,
    options,
    stale,
)
from migrator.types.state import State

#: Values of arguments by their ids, and by what a lambda gets.
Argued: TypeAlias = dict[tuple[int, Value], Value]
#: What the names are, and whether something was committed.
Known: TypeAlias = tuple[dict[str, Value], bool]
#: Effects after which instances at hand may hold expired attributes.
EXPIRING = frozenset({"commit", "rollback", "expire", "bulk"})
#: What is more than a value where an expression comes to it.
_SPECIAL = frozenset({Function, ListOf, ModuleType, Opaque, Session, Union})


@frozen
class Blocker:
    """A construct around the current node in which no `await` can stand.

    `consumer` is the expression that runs it to its end, which the bridge can take whole.
    """

    node: ast.expr
    consumer: ast.expr | None
    convertible: bool = False


class Recorder:
    """Holds one function's (or module body's) state while it is evaluated."""

    def __init__(
        self, state: State, module: Module, function: FunctionInfo | None, facts: FunctionFacts
    ) -> None:
        self.state = state
        self.project = state.project
        self.models = state.models
        self.module = module
        self.function = function
        self.facts = facts
        self.env: dict[str, Value] = {}
        self.committed = False
        #: Ids of the values of classes' attributes that this is a part of: one may name itself.
        self.within: frozenset[int] = frozenset()
        #: How often instances at hand may have expired by now.
        self.expirations = 0
        #: How many savepoints a `with` has made by now.
        self.savepoints = 0
        #: What the function has returned and yielded so far.
        self.given_so_far: Value = None
        self.blockers: list[Blocker] = []
        #: The last type found for each node, so that nothing is evaluated twice.
        self.types: dict[int, Value] = {}
        #: The receiver may be of several types: one that lacks the attribute is not meant here.
        self.one_of_several = False
        #: Some of those types are no mapped classes: their instances have no `awaitable_attrs`.
        self.mixed = False
        #: The callee under evaluation: using it so does not let it escape.
        self.callee: ast.expr | None = None
        #: The expression whose attribute is read: a module so used is followed.
        self.owner: ast.expr | None = None
        #: The assignment under execution, when it has one target.
        self.assigning: ast.Assign | None = None
        #: What is known at each `break` and `continue`, of the loops around, the innermost last.
        self.leaving: list[tuple[list[Known], list[Known]]] = []
        #: The statement under evaluation awaits its context managers itself.
        self.entering: ast.expr | None = None
        #: What an `await`, `async with` or `async for` of the legacy code's own is for.
        self.awaiting: ast.expr | None = None
        #: The expression on whose value a statement is executed at once.
        self.connecting: ast.expr | None = None
        #: Ids of the receivers of calls that fetch what is no query any more.
        self.fetching: set[int] = set()
        #: Ids of the receivers of `exists()`, which loads nothing whatever the query's options say.
        self.existing: set[int] = set()
        #: What a column is looked for in: the nodes of a subquery without a name.
        self.among: set[int] = set()
        #: The iterable of the `for` statement under evaluation, which may become `async for`.
        self.streaming: ast.expr | None = None
        #: Steps recorded while the alternatives of one receiver are tried; None outside of that.
        self.steps: list[tuple[ast.AST, Step]] | None = None
        #: Ids of the expressions whose rows are taken apart at once.
        self.unpacked: set[int] = set()
        #: Ids of the calls of what is no function of the repository, for one of several receivers.
        self.not_ours: set[int] = set()
        #: How many iterables of comprehensions are around: no name can be given in one.
        self.iterables = 0
        #: The call that takes all results of each call that gives them one by one, by its id.
        self.takers: dict[int, ast.Call] = {}
        #: The call of list() that takes all of a map(), by the id of what it maps.
        self.mapped: dict[int, ast.Call] = {}
        #: Whether something had committed when the call, by its id, got its arguments.
        self.expired_before: dict[int, bool] = {}
        #: What has been put around what is called and has got these values: the call's id, its key, the values.
        self.filled_around: set[tuple[int | str | Value, ...]] = set()
        #: The arguments that are evaluated, of each call under evaluation, by its id.
        self.argued: dict[int, Argued] = {}
        #: Calls, generator expressions and lambdas whose values are kept: they may go on after a commit.
        self.begun: dict[int, ast.expr] = {}
        #: Functions inside of this one that are values from some place on.
        self.kept_functions: dict[str, None] = {}
        #: Ids of the calls that make generators of the repository's functions.
        self.stepping: set[int] = set()
        #: Ids of the expressions that what goes on has evaluated already, before it went on.
        self.taken: set[int] = set()
        #: The names that this function declares global.
        self.globals: set[str] = set()
        #: Whether objects are handed on as a commit has left them.
        self.as_they_are = False
        #: The class whose body is run.
        self.class_here: ClassInfo | None = None
        #: Names of containers that something is being put into.
        self.widening: set[str] = set()
        self._apart: Self | None = None

    def awaited(self, node: ast.expr) -> Value:
        """What is awaited already: the call itself is asynchronous, what is handed to it may not be."""
        outer, self.awaiting = self.awaiting, node
        value = self.eval(node)
        self.awaiting = outer
        return value

    def record(
        self,
        kind: Kind,
        node: ast.AST,
        *,
        step: Step | None = None,
        action: Action | None = None,
        io: bool = False,
        site: bool = False,
        callees: tuple[str, ...] = (),
        name: str = "",
        model: str = "",
    ) -> None:
        if node is self.awaiting and kind != "call":
            return
        blocker: ast.expr | None = None
        generators: list[ast.GeneratorExp | ast.Lambda] = []
        for outer in self.blockers:
            if outer.convertible and isinstance(outer.node, ast.GeneratorExp | ast.Lambda):
                generators.append(outer.node)
            else:
                blocker = outer.consumer or outer.node
                break
        if kind == "reference" and name not in COPIES_NAMES and name != AROUND_METHODS:
            for callee in callees:
                self.state.escape(callee)
        if step is not None:
            step = nameless(step) if id(node) in self.unpacked else step
            if self.steps is not None:
                self.steps.append((node, step))
            action, io, site = step.action, step.io, step.site
            if step.effect in EXPIRING:
                self.expire()
        self.facts.add(
            Fact(
                kind,
                node,
                blocker,
                tuple(generators),
                action,
                io,
                site,
                step.refusal if step is not None else None,
                callees,
                name,
                model,
                self.mixed,
            )
        )

    def subject(self, node: ast.AST, value: Value) -> None:
        """What is written to at `node`."""
        known = self.facts.subjects
        known[id(node)] = join(known[id(node)], value) if id(node) in known else value

    def expire(self) -> None:
        """A commit or rollback: every instance at hand may be expired from here on."""
        self.facts.commits = True
        self.expirations += 1
        self.expire_here()

    def expire_here(self) -> None:
        """What this function has at hand may be expired, and nothing else is."""
        self.committed = True
        for name, value in self.env.items():
            self.env[name] = stale(value)

    @property
    def late(self) -> bool:
        """Whether a caller has committed: arguments are read again for the call, nothing else is.

        Who asks is evaluated again when that changes; most functions need not ask.
        """
        return self.function is not None and self.state.is_late(self.function.key)

    def reached(self, value: Value) -> Value:
        """What is no argument and no variable of the function: a commit may have expired it."""
        expired = stale(value)
        return expired if expired is not value and (self.committed or self.late) else value

    def goes_into(self, key: str) -> None:
        """The function is called here."""
        if not self.state.stays_late(key) and (self.committed or self.late):
            self.state.flow_late(key)

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """What is evaluated in here runs somewhere else: its facts are none of this function's."""
        facts = self.facts
        self.facts = FunctionFacts(facts.key, environment=dict(facts.environment))
        try:
            yield
        finally:
            self.facts = facts

    @contextmanager
    def blocked(
        self, node: ast.expr, consumer: ast.expr | None, *, convertible: bool = False
    ) -> Iterator[None]:
        self.blockers.append(Blocker(node, consumer, convertible))
        try:
            yield
        finally:
            self.blockers.pop()

    def apart(self) -> Self:
        """What evaluates expressions as they are here; what it finds is no fact of the function's."""
        made = self._apart
        if made is None:
            made = type(self)(self.state, self.module, self.function, FunctionFacts(""))
            self._apart = made
        made.env = self.env
        made.types.clear()
        return made

    def typeof(self, node: ast.expr) -> Type:
        """The type of an expression for the tables: bottom counts as unknown."""
        value = self.known(node)
        return UNKNOWN if value is None else value

    def eval(self, node: ast.expr) -> Value:
        """The type of `node`; records what evaluating it does."""
        return self.settled(node, self._eval(node))

    def settled(self, node: ast.expr, value: Value) -> Value:
        """What an expression came to, noted as its type."""
        if value is not None and type(value) in _SPECIAL:
            value = self.special_kind(node, value)
        self.types[id(node)] = value
        return value

    def special_kind(self, node: ast.expr, value: Type) -> Value:
        """What a value that is one of `_SPECIAL` counts as, where it is met."""
        if isinstance(value, Opaque):
            return self.taken_out(value)
        if isinstance(value, Session | Union):
            return self.spelled(node, value)
        if isinstance(value, Function) and node is not self.callee:
            # From here on it may be called where we don't see it.
            self.state.mark("taken", (value.key,))
            self.state.mark("looked_up", (value.key,))
        elif isinstance(value, ModuleType) and node is not self.owner:
            self.state.mark("taken_modules", (value.name,))
        return value

    def spelled(self, node: ast.expr, value: Session | Union) -> Value:
        """A session is known by the expression that gives it here, wherever it was made.

        A module's own keeps its name, by which any function may have it.
        """
        found = options(value)
        sessions = [o for o in found if isinstance(o, Session) and not o.given]
        if not sessions:
            return value
        spelling = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
        if len(sessions) < len(found):
            self.facts.maybe_sessions.add(id(node))
        if len(sessions) == 1 and sessions[0].name:
            if isinstance(node, ast.Name | ast.Attribute) and not sessions[0].scoped:
                self.facts.sessions[id(node)] = node
            return value
        here = Session(
            written(node) if spelling else NOWHERE, scoped=all(s.scoped for s in sessions)
        )
        if spelling and not here.scoped:
            self.facts.sessions[id(node)] = node
        return join_all([*(o for o in found if o not in sessions), here])

    def known(self, node: ast.expr) -> Value:
        """The type of a node that has been evaluated just before."""
        if id(node) in self.types:
            return self.types[id(node)]
        if isinstance(node, ast.Attribute) and id(node.value) in self.types:
            # What is called, say: its owner was evaluated for the call.
            self.owner = node.value
            return self.settled(node, self.attribute_of(node, self.types[id(node.value)]))
        return self.eval(node)

    def is_to_come(self, selected: Iterable[ast.expr]) -> bool:
        """Whether something that decides what a query selects has no value yet.

        Not seen yet, it would count as unknown, and that would stand for good. When all has been
        seen, what still has none is unknown.
        """
        return any(self.known(node) is None for node in selected) and not self.state.is_open

    def is_none_yet(self, value: Value) -> bool:
        """Whether a value is only None so far: what it is asked for is asked of what is to come."""
        return isinstance(value, Opaque) and value == NONE and not self.state.is_open

    def _eval(self, node: ast.expr) -> Value:
        raise NotImplementedError

    def attribute_of(self, node: ast.Attribute, owner: Value) -> Value:
        raise NotImplementedError

    def some(self, value: Value) -> Type:
        """A value as part of another one: nothing yet is nothing in it, until all has been seen."""
        if value is not None:
            return value
        return UNKNOWN if self.state.is_open else EMPTY

    def step(self, node: ast.AST, step: Step) -> Value:
        """Record what a table said of a node and give the type of its value."""
        if step.action or step.io or step.refusal or step.site:
            self.record("step", node, step=step)
        elif step.effect in EXPIRING:
            self.expire()
        return step.result

    def step_on(self, node: ast.expr, step: Step) -> Value:
        """A step that wraps the node's own value: recorded apart from what the node itself did."""
        self.record("step", node, step=step, name="iterate")
        return step.result

    def call(self, node: ast.Call) -> Value:
        raise NotImplementedError

    def evaluated(self, node: ast.Call) -> Value:
        raise NotImplementedError

    def with_arguments(self, node: ast.Call, known: Argued) -> Value:
        """What a call gives and does; the arguments that are known are not evaluated for it.

        It may be under evaluation: what a commit in it expires is evaluated again, around it.
        """
        before = self.argued.get(id(node))
        self.argued[id(node)] = known
        result = self.evaluated(node)
        if before is None:
            del self.argued[id(node)]
        else:
            self.argued[id(node)] = before
        return result

    def assign(self, target: ast.expr, value: Value) -> None:
        raise NotImplementedError

    def widen(self, target: ast.expr, value: Type) -> None:
        raise NotImplementedError

    def taken_out(self, value: Value) -> Value:
        """What comes out of a container that nobody was seen to fill is unknown."""
        if not isinstance(value, Opaque) or value != EMPTY:
            return value
        return UNKNOWN if self.state.is_open else None
