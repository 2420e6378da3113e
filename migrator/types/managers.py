"""Abstract execution of `with`: what is entered, what it gives, and what leaving it does."""

from __future__ import annotations

import ast

from migrator.index.definitions import FunctionInfo, last_name
from migrator.index.walk import walk
from migrator.index.written import written
from migrator.queries import extensions, tables
from migrator.queries.connections import IN_THE_BRIDGE, is_connection, is_of_extension
from migrator.queries.step import Action
from migrator.queries.types import (
    UNKNOWN,
    Db,
    External,
    ListOf,
    Object,
    Opaque,
    Session,
    SessionFactory,
    Unknown,
)
from migrator.types.escapes import functions_in
from migrator.types.giving import chosen_from
from migrator.types.lattice import Value, join_all, options
from migrator.types.patterns import Patterns
from migrator.types.session_calls import UNKNOWN_SESSION, asked_as_sessions


class Managers(Patterns):
    """Adds context managers (https://docs.python.org/3/reference/compound_stmts.html#with)."""

    def async_with(self, node: ast.AsyncWith) -> None:
        """Its managers are asynchronous already; they may stop an exception from anywhere in it."""
        values = [self.awaited(item.context_expr) for item in node.items]
        for item, value in zip(node.items, values, strict=True):
            self.entered_by(value, "__aenter__")
            if item.optional_vars is not None:
                self.assign(
                    item.optional_vars, self.entered(value, item.context_expr, "__aenter__")
                )
        at_first = dict(self.env)
        self.run(node.body)
        for value in values:
            self.entered_by(value, "__aexit__")
        self.env = self.merged(at_first, self.env, node)

    def with_(self, node: ast.With) -> bool:
        """A `with` statement; whether its end may be reached."""
        before = self.expirations
        entered = [self._entered(node, item) for item in node.items]
        sessions = [index for index, name in enumerate(entered) if name is not None]
        if sessions:
            others = [i for i in range(len(node.items)) if i not in sessions]
            action = Action("async_with", {"others": others}, awaits=True)
            self.record("step", node, action=action, io=True)
        at_first = dict(self.env)
        # What commits when it is entered, or when it is left: a call says no more.
        transaction = "begin" in entered or self.expirations > before
        self.savepoints += "begin_nested" in entered
        finished = self.run(node.body)
        if self.expirations > before:
            self.facts.commits_in.update(id(item.context_expr) for item in node.items)
        if transaction:
            self.expire()
        entered_here = [item.context_expr for item in node.items]
        may = any(map(self.suppresses, entered_here))
        if may or (not finished and any(map(self.may_suppress, entered_here))):
            # It may have stopped an exception from anywhere in the block.
            self.env = self.merged(at_first, self.env, node)
            return True
        return finished

    def _entered(self, node: ast.With, item: ast.withitem) -> str | None:
        """Enter one manager; the name of what gave it where that is a session's, else None."""
        expression, target = item.context_expr, item.optional_vars
        self.entering = expression
        value = self.eval(expression)
        self.entering = None
        if value == tables.KEPT_TRANSACTION:
            self.step(node, tables.kept_transaction())
        there = is_of_extension(value)
        if (there or isinstance(value, Unknown)) and target is not None:
            body = (n for statement in node.body for n in walk(statement))
            if written(target) in asked_as_sessions(body):
                step = IN_THE_BRIDGE if there else UNKNOWN_SESSION
                self.record("step", expression, step=step, name="with")
        if self.special(node, value, "__enter__", "__exit__", name="with"):
            self.entered_by(value, "__enter__", "__exit__")
        name: str | None = None
        opened: Value = value if isinstance(value, Session) else self.entered(value, expression)
        kept = isinstance(expression, ast.Name | ast.Attribute | ast.Subscript)
        plain = isinstance(value, Session) and not value.given
        if plain and (kept or isinstance(expression, ast.Call)):
            func = getattr(expression, "func", expression)
            name = func.attr if isinstance(func, ast.Attribute) else ""
            made = name == "begin" and self._of_factory(func)
            if name in ("begin", "begin_nested") and not made:
                opened = tables.TRANSACTION
            elif isinstance(target, ast.Name):
                opened = Session(target.id)
        if target is not None:
            self.assign(target, opened)
        return name

    def _of_factory(self, method: ast.expr) -> bool:
        """Whether it is a method of a `sessionmaker`."""
        owner = method.value if isinstance(method, ast.Attribute) else method
        known = self.known(owner)
        return isinstance(known, SessionFactory) or (
            isinstance(known, Db) and extensions.begins(known)
        )

    def entered_by(self, value: Value, *methods: str) -> None:
        """Entering or leaving an object of the repository's own may commit."""
        for _, method in self._own_methods(value, *methods):
            if self.state.does_commit(method.key):
                self.expire()

    def suppresses(self, expression: ast.expr) -> bool:
        """Whether what is entered may stop an exception: then the code below goes on."""
        match expression:
            case ast.IfExp(body=body, orelse=orelse):
                return self.suppresses(body) or self.suppresses(orelse)
            case ast.BoolOp(values=values):
                return any(map(self.suppresses, values))
            case ast.NamedExpr(value=value):
                return self.suppresses(value)
        if isinstance(expression, ast.Call):
            callee = self.types.get(id(expression.func))
            if callee == External("contextlib.suppress"):
                return True
            if any(self._tries(function.key) for function in functions_in(callee)):
                return True
        # A call of one of several functions has the type of none of them.
        kind = "call" if isinstance(expression, ast.Call) else f"property{last_name(expression)}"
        run = self.facts.facts.get((id(expression), kind))
        if run is not None and any(map(self._tries, run.callees)):
            return True
        return bool(self._own_methods(self.types.get(id(expression)), "__exit__"))

    def _tries(self, key: str, within: frozenset[str] = frozenset()) -> bool:
        """Whether a function may stop an exception that is thrown into it, or into what it hands on."""
        info = self.state.function(key)
        if info is None or key in within:
            return False
        if any(isinstance(n, ast.Try) for n in info.nodes):
            return True
        given = (n.value for n in info.nodes if isinstance(n, ast.Return) and n.value is not None)
        within |= {key}
        return any(
            self._tries(other, within)
            for value in given
            for part in chosen_from(value)
            for other in self.state.read("named", last_name(getattr(part, "func", part)))
        )

    def may_suppress(self, expression: ast.expr) -> bool:
        """Whether nobody knows: a manager out of a local name, or a stack of them."""
        if isinstance(expression, ast.Call):
            return self.types.get(id(expression.func)) == External("contextlib.ExitStack")
        known = self.types.get(id(expression))
        return (
            isinstance(expression, ast.Name)
            and expression.id in self.env
            and isinstance(known, Unknown)
        )

    def entered(self, value: Value, node: ast.expr, entering: str = "__enter__") -> Value:
        """What `as` gives: for a generator-based context manager, what it yields."""
        if isinstance(value, ListOf):
            return value.item
        if is_connection(value):
            return value
        given: list[Value] = []
        for owner, method in self._own_methods(value, entering):
            self.flow_self(method, owner)
            given.append(self.given_by(method, node))
        if given:
            return join_all(given)
        if self._waits(value):
            return value  # such an object gives itself
        return UNKNOWN if value is not None else None

    def _waits(self, value: Value) -> bool:
        """Whether it is an object of another distribution's class whose methods wait, or below one."""
        if isinstance(value, Opaque):
            return self.state.waiting.owns(value.name)
        cls = self.project.classes.get(value.key) if isinstance(value, Object) else None
        return cls is not None and any(
            map(self.state.waiting.owns, self.project.external_bases(cls))
        )

    def _own_methods(self, value: Value, *names: str) -> list[tuple[Object, FunctionInfo]]:
        """The methods of these names that the repository's own objects in a value may have."""
        return [
            (option, method)
            for option in options(value)
            if isinstance(option, Object) and option.key in self.project.classes
            for name in names
            for method in self.methods_of(self.project.classes[option.key], name)
        ]
