"""Abstract execution of statements: environments through branches, loops and handlers."""

from __future__ import annotations

import ast
from typing import Any

from migrator.queries.terminals import unpacks
from migrator.queries.types import (
    NONE,
    UNKNOWN,
    ClassType,
    External,
    ListOf,
    Object,
    Opaque,
    Query,
    TupleOf,
)
from migrator.types.defining import Defining
from migrator.types.generator_bodies import is_async_generator
from migrator.types.lattice import Value, join_all, options, stale
from migrator.types.recorder import Known

#: Methods of a query that give one row.
_ONE_ROW = frozenset({"one", "first", "one_or_none"})
#: `type Row = ...`, which Python 3.12 brought.
_TYPE_ALIAS: type[Any] = getattr(ast, "TypeAlias", type(None))
#: Methods of objects that give what makes a copy: a function and its arguments.
_GIVES_A_FUNCTION = frozenset({"__reduce__", "__reduce_ex__"})


class Statements(Defining):
    """Runs a body of statements over the environment."""

    def run(self, body: list[ast.stmt]) -> bool:
        """Execute; False when the end is never reached (return, raise, continue, break)."""
        return all(self.execute(statement) for statement in body)

    def execute(self, node: ast.stmt) -> bool:
        match node:
            case ast.Expr():
                self.eval(node.value)
            case ast.Assign():
                one = getattr(getattr(node.value, "func", None), "attr", "") in _ONE_ROW
                if one and all(unpacks(t) for t in node.targets):
                    self.unpacked.add(id(node.value))
                value = self.eval(node.value)
                apart = any(isinstance(t, ast.Tuple | ast.List) for t in node.targets)
                if apart and any(isinstance(o, Query) for o in options(value)):
                    value = ListOf(self.some(self.iterated(node.value, value)))
                self.assigning = node if len(node.targets) == 1 else None
                for target in node.targets:
                    self.assign(target, value)
                    if isinstance(target, ast.Attribute):
                        self.given_away(node.value)
                self.assigning = None
            case ast.AnnAssign():
                if node.value is not None:
                    self.assign(node.target, self.eval(node.value))
            case ast.AugAssign():
                self.augmented(node)
            case ast.Return():
                value = self.eval(node.value) if node.value is not None else NONE
                if node.value is not None:
                    value = self.given(node.value, self.kept(node.value, value))
                self.expose_returned(value)
                of = self.function
                if of and node.value is not None and self.state.read("entries", of.key):
                    self.escape(node.value, value, "what the framework gets", last=True)
                elif of and node.value is not None and of.node.name in _GIVES_A_FUNCTION:
                    self.escape(node.value, value, "what copying it calls")
                if self.facts.is_generator and node.value is not None:
                    # What its end gives: to `yield from`, or to whoever catches the StopIteration.
                    self.query_given_away(node.value, value)
                elif self.function is not None and node.value is not None:
                    self.gives(node.value, value)
                elif of and not self.facts.is_generator and not is_async_generator(of):
                    self.state.flow_result(of.key, NONE)
                return False
            case ast.Raise():
                for part in (node.exc, node.cause):
                    if part is not None:
                        self.eval(part)
                return False
            case ast.Continue() | ast.Break():
                broken, going_on = self.leaving[-1]
                ends = broken if isinstance(node, ast.Break) else going_on
                ends.append((dict(self.env), self.committed))
                return False
            case ast.If():
                return self.branch(node)
            case ast.For() | ast.AsyncFor():
                return self.loop(node)
            case ast.While():
                broken = self.repeated(node, test=node.test)
                self.run(node.orelse)
                self.met(broken, node)
            case ast.With():
                return self.with_(node)
            case ast.AsyncWith():
                self.async_with(node)
            case ast.Try() | ast.TryStar():
                return self.try_(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.defined(node)
                self.named_here(node)
            case ast.ClassDef():
                self.class_(node)
            case ast.Global():
                self.globals.update(node.names)
            case ast.Assert():
                self.tested(node.test)
                if node.msg is not None:
                    self.eval(node.msg)
            case ast.Delete():
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self.env.pop(target.id, None)
                    elif isinstance(target, ast.Subscript):
                        self.special(
                            target, self.eval(target.value), "__delitem__", name="deletion"
                        )
                        self.eval(target.slice)
                    else:
                        self.eval(target)
            case ast.Match():
                return self.match_(node)
            case ast.Import() | ast.ImportFrom():
                self.imported(node)
            case _ if isinstance(node, _TYPE_ALIAS):
                self.annotated(node.value)
        return True

    # -- flow ------------------------------------------------------------------------------

    def branch(self, node: ast.If) -> bool:
        self.tested(node.test)
        before, committed = dict(self.env), self.committed
        self.narrow(node.test, True)
        left = self.run(node.body)
        after_left, committed_left = self.env, self.committed
        self.env, self.committed = dict(before), committed
        self.narrow(node.test, False)
        right = self.run(node.orelse)
        after_right, committed_right = self.env, self.committed
        if left and right:
            self.env = self.merged(after_left, after_right, node)
            self.committed = committed_left or committed_right
        elif left:
            self.env, self.committed = after_left, committed_left
        return left or right

    def loop(self, node: ast.For | ast.AsyncFor) -> bool:
        if unpacks(node.target):
            self.unpacked.add(id(node.iter))
        if isinstance(node, ast.AsyncFor):
            item = self.stepped(node.iter)
        else:
            value = self.eval(node.iter)
            self.streaming = node.iter
            item = self.iterated(node.iter, value)
        self.facts.loop_of[id(node.iter)] = node
        self.streaming = None
        before = self.expirations
        broken = self.repeated(node, node.target, item)
        if self.expirations > before:
            self.facts.commits_in.add(id(node.iter))
            self.expires_inside(node.iter)
        self.run(node.orelse)
        self.met(broken, node)
        return True

    def met(self, ends: list[Known], around: ast.AST) -> None:
        """Other ways lead here as well, those of `break`, say."""
        for env, committed in ends:
            self.env = self.merged(self.env, env, around)
            self.committed = self.committed or committed

    def repeated(
        self,
        around: ast.For | ast.AsyncFor | ast.While,
        target: ast.expr | None = None,
        item: Value = None,
        *,
        test: ast.expr | None = None,
    ) -> list[Known]:
        """Its body, twice where the second round sees something else than the first one; what each `break` knows.

        A `for` gives its target an item each time, a `while` asks its test, once more at the end.
        """
        seen: tuple[dict[str, Value], bool] | None = None
        after: dict[str, Value] = {}
        broken: list[Known] = []
        for again in (False, True):
            before = dict(self.env)
            if target is not None:
                self.assign(target, stale(item) if self.committed and again else item)
            sees = dict(self.env), self.committed
            if sees != seen:
                if test is not None:
                    self.tested(test)
                going_on: list[Known] = []
                self.leaving.append((broken, going_on))
                self.run(around.body)
                self.leaving.pop()
                self.met(going_on, around)
                seen, after = sees, self.env
            self.env = self.merged(before, after, around, inside=True)
        if test is not None and (dict(self.env), self.committed) != seen:
            self.tested(test)
        return broken

    def caught(self, node: ast.expr | None) -> Value:
        """The exception that a handler gets: its own classes may carry anything."""
        value = self.eval(node) if node is not None else UNKNOWN
        found: list[Value] = []
        for option in value.items if isinstance(value, TupleOf) else options(value):
            if isinstance(option, ClassType):
                found.append(Object(option.key))
            elif isinstance(option, External) and not self.state.has_below(option.dotted):
                found.append(Opaque(option.dotted))
            else:
                found.append(UNKNOWN)
        return join_all(found)

    def try_(self, node: ast.Try | ast.TryStar) -> bool:
        before, committed, savepoints = dict(self.env), self.committed, self.savepoints
        reached = self.run(node.body)
        body_env, body_committed = self.env, self.committed
        rolled_back = self.savepoints > savepoints
        if reached:
            reached = self.run(node.orelse)
            body_env, body_committed = self.env, self.committed
        ends: list[Known] = [(body_env, body_committed)] if reached else []
        for handler in node.handlers:
            # An exception may have come from anywhere in the body.
            self.env = self.merged(before, body_env, handler, inside=True)
            self.committed = committed or body_committed
            if rolled_back:
                # A savepoint that an exception has left is: what was changed since has expired.
                self.expire_here()
            if handler.name:
                self.env[handler.name] = self.caught(handler.type)
            if self.run(handler.body):
                ends.append((self.env, self.committed))
        if ends:
            self.env = ends[0][0]
            for env, _ in ends[1:]:
                self.env = self.merged(self.env, env, node)
            self.committed = any(c for _, c in ends)
        finished = self.run(node.finalbody)
        return bool(ends) and finished
