"""Abstract execution of `match`: what a pattern reads, and the types of the names that it binds."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.index.definitions import ClassInfo
from migrator.index.fields import match_args
from migrator.queries.join import item_type
from migrator.queries.step import Refusal, Step
from migrator.queries.types import (
    UNKNOWN,
    ClassType,
    DictOf,
    External,
    Instance,
    ListOf,
    ModelType,
    Object,
    TupleOf,
)
from migrator.types.lattice import Value, holds_query, join_all, options
from migrator.types.names import instance_type
from migrator.types.narrowing import Narrowing

_IN_PATTERN = Step(
    UNKNOWN,
    io=True,
    refusal=Refusal(
        "MIG508",
        "a pattern of it reads what may load, where nothing can be awaited",
        "Read it before the match statement.",
    ),
)


class Patterns(Narrowing):
    """Adds the patterns of `match` (https://docs.python.org/3/reference/compound_stmts.html#patterns)."""

    def match_(self, node: ast.Match) -> bool:
        """A `match` statement; whether its end may be reached."""
        subject = self.eval(node.subject)
        self.query_given_away(node.subject, subject)
        before, committed = dict(self.env), self.committed
        results: list[dict[str, Value]] = [before]
        for case in node.cases:
            self.env = dict(before)
            self.pattern(case.pattern, subject)
            if case.guard is not None:
                self.tested(case.guard)
                self.narrow(case.guard, True)
            if self.run(case.body):
                results.append(self.env)
                committed = committed or self.committed
        self.env, self.committed = results[0], committed
        for env in results[1:]:
            self.env = self.merged(self.env, env, node)
        return True

    def run(self, body: list[ast.stmt]) -> bool:
        raise NotImplementedError

    def pattern(self, node: ast.pattern, value: Value) -> Value:
        """Bind the names of a pattern that `value` is matched with; what it is when they agree."""
        match node:
            case ast.MatchValue(value=expression):
                self._said(expression)
            case ast.MatchAs(pattern=inner, name=name):
                value = self.pattern(inner, value) if inner is not None else value
                self._bound(name, value)
            case ast.MatchOr(patterns=parts):
                value = join_all([self.pattern(part, value) for part in parts])
            case ast.MatchSequence(patterns=parts):
                self._sequence(parts, value)
            case ast.MatchMapping(keys=keys, patterns=parts, rest=rest):
                for key in keys:
                    self._said(key)
                held = value.value if isinstance(value, DictOf) else UNKNOWN
                for part in parts:
                    self.pattern(part, held)
                self._bound(rest, value if isinstance(value, DictOf) else DictOf(UNKNOWN, UNKNOWN))
            case ast.MatchClass():
                value = self._of_class(node, value)
        return value

    def _said(self, node: ast.expr) -> None:
        """What a pattern says by a dotted name: Python reads that where nothing can be awaited."""
        with self.elsewhere():
            self.eval(node)
            loads = self._loads()
        if loads:
            self.record("step", node, step=_IN_PATTERN, name="pattern")
        else:
            self.eval(node)

    def _loads(self) -> bool:
        return any(fact.io or fact.callees or fact.refusal for fact in self.facts)

    def _bound(self, name: str | None, value: Value) -> None:
        if name is not None:
            self.assign(ast.Name(name, ast.Store()), value)

    def _sequence(self, parts: list[ast.pattern], value: Value) -> None:
        whole = isinstance(value, TupleOf) and len(value.items) == len(parts)
        one = self.taken_out(item_type(self.some(value)))
        for index, part in enumerate(parts):
            if isinstance(part, ast.MatchStar):
                self._bound(part.name, ListOf(self.some(one)))
            elif whole and not any(isinstance(p, ast.MatchStar) for p in parts):
                assert isinstance(value, TupleOf)
                self.pattern(part, value.items[index])
            else:
                self.pattern(part, one)

    def _of_class(self, node: ast.MatchClass, value: Value) -> Value:
        """`Order(customer=c)`: the attributes are read as `isinstance` is true."""
        cls = self.eval(node.cls)
        if isinstance(cls, ModelType) and cls.key in self.models.by_key:
            known = [o for o in options(value) if isinstance(o, Instance)]
            own = {
                cls.key,
                *(c.key for c in self.project.subclasses(self.project.classes[cls.key])),
            }
            value = join_all([o for o in known if o.key in own]) or Instance(cls.key)
            if self.committed and isinstance(value, Instance):
                value = replace(value, stale=True)
        elif isinstance(cls, External):
            value = self.narrowed(self.some(value), [cls.dotted])
        elif isinstance(cls, ClassType):
            value = self._narrowed_to(self.project.classes[cls.key], value)
        of_ours = any(isinstance(o, Instance | Object) for o in options(value))
        names = self._positions(cls) if of_ours else None
        if names is not None and len(node.patterns) <= len(names):
            for name, part in zip(names, node.patterns, strict=False):
                self.pattern(part, self._read(node, name, value))
        else:
            if node.patterns and of_ours:
                # Nobody knows which attributes these are.
                self.record("step", node, step=_IN_PATTERN, name="pattern")
            for part in node.patterns:
                self.pattern(part, UNKNOWN if of_ours else value)
        for name, part in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
            self.pattern(part, self._read(node, name, value))
        return value

    def _positions(self, cls: Value) -> tuple[str, ...] | None:
        key = cls.key if isinstance(cls, ClassType | ModelType) else ""
        found = self.project.classes.get(key)
        return match_args(self.project, found) if found is not None else None

    def _narrowed_to(self, cls: ClassInfo, value: Value) -> Value:
        """Of a value, what is of a class of the repository or of one below it."""
        own = {cls.key, *(below.key for below in self.project.subclasses(cls))}
        known = [o for o in options(value) if isinstance(o, Object | Instance) and o.key in own]
        return join_all(known) if known else instance_type(self.state, cls)

    def _read(self, node: ast.MatchClass, name: str, value: Value) -> Value:
        """What an attribute that a pattern reads holds; where that may load, it is noted."""
        reading = ast.Attribute(ast.Name("_", ast.Load()), name, ast.Load())
        with self.elsewhere():
            found = join_all([self.member(reading, option) for option in options(value)])
            loads = self._loads()
        if loads:
            self.record("step", node, step=_IN_PATTERN, name="pattern")
        return UNKNOWN if found is None or holds_query(found) else found
