"""What was begun before a commit and goes on after it: generators, and what asks for items one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from migrator.index.definitions import FunctionInfo, dotted
from migrator.index.signature import parameters, positional
from migrator.index.walk import walk
from migrator.queries.types import EMPTY, Function, ListOf, Type
from migrator.types.consumption import passes_on
from migrator.types.externals import calls_later
from migrator.types.facts import GOING_ON
from migrator.types.lattice import Value, stale
from migrator.types.recorder import Recorder

#: What stands for a value that is made elsewhere.
_PLACES = (ast.Name, ast.Attribute, ast.Subscript)


class GoingOn(Recorder):
    """Adds to what expires: what goes on reads it again, where nothing can be awaited."""

    def expire(self) -> None:
        super().expire()
        for begun in [*self.begun.values()]:
            self.expires_inside(begun)
        for key in self.kept_functions:
            self.state.flow_late(key)

    def begin_here(self, node: ast.expr) -> None:
        """An expression whose value has a name from here on."""
        if isinstance(node, ast.Call | ast.GeneratorExp | ast.Lambda):
            self.begun[id(node)] = node

    def expires_inside(self, node: ast.expr) -> None:
        """Something commits while the value of an expression may have to go on."""
        if isinstance(node, ast.GeneratorExp):
            with self._going_on([node.generators[0].iter]):
                self.eval(node)
        elif isinstance(node, ast.Lambda):
            with self._going_on([]):
                self.eval(node)
        elif isinstance(node, ast.Call) and (passes_on(node) or calls_later(dotted(node.func))):
            for argument in node.args:
                if not isinstance(argument, ast.Lambda):
                    self.expires_inside(argument)
            given = [a for a in node.args if not isinstance(a, ast.Lambda | ast.GeneratorExp)]
            with self._going_on(given):
                self.with_arguments(node, {(id(a), None): self.types.get(id(a)) for a in given})
        elif isinstance(node, ast.Call):
            self._of_function(node)

    def _of_function(self, node: ast.Call) -> None:
        """Where a call begins a generator, what it has been given has expired."""
        called = self.facts.facts.get((id(node), "call"))
        for key in called.callees if called is not None else ():
            info = self.state.function(key)
            if info is not None and self.state.read("generators", key):
                self.state.flow_late(key)
                for parameter in parameters(info.node.args):
                    given = self.state.param(info.key, parameter.arg)
                    self.state.flow_param(info.key, parameter.arg, stale(given))
                for argument in node.args:
                    self.expires_inside(argument)

    def going(self, node: ast.expr) -> frozenset[str]:
        """The functions that run while the items of an expression are taken, "" where that loads by itself.

        Of what takes its items at once, and of anything else, there are none.
        """
        taken: list[ast.expr] = []
        if isinstance(node, ast.GeneratorExp):
            taken = [node.generators[0].iter]
        elif isinstance(node, ast.Call) and (passes_on(node) or calls_later(dotted(node.func))):
            taken = [a for a in node.args if not isinstance(a, ast.Lambda)]
        elif isinstance(node, ast.Call) and id(node) in self.stepping:
            taken = [*node.args, *(k.value for k in node.keywords)]
        else:
            return frozenset()
        found = {key for inner in taken for key in self.going(inner)}
        inside = {id(n) for n in walk(node)}.difference(id(n) for t in taken for n in walk(t))
        for fact in self.facts:
            if id(fact.node) in inside and fact.kind not in ("reference", "handing"):
                loads = fact.io or fact.kind == "external"
                found.update(fact.callees or ([""] if loads else ()))
        return frozenset(found)

    def goes_on_in(self, node: ast.Call, info: FunctionInfo, *, bound: bool) -> None:
        """A function gets generator expressions that load when it takes their items."""
        names = [a.arg for a in positional(info.node.args)][1 if bound else 0 :]
        given = [*zip(names, node.args, strict=False)]
        given += [(k.arg, k.value) for k in node.keywords if k.arg is not None]
        for name, argument in given:
            if going := self.going(argument):
                self.state.flow_param(info.key, name, ListOf(EMPTY, going))

    def special_kind(self, node: ast.expr, value: Type) -> Value:
        if isinstance(value, ListOf) and value.going and isinstance(node, _PLACES):
            # Whoever takes the items of what has a name here runs what they are made by.
            callees = () if "" in value.going else tuple(sorted(value.going))
            self.record("external", node, callees=callees, name=GOING_ON)
        elif isinstance(value, Function) and node is not self.callee:
            self._keeps_function(value.key)
        return super().special_kind(node, value)

    def _keeps_function(self, key: str) -> None:
        """A function of this one's own is a value: whoever has it may call it after a commit."""
        info = self.state.function(key)
        if info is None or info.parent is None:
            return
        if self.committed or self.late:
            self.state.flow_late(key)
        else:
            self.kept_functions[key] = None

    @contextmanager
    def _going_on(self, taken: list[ast.expr]) -> Iterator[None]:
        """What is evaluated in here is so a second time; what it has `taken` at first has expired."""
        around = self.blockers, self.begun, self.steps, self.iterables
        self.blockers, self.begun, self.steps, self.iterables = [], {}, None, 0
        for node in taken:
            if id(node) in self.types:
                self.types[id(node)] = stale(self.types[id(node)])
        self.taken.update(map(id, taken))
        try:
            yield
        finally:
            self.blockers, self.begun, self.steps, self.iterables = around
            self.taken.difference_update(map(id, taken))
