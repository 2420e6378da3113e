"""What a template certainly reads of the objects that it is rendered with.

Jinja's loops, tests, blocks, includes and macros, over the walk of `migrator.eager.read_expressions`. Of what
can't be followed (a name that is computed, `caller()`, a loop of another kind) nothing is said to
be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from jinja2 import nodes

from migrator.eager.read_values import bindings
from migrator.eager.row_items import Target

if TYPE_CHECKING:
    from migrator.eager.read_expressions import Expressions
    from migrator.eager.read_values import Absence, Held
    from migrator.index.templates import Templates

#: A macro and the template that it is in.
_Macro: TypeAlias = tuple[str, nodes.Macro]
_MAX_DEPTH = 12
#: Filters that give all objects again.
_ALL = frozenset({"list", "sort", "reverse"})


class Rendering:
    """One rendering; names are looked up in the walk's frame."""

    def __init__(self, reading: Expressions, templates: Templates) -> None:
        self.reading = reading
        self.templates = templates
        #: The bodies of each block, from the template that is rendered up to its bases, with the
        #: template that each is in.
        self.blocks: dict[str, list[tuple[str, nodes.Block]]] = {}
        #: How far up `super()` leads from the block at hand.
        self.level: tuple[str, int] = ("", 0)
        self.macros: dict[str, _Macro] = {}
        self.modules: dict[str, dict[str, _Macro]] = {}
        #: What the templates' top levels know.
        self.context: dict[str, Held] = {}
        self.depth = 0
        #: How many loops over objects are around.
        self.loops = 0

    def render(self, name: str, context: dict[str, Held]) -> None:
        """Follow a template with what it is given."""
        self.context = context
        self._template(name)

    def _template(self, name: str) -> None:
        tree = self.templates.tree(name)
        extends = [*tree.find_all(nodes.Extends)] if tree is not None else []
        if tree is None or self.depth > _MAX_DEPTH or any(e not in tree.body for e in extends):
            return
        self.depth += 1
        frame = self.reading.frame
        outer, frame.file, frame.env = frame.file, name, dict(self.context)
        for block in tree.find_all(nodes.Block):
            self.blocks.setdefault(block.name, []).append((name, block))
        if not extends:
            self.body(tree.body)
        else:
            [base, *_] = extends
            setting = nodes.Assign, nodes.Import, nodes.FromImport, nodes.Macro
            self.body([n for n in tree.body if isinstance(n, setting)])
            self.context = dict(frame.env)
            if isinstance(base.template, nodes.Const) and isinstance(base.template.value, str):
                self._template(base.template.value)
        frame.file = outer
        self.depth -= 1

    # -- statements ------------------------------------------------------------------------

    def body(self, body: Iterable[nodes.Node]) -> None:
        for node in body:
            if self.reading.now is None:
                return
            self.statement(node)

    def statement(self, node: nodes.Node) -> None:
        env = self.reading.frame.env
        match node:
            case nodes.Output() | nodes.ExprStmt():
                for child in node.iter_child_nodes():
                    self.eval(child)
            case nodes.If():
                self._if(node.test, node.body, [*node.elif_], node.else_)
            case nodes.For():
                self._for(node)
            case nodes.Assign(target=target):
                value = self.eval(node.node)
                self._set(target, value)
            case nodes.AssignBlock(target=target):
                self.body(node.body)
                self._set(target, None)
            case nodes.With():
                values = [self.eval(value) for value in node.values]
                for target, value in zip(node.targets, values, strict=True):
                    self._set(target, value)
                self.body(node.body)
                self.reading.frame.env = env
            case nodes.Block():
                self._block(node.name, 0)
            case nodes.Include(template=nodes.Const(value=str(name))) if node.with_context:
                inner = Rendering(self.reading, self.templates)
                inner.depth, inner.loops = self.depth + 1, self.loops
                inner.render(name, dict(env))
                self.reading.frame.env = env
            case nodes.Macro():
                self.macros[node.name] = (self.reading.frame.file, node)
            case nodes.FromImport(template=nodes.Const(value=str(name))):
                known = self._macros_of(name)
                for item in node.names:
                    own, other = (item, item) if isinstance(item, str) else item
                    if own in known:
                        self.macros[other] = known[own]
            case nodes.Import(template=nodes.Const(value=str(name))):
                self.modules[node.target] = self._macros_of(name)
            case nodes.ScopedEvalContextModifier() | nodes.Scope():
                self.body(node.body)
            case nodes.FilterBlock():
                self.body(node.body)
            case _:
                pass

    def _macros_of(self, name: str) -> dict[str, _Macro]:
        tree = self.templates.tree(name)
        return {m.name: (name, m) for m in tree.find_all(nodes.Macro)} if tree is not None else {}

    def _block(self, name: str, level: int) -> None:
        bodies = self.blocks.get(name, [])
        if level < len(bodies) and self.depth <= _MAX_DEPTH:
            outer, env = self.level, self.reading.frame.env
            # In a loop it may be met no time, or many times.
            known = {} if self.loops else dict(self.context)
            self.level, self.reading.frame.env = (name, level), known
            self._elsewhere(*bodies[level])
            self.level, self.reading.frame.env = outer, env

    def _if(
        self,
        test: nodes.Node,
        body: Sequence[nodes.Node],
        others: list[nodes.If],
        end: Sequence[nodes.Node],
    ) -> None:
        self.eval(test)

        def other() -> None:
            if others:
                self._if(others[0].test, others[0].body, others[1:], end)
            else:
                self.body(end)

        self.reading.fork(self._absent(test), lambda: self.body(body), other)

    def _for(self, node: nodes.For) -> None:
        held = self.eval(node.iter)
        target = node.target
        stops = next(node.find_all((nodes.Break, nodes.Continue)), None) is not None
        if held is None or not held.many or node.recursive or stops:
            return

        def visit() -> None:
            if node.test is not None:
                self.eval(node.test)
            else:
                self.body(node.body)

        self.loops += 1
        self.reading.each_of(held, _target(target), visit)
        self.loops -= 1

    def _set(self, target: nodes.Node, value: Held | None) -> None:
        env = self.reading.frame.env
        for name in [target, *target.find_all(nodes.Name)]:
            if isinstance(name, nodes.Name):
                env.pop(name.name, None)
        env |= bindings(_target(target), value)

    def _absent(self, test: nodes.Node) -> Absence:
        match test:
            case nodes.Not():
                held, absent = self._absent(test.node)
                return held, not absent
            case nodes.Test(name="none"):
                held, _ = self._absent(test.node)
                return (held, True) if held is not None and not held.many else (None, False)
            case nodes.Name() | nodes.Getattr():
                before = self.reading.now
                held = self.eval(test)
                self.reading.now = before
                return held, False
        return None, False

    # -- expressions -----------------------------------------------------------------------

    def eval(self, node: nodes.Node | None) -> Held | None:
        if node is None or self.reading.now is None:
            return None
        match node:
            case nodes.Name():
                return self.reading.frame.env.get(node.name)
            case nodes.Getattr():
                return self.reading.member(self.eval(node.node), node.attr, node.lineno)
            case nodes.Getitem(arg=nodes.Const(value=str(name))):
                return self.reading.member(self.eval(node.node), name, node.lineno)
            case nodes.Getitem():
                return self.reading.taken(self.eval(node.node), _index(node.arg))
            case nodes.Call():
                return self._call(node)
            case nodes.Filter():
                held = self.eval(node.node)
                self._arguments(node)
                return held if node.name in _ALL else None
            case nodes.CondExpr():
                self.eval(node.test)
                self.reading.fork(
                    self._absent(node.test),
                    lambda: self.eval(node.expr1),
                    lambda: self.eval(node.expr2),
                )
            case nodes.And():
                self.eval(node.left)
                self.reading.fork(
                    self._absent(node.left), lambda: self.eval(node.right), lambda: None
                )
            case nodes.Or():
                self.eval(node.left)
                self.reading.fork((None, False), lambda: self.eval(node.right), lambda: None)
            case nodes.Compare():
                self.eval(node.expr)
                self.eval(node.ops[0].expr)
            case nodes.Test():
                self.eval(node.node)
                self._arguments(node)
            case nodes.Expr() | nodes.Pair() | nodes.Keyword():
                for child in node.iter_child_nodes():
                    self.eval(child)
        return None

    def _arguments(
        self, node: nodes.Call | nodes.Filter | nodes.Test
    ) -> tuple[list[Held | None], dict[str, Held | None]]:
        given = [self.eval(argument) for argument in node.args]
        named = {str(pair.key): self.eval(pair.value) for pair in node.kwargs}
        return given, named

    def _call(self, node: nodes.Call) -> Held | None:
        func = node.node
        base = self.eval(func.node) if isinstance(func, nodes.Getattr) else None
        given, named = self._arguments(node)
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            return None
        if isinstance(func, nodes.Getattr):
            if base is not None and base.one is not None:
                return self.reading.method(base, func.attr, given, named)
            module = func.node.name if isinstance(func.node, nodes.Name) else ""
            self._macro(self.modules.get(module, {}).get(func.attr), given, named)
        elif isinstance(func, nodes.Name) and func.name == "super":
            name, level = self.level
            self._block(name, level + 1)
        elif isinstance(func, nodes.Name) and func.name not in self.reading.frame.env:
            self._macro(self.macros.get(func.name), given, named)
        return None

    def _macro(
        self,
        macro: _Macro | None,
        given: list[Held | None],
        named: dict[str, Held | None],
    ) -> None:
        if macro is None or self.depth > _MAX_DEPTH or not self.reading.another_body():
            return
        names = [argument.name for argument in macro[1].args]
        pairs = [*zip(names, given, strict=False), *named.items()]
        held = {name: value for name, value in pairs if value is not None}
        if not held:
            return
        outer, self.reading.frame.env = self.reading.frame.env, held
        self._elsewhere(*macro)
        self.reading.frame.env = outer

    def _elsewhere(self, file: str, node: nodes.Block | nodes.Macro) -> None:
        """A body that stands in another template."""
        frame = self.reading.frame
        outer, frame.file = frame.file, file
        self.depth += 1
        self.body(node.body)
        self.depth -= 1
        frame.file = outer


def _index(node: nodes.Node | None) -> object:
    """What a subscript says."""
    match node:
        case nodes.Const(value=value):
            return value
        case nodes.Neg(node=nodes.Const(value=int() as value)):
            return -value
    return None


def _target(node: nodes.Node) -> Target:
    """What Jinja assigns to."""
    match node:
        case nodes.Name(name=name):
            return name
        case nodes.Tuple(items=items):
            return tuple(map(_target, items))
    return ""
