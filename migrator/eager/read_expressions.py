"""What expressions read of a query's objects, and what they give of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.eager.read_values import (
    Absence,
    Frame,
    Held,
    Paths,
    bound,
    first_parameter,
    meet_all,
    one_of,
)
from migrator.eager.read_ways import Ways
from migrator.eager.row_items import target_of
from migrator.index.definitions import FunctionInfo
from migrator.index.walk import children

if TYPE_CHECKING:
    pass

_MAX_PATH, _MAX_CALLS = 4, 6
#: Builtins that give all objects again, or go through all of them.
_ALL = frozenset({"list", "tuple", "sorted", "reversed", "iter", "set", "frozenset"})
#: Methods of a result that go on with all of its objects.
_OF_RESULTS = frozenset({"all", "fetchall", "scalars", "unique", "mappings", "tuples"})
_CONSUMING = _ALL | {"sum", "min", "max", "dict", "jsonify", "join"}
#: Decorators below which a call runs the body, with the arguments given.
METHODS = frozenset({"staticmethod", "classmethod"})


class Expressions(Ways):
    """Adds expressions to the walk."""

    def _absent(self, test: ast.expr) -> Absence:
        """What a test asks the presence of, and the outcome for its absence."""
        match test:
            case ast.UnaryOp(op=ast.Not()):
                held, absent = self._absent(test.operand)
                return held, not absent
            case ast.Compare(
                left=left, ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None)]
            ):
                held, _ = self._absent(left)
                return (held, True) if held is not None and not held.many else (None, False)
            case ast.Compare(
                left=left, ops=[ast.IsNot() | ast.NotEq()], comparators=[ast.Constant(value=None)]
            ):
                held, _ = self._absent(left)
                return (held, False) if held is not None and not held.many else (None, False)
            case ast.Name() | ast.Attribute():
                before = self.now
                held = self.eval(test)
                self.now = before
                return held, False
        return None, False

    # -- expressions -----------------------------------------------------------------------

    def eval(self, node: ast.expr) -> Held | None:
        if node is self.source:
            self.now = frozenset()
            return self.held
        match node:
            case ast.Name():
                return self.frame.env.get(node.id)
            case ast.Attribute():
                return self.member(self.eval(node.value), node.attr, node.lineno)
            case ast.Call():
                return self._call(node)
            case ast.NamedExpr():
                value = self.eval(node.value)
                self._assign(node.target, value)
                return value
            case ast.IfExp():
                self.eval(node.test)
                return one_of(
                    self.fork(
                        self._absent(node.test),
                        lambda: self.eval(node.body),
                        lambda: self.eval(node.orelse),
                    )
                )
            case ast.BoolOp():
                return self._bool(node)
            case ast.Compare():
                self.eval(node.left)
                self.eval(node.comparators[0])
                for later in node.comparators[1:]:
                    self._maybe(later)
            case ast.Lambda() | ast.GeneratorExp():
                # Run by whoever gets it, if at all.
                if self._holds(node):
                    self._end()
            case ast.Subscript():
                return self.taken(self.eval(node.value), self._index(node.slice))
            case ast.ListComp() | ast.SetComp():
                return self._comprehension(node.generators, [node.elt])
            case ast.DictComp():
                self._comprehension(node.generators, [node.key, node.value])
            case ast.Yield() | ast.YieldFrom() | ast.Await():
                self._end()
            case _:
                self._each(node)
        return None

    def _each(self, node: ast.AST) -> None:
        for child in children(node):
            if isinstance(child, ast.expr):
                self.eval(child)
            elif isinstance(child, ast.keyword | ast.withitem | ast.FormattedValue):
                self._each(child)

    def _maybe(self, node: ast.expr) -> Held | None:
        before = self.now
        value = self.eval(node)
        if before is not None and self.now is not None:
            self.now = before
        return value

    def _bool(self, node: ast.BoolOp) -> Held | None:
        first, *others = node.values
        values = [self.eval(first)]
        if isinstance(node.op, ast.And) and len(others) == 1 and self.now is not None:
            self.fork(self._absent(first), lambda: self.eval(others[0]), lambda: None)
            return None
        values += [self._maybe(other) for other in others]
        found = {v for v in values if v is not None}
        return found.pop() if len(found) == 1 and isinstance(node.op, ast.Or) else None

    def _index(self, node: ast.expr) -> object:
        """What a subscript says, where it says it by itself."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
                return -value
        self.eval(node)
        return None

    def taken(self, held: Held | None, index: object) -> Held | None:
        """An item of a row."""
        if held is None or held.many or held.item is None or not held.item.is_at(index):
            return None
        return replace(held, item=None)

    def _comprehension(
        self, generators: list[ast.comprehension], elements: list[ast.expr]
    ) -> Held | None:
        """All of what the last element gives, where it gives one for each of the objects."""
        generator, *inner = generators
        held = self.eval(generator.iter)

        def visit() -> Held | None:
            for index, test in enumerate(generator.ifs):
                (self._maybe if index else self.eval)(test)
            if generator.ifs:
                return None
            if inner:
                self._comprehension(inner, elements)
                return None
            return [self.eval(element) for element in elements][-1]

        if any(self._holds(n) for n in (*generator.ifs, *inner, *elements)):
            visit()
            self._end()
        elif held is not None and held.many and self.now is not None:
            given = self.each_of(held, target_of(generator.target), visit)
            if isinstance(given, Held) and (given.item or given.one):
                return replace(given, many=True)
        return None

    # -- attributes and calls --------------------------------------------------------------

    def member(self, held: Held | None, name: str, line: int) -> Held | None:
        """An attribute of an object is read: a relationship is loaded, a property runs."""
        if held is None or self.now is None:
            return None
        if held.many:
            # `pagination.items`
            return held if name == "items" else None
        if held.item is not None:
            return replace(held, item=None) if name == held.item.name else None
        model = self.model(held.path)
        if model is None:
            return None
        relationship = model.relationships.get(name)
        if relationship is not None:
            path = (*held.path, name)
            if len(path) > _MAX_PATH or relationship.lazy not in ("select", "joined", "selectin"):
                return None
            self.now |= {path}
            self.places.setdefault(path, f"{self.frame.file}:{line}")
            if relationship.collection != "list":
                return None
            return Held(path, relationship.uselist)
        found = self.certain.methods(model, name)
        if found and all(f.decorators() == ["property"] for f in found):
            return self._enter([(info, {first_parameter(info): held}) for info in found])
        return None

    def _call(self, node: ast.Call) -> Held | None:
        func = node.func
        base = self.eval(func.value) if isinstance(func, ast.Attribute) else None
        name = called_name(node)
        given: list[Held | None] = []
        facts = self.certain.facts(self.frame.key, node)
        foreign = not any(fact.kind in ("call", "unresolved") for fact in facts)
        for argument in node.args:
            if isinstance(argument, ast.GeneratorExp) and name in _CONSUMING and foreign:
                self._comprehension(argument.generators, [argument.elt])
                given.append(None)
            else:
                given.append(self.eval(argument))
        named = {k.arg: self.eval(k.value) for k in node.keywords if k.arg is not None}
        for keyword in node.keywords:
            if keyword.arg is None:
                self.eval(keyword.value)
        if self.now is None:
            return None
        if any(fact.kind == "template" for fact in facts):
            self._render(node, named)
            return None
        starred = any(isinstance(a, ast.Starred) for a in node.args)
        if starred or any(k.arg is None for k in node.keywords):
            return None
        if base is not None and base.many and name in _OF_RESULTS and not given:
            return base.of_result(name)
        if base is not None and not base.many and isinstance(func, ast.Attribute):
            return self.method(base, func.attr, given, named)
        if isinstance(func, ast.Name) and given and (first := given[0]) is not None:
            if first.many and name in _ALL and foreign:
                key = next((k.value for k in node.keywords if k.arg == "key"), None)
                if isinstance(key, ast.Lambda) and len(key.args.args) == 1:
                    body = key.body
                    self.each_of(first, key.args.args[0].arg, lambda: self.eval(body))
                return first
            if first.many and name == "enumerate" and foreign:
                return replace(first, numbered=True)
        if base is not None or not self.certain.only_call(self.frame.key, node):
            return None
        return self._enter(list(self._callees(node, given, named)))

    def method(
        self,
        base: Held,
        name: str,
        given: Sequence[Held | None],
        named: Mapping[str, Held | None],
    ) -> Held | None:
        """A method of one of the objects is called."""
        model = self.model(base.path) if base.one is not None else None
        methods = self.certain.methods(model, name) if model is not None else []
        calls = [(info, bound(info, [base, *given], named)) for info in methods]
        if any(info.node.decorator_list for info in methods):
            return None
        return self._enter(calls)

    def _render(self, node: ast.Call, named: dict[str, Held | None]) -> None:
        """A template is rendered: what is certainly read in it."""
        name = node.args[0] if len(node.args) == 1 else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            # With Jinja, which takes its time to import.
            from migrator.eager.read_templates import Rendering

            outer, env = self.frame, {k: v for k, v in named.items() if v is not None}
            self.frame = Frame("", name.value, {})
            Rendering(self, self.state.templates).render(name.value, env)
            self.frame = outer

    def _callees(
        self, node: ast.Call, given: list[Held | None], named: dict[str, Held | None]
    ) -> Iterator[tuple[FunctionInfo, dict[str, Held]]]:
        """The functions that a call may call, each with what its parameters hold."""
        caller = self.state.project.functions[self.frame.key]
        found = []
        for fact in self.certain.facts(self.frame.key, node):
            if fact.kind != "call":
                continue
            for key in fact.callees:
                info = self.state.project.functions.get(key)
                first: list[Held | None] = []
                if info is None or set(info.decorators()) - METHODS:
                    return
                if info.owner is not None and "staticmethod" not in info.decorators():
                    of = node.func.value if isinstance(node.func, ast.Attribute) else None
                    if of is None or self.state.project.resolve(caller.module, of) is not None:
                        # `Class.method(object)`, or what a name of the module stands for.
                        return
                    first = [None]
                found.append((info, bound(info, [*first, *given], named)))
        yield from found

    def _enter(self, calls: list[tuple[FunctionInfo, dict[str, Held]]]) -> Held | None:
        """Run the bodies: what all of them read is certain."""
        before = self.now
        if before is None or not calls or not all(self._enterable(i) and b for i, b in calls):
            return None
        ends: list[Paths | None] = []
        values: list[object] = []
        if not self.another_body():
            return None
        for info, held in calls:
            outer, self.frame = self.frame, Frame(info.key, info.module.path, held)
            self.stack.append(info.key)
            self.now = before
            self.block(info.node.body)
            returned = [*self.frame.returns]
            if self.now is not None:
                returned.append((self.now, None))
            self.stack.pop()
            self.frame = outer
            ends += [paths for paths, _ in returned]
            values += {value for _, value in returned}
        self.now = meet_all(ends)
        return one_of(tuple(values))

    def _enterable(self, info: FunctionInfo) -> bool:
        facts = self.state.facts.get(info.key)
        known = facts is not None and not facts.is_generator
        plain = isinstance(info.node, ast.FunctionDef)
        return known and plain and info.key not in self.stack and len(self.stack) <= _MAX_CALLS


def called_name(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))
