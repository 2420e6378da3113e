"""Plain changes as text: a wrapped call or a new name needs no syntax tree but Python's own.

Most edits are of this kind, and libcst takes twenty times as long for them. A rule that can say its
change this way has a function `splice` beside `rewrite`; what it gives is equal, byte for byte, or
it is None: then libcst takes the whole unit.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from migrator.codemod.context import Context
from migrator.codemod.units import Unit
from migrator.queries.step import Action


@dataclass(frozen=True, slots=True)
class Written:
    """New source of an expression; `awaited` asks for parentheses where it isn't on its own."""

    code: str
    awaited: bool = False


class Tangled(Exception):
    """This place needs libcst."""


#: A rule's change of an expression; of a statement, it changes the source itself.
Splice = Callable[["Source", ast.AST, Action, Context], Written | None]
_Span = tuple[int, int]
#: Parents that hold an `await` without parentheses, by the field that it is in.
_BARE: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Expr: ("value",),
    ast.Assign: ("value",),
    ast.AnnAssign: ("value",),
    ast.Return: ("value",),
    ast.Call: ("args",),
    ast.keyword: ("value",),
    ast.List: ("elts",),
    ast.Set: ("elts",),
    ast.Tuple: ("elts",),
    ast.Dict: ("values",),
    ast.ListComp: ("elt",),
    ast.comprehension: ("iter",),
    ast.If: ("test",),
    ast.While: ("test",),
    ast.For: ("iter",),
}
#: Around these, positions or parentheses follow rules of their own.
_ODD = (ast.JoinedStr, ast.ClassDef, ast.pattern)


class Source:
    """One unit's text while it changes; places are offsets into the module's text."""

    def __init__(self, lines: list[str], starts: list[int], text: str, unit: Unit) -> None:
        self.lines = lines
        self.starts = starts
        self.text = text
        self.parents = dict(_parents(unit))
        #: What stands instead of a span, none inside another.
        self.changes: dict[_Span, Written] = {}

    def offset(self, line: int, column: int) -> int:
        """The offset of a position; ast counts columns in bytes of UTF-8."""
        text = self.lines[line - 1]
        if not text.isascii():
            column = len(text.encode()[:column].decode())
        return self.starts[line - 1] + column

    def span(self, node: ast.AST) -> _Span:
        """Where an expression stands, without parentheses around it."""
        assert isinstance(node, ast.expr)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self.offset(node.lineno, node.col_offset),
            self.offset(node.end_lineno, node.end_col_offset),
        )

    def between(self, start: int, end: int) -> str:
        """The source from one offset to another with the changes so far."""
        parts = []
        for (first, last), change in sorted(self.changes.items()):
            if start <= first and last <= end:
                code = f"(await {change.code})" if change.awaited else change.code
                parts += [self.text[start:first], code]
                start = last
        return "".join([*parts, self.text[start:end]])

    def code(self, node: ast.AST) -> str:
        """The source of an expression with the changes so far."""
        return self.between(*self.span(node))

    def call(self, node: ast.AST) -> tuple[str, str]:
        """The source of a call's function, and that of its arguments with the closing bracket."""
        assert isinstance(node, ast.Call)
        _, end = self.span(node)
        middle = self._plain_end(node.func)
        if self.text[middle] != "(":
            raise Tangled
        return self.code(node.func), self.between(middle + 1, end)

    def passed(self, node: ast.AST, function: str) -> str:
        """`f(x)` as `function(f, x)`."""
        callee, rest = self.call(node)
        assert isinstance(node, ast.Call)
        if rest[0] in " \t\r\n\f#\\" or any(isinstance(a, ast.GeneratorExp) for a in node.args):
            raise Tangled
        return f"{function}({callee})" if rest == ")" else f"{function}({callee}, {rest}"

    def attribute(self, node: ast.AST) -> tuple[str, str]:
        """The source of an attribute's owner, and its name."""
        assert isinstance(node, ast.Attribute)
        middle, end = self._plain_end(node.value), self.span(node)[1]
        if self.text[middle:end] != f".{node.attr}":
            raise Tangled
        return self.code(node.value), node.attr

    def receiver(self, node: ast.AST) -> str:
        """The source of what a method is called on, in a chain on one line."""
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Attribute)
        value = node.func.value
        primary = isinstance(value, ast.Call | ast.Name | ast.Attribute | ast.Subscript)
        code = self.code(value)
        if (
            not primary
            or self.text[self._plain_end(value)] != "."
            or "\n" in self.text[slice(*self.span(node))]
            or "\n" in code
        ):
            raise Tangled
        return code

    def indentation(self, node: ast.AST) -> str:
        """The indentation of a definition, where a decorator can be put in front of it."""
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        indent = self.lines[node.lineno - 1][: node.col_offset]
        above = self.lines[node.lineno - 2].strip() if node.decorator_list else "@"
        if "\r" in self.text or indent.strip() or not above or above.startswith("#"):
            raise Tangled
        return indent

    def _plain_end(self, node: ast.expr) -> int:
        """Where an expression ends that no `await` stands for now."""
        span = self.span(node)
        change = self.changes.get(span)
        if change is not None and (change.awaited or change.code.startswith("await ")):
            raise Tangled
        return span[1]

    def put(self, node: ast.AST, change: Written) -> None:
        """Let `change` stand instead of an expression."""
        start, end = self.span(node)
        for first, last in list(self.changes):
            if start <= first and last <= end:
                del self.changes[first, last]
        if change.awaited and self._stands_alone(node, change.code):
            change = Written(f"await {change.code}")
        self.changes[start, end] = change

    def replace(self, node: ast.AST, pattern: re.Pattern[str], code: str) -> None:
        """Put `code` where a statement's beginning has the first group of `pattern`."""
        assert isinstance(node, ast.stmt)
        match = pattern.match(self.text, self.offset(node.lineno, node.col_offset))
        if match is None:
            raise Tangled
        self.changes[match.span(1)] = Written(code)

    def check(self, node: ast.AST) -> None:
        """Raise Tangled for an expression that has parentheses of its own, or an odd place."""
        if id(node) not in self.parents:
            # A node of another tree, or of a statement that is not seen whole.
            raise Tangled
        parent: ast.AST | None = node
        while parent is not None:
            if isinstance(parent, _ODD):
                raise Tangled
            parent = self.parents.get(id(parent))
        start, end = self.span(node)
        before = self.text[:start].rstrip()
        line = before[before.rfind("\n") + 1 :]
        if "#" in line and "\n" in self.text[len(before) : start]:
            raise Tangled
        after = self.text[end : end + 200].lstrip()
        if before.endswith("(") and after[:1] in (")", "#", "", "\\"):
            parent = self.parents.get(id(node))
            if isinstance(parent, ast.keyword):
                raise Tangled
            if not isinstance(parent, ast.Call) or parent.func is node:
                raise Tangled
            if self.span(parent.func)[1] != len(before) - 1:
                raise Tangled

    def _stands_alone(self, node: ast.AST, code: str) -> bool:
        parent = self.parents.get(id(node))
        for name in _BARE.get(type(parent), ()) if parent is not None else ():
            value = getattr(parent, name)
            if value is node or (isinstance(value, list) and any(v is node for v in value)):
                break
        else:
            return False
        if isinstance(parent, ast.keyword) and parent.arg is None:
            return False
        if isinstance(parent, ast.Dict) and any(
            key is None and value is node
            for key, value in zip(parent.keys, parent.values, strict=True)
        ):
            return False
        if isinstance(parent, ast.Tuple) and isinstance(
            self.parents.get(id(parent)), ast.Subscript
        ):
            return False
        return one_line(f"await {code}")


def one_line(code: str) -> bool:
    """Whether an expression is one logical line without parentheses around it."""
    if "\n" not in code:
        return True
    try:
        ast.parse(f"async def f():\n    {code}")
    except SyntaxError:
        return False
    return True


def line_starts(lines: list[str]) -> list[int]:
    """The offset of each line."""
    return [0, *accumulate(map(len, lines))]


def spliced(
    lines: list[str],
    starts: list[int],
    text: str,
    unit: Unit,
    find: Callable[[str], Splice | None],
    context: Context,
) -> Source | None:
    """The unit with its edits made as text; None where one of them needs libcst."""
    steps = []
    for edit in unit.edits:
        splice = find(edit.actions[0].rule) if len(edit.actions) == 1 else None
        if splice is None or edit.actions[0].sync:
            return None
        steps.append((edit.node, edit.actions[0], splice))
    source = Source(lines, starts, text, unit)
    try:
        expressions = [(source.span(n), n, a, s) for n, a, s in steps if isinstance(n, ast.expr)]
        if len({span for span, *_ in expressions}) < len(expressions):
            return None
        for _, expression, _, _ in expressions:
            source.check(expression)
        expressions.sort(key=lambda e: (e[0][1], -e[0][0]))
        for _, expression, action, splice in expressions:
            change = splice(source, expression, action, context)
            if change is not None:
                source.put(expression, change)
        for node, action, splice in steps:
            if isinstance(node, ast.stmt):
                splice(source, node, action, context)
    except Tangled:
        return None
    return source


def _parents(unit: Unit) -> Iterator[tuple[int, ast.AST]]:
    """The parent of each node of a unit, by the id of the child; what is in holes is left out."""
    stack: list[ast.AST] = list(unit.statements)
    while stack:
        parent = stack.pop()
        for child in ast.iter_child_nodes(parent):
            if isinstance(child, ast.stmt) and any(
                hole.first <= child.lineno <= hole.last for hole in unit.holes
            ):
                continue
            yield id(child), parent
            stack.append(child)
