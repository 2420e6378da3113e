"""Changes of expressions as text: libcst sees no statement, and most expressions neither.

A wrapped call or a new name needs no syntax tree but Python's own, and libcst takes twenty times as
long. A rule that can say its change this way has a function `splice` beside `rewrite`; what it gives
is equal, byte for byte. Of all other rules libcst sees the expression that changes, alone. What
depends on more than that (definitions, f-strings) is a matter of the whole unit.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.fragment import rewritten
from migrator.codemod.rewriting.tidy import one_line
from migrator.codemod.rewriting.units import Unit
from migrator.frozen import frozen
from migrator.index.walk import children
from migrator.queries.step import Action


@frozen
class Written:
    """New source of an expression; `awaited` puts an `await` before it.

    Where that isn't on its own it is in parentheses: `whole` says with which, if not plain ones.
    """

    code: str
    awaited: bool = False
    whole: str = ""

    def text(self, alone: bool) -> str:
        """The source, on its own or inside of something."""
        if not self.awaited:
            return self.code
        return f"await {self.code}" if alone else self.whole or f"(await {self.code})"


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
    ast.GeneratorExp: ("elt",),
    ast.comprehension: ("iter",),
    ast.If: ("test",),
    ast.While: ("test",),
    ast.For: ("iter",),
}
_COMPREHENSIONS = (ast.ListComp, ast.GeneratorExp, ast.comprehension)
#: Rules that leave an expression in the parentheses that it has.
_IN_PLACE = frozenset({"fetch", "count_rows", "http_helper"})
#: From the end of a function to its arguments.
_OPENED = re.compile(r"[\s)]*\(")
#: Around these, positions or parentheses follow rules of their own.
_ODD = (ast.JoinedStr, ast.ClassDef, ast.pattern, ast.match_case)


class Source:
    """One unit's text while it changes; places are offsets into the module's text."""

    def __init__(self, lines: list[str], starts: list[int], text: str, unit: Unit) -> None:
        self.lines = lines
        self.starts = starts
        self.text = text
        self.parents = dict(_parents(unit))
        #: What stands instead of a span, none inside another.
        self.changes: dict[_Span, Written] = {}
        #: Of those, the ones that need no parentheses.
        self.alone: set[_Span] = set()

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

    def between(self, start: int, end: int, *, tidy: bool = True) -> str:
        """The source from one offset to another with the changes so far."""
        parts = []
        for (first, last), change in sorted(self.changes.items()):
            if start <= first and last <= end:
                alone = tidy and (first, last) in self.alone
                parts += [self.text[start:first], change.text(alone)]
                start = last
        return "".join([*parts, self.text[start:end]])

    def code(self, node: ast.AST) -> str:
        """The source of an expression with the changes so far."""
        return self.between(*self.span(node))

    def keyword(self, node: ast.keyword) -> _Span:
        """Where a keyword argument stands that is written without spaces."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.offset(node.lineno, node.col_offset)
        if node.arg is None or not self.text.startswith(f"{node.arg}=", start):
            raise Tangled
        return start, self.offset(node.end_lineno, node.end_col_offset)

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

    def receiver(self, node: ast.AST) -> tuple[str, str]:
        """The source of what a method is called on, and the dot with the whitespace around it."""
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Attribute)
        value = node.func.value
        primary = isinstance(value, ast.Call | ast.Name | ast.Attribute | ast.Subscript)
        end = self.span(node.func)[1] - len(node.func.attr)
        dot = self.text[self._plain_end(value) : end]
        if not primary or dot.strip() != ".":
            raise Tangled
        return self.code(value), dot

    def inside(self, place: _Span, span: _Span, change: Written) -> Written:
        """The change of an expression that keeps the parentheses of its own, from `place`."""
        before, after = self.text[place[0] : span[0]], self.text[span[1] : place[1]]
        if before.count("(") > 1:
            raise Tangled
        if not change.awaited:
            return Written(f"{before}{change.code}{after}")
        return Written(change.code, True, f"{before}await {change.code}{after}")

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
        if change is not None and change.awaited:
            raise Tangled
        return span[1]

    def parts(self, unit: Unit) -> list[str]:
        """The source before, between and behind the unit's holes."""
        first = unit.first
        parts = []
        for hole in unit.holes:
            parts.append(self.between(self.starts[first - 1], self.starts[hole.first - 1]))
            first = hole.last + 1
        return [*parts, self.between(self.starts[first - 1], self.starts[unit.last])]

    def put(self, node: ast.AST, change: Written, span: _Span) -> None:
        """Let `change` stand instead of an expression: of its span, or one around it."""
        start, end = span
        for first, last in list(self.changes):
            if start <= first and last <= end:
                del self.changes[first, last]
        if change.awaited and self._stands_alone(node, change.code, span):
            self.alone.add(span)
        self.changes[span] = change

    def replace(self, node: ast.AST, pattern: re.Pattern[str], code: str) -> None:
        """Put `code` where a statement's beginning has the first group of `pattern`."""
        assert isinstance(node, ast.stmt)
        match = pattern.match(self.text, self.offset(node.lineno, node.col_offset))
        if match is None:
            raise Tangled
        self.changes[match.span(1)] = Written(code)

    def write(self, start: int, end: int, code: str) -> None:
        """Put `code` in the place of text that has not changed so far."""
        if any(first < end and start < last for first, last in self.changes):
            raise Tangled
        self.changes[start, end] = Written(code)

    def plain(self, node: ast.expr) -> _Span:
        """Where an expression stands that has no parentheses of its own."""
        span = self.span(node)
        if self.enclosed(node) != span:
            raise Tangled
        return span

    def enclosed(self, node: ast.expr) -> _Span:
        """Where an expression stands with the parentheses of its own.

        Raises Tangled in an odd place, or where comments are between those parentheses and it.
        """
        if id(node) not in self.parents or isinstance(node, ast.Tuple | ast.GeneratorExp):
            # A node of another tree, or of a statement that is not seen whole.
            raise Tangled
        statement: ast.stmt | None = None
        parent: ast.AST | None = node
        while parent is not None:
            if isinstance(parent, _ODD):
                raise Tangled
            if statement is None and isinstance(parent, ast.stmt):
                statement = parent
            parent = self.parents.get(id(parent))
        start, end = self.span(node)
        floor = self.offset(statement.lineno, statement.col_offset) if statement else 0
        # A decorator stands before its statement begins.
        floor = floor if floor <= start else 0
        limit = self._opening(node)
        while True:
            before, after = self.text[floor:start].rstrip(), self.text[end : end + 200].lstrip()
            line = before[before.rfind("\n") + 1 :]
            if "#" in line and "\n" in self.text[floor + len(before) : start]:
                raise Tangled
            if not before.endswith("(") or floor + len(before) <= limit:
                return start, end
            if after[:1] in ("#", "", "\\"):
                raise Tangled
            if after[0] != ")":
                return start, end
            if isinstance(self.parents.get(id(node)), ast.withitem | ast.keyword):
                raise Tangled
            start, end = floor + len(before) - 1, self.text.index(")", end) + 1

    def _opening(self, node: ast.expr) -> int:
        """Where the parenthesis of the call that `node` is an argument of has been opened."""
        call = self.parents.get(id(node))
        if not isinstance(call, ast.Call) or call.func is node:
            return 0
        opened = _OPENED.match(self.text, self.span(call.func)[1])
        if opened is None:
            raise Tangled
        return opened.end()

    def indent(self, node: ast.AST) -> str:
        """The indentation of the statement that holds a node."""
        while not isinstance(node, ast.stmt):
            node = self.parents[id(node)]
        line = self.lines[node.lineno - 1]
        return line[: len(line) - len(line.lstrip(" \t\f"))]

    def _stands_alone(self, node: ast.AST, code: str, span: _Span) -> bool:
        parent = self.parents.get(id(node))
        start, end = span
        before, after = self.text[max(start - 1, 0) : start], self.text[end : end + 1]
        if before.isalpha() or (after.isalpha() and isinstance(parent, _COMPREHENSIONS)):
            return False  # `if(f(x)):`, `[f(x)for x in y]`
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


def spliced(
    lines: list[str],
    starts: list[int],
    text: str,
    unit: Unit,
    find: Callable[[str], Splice | None],
    context: Context,
) -> list[str] | None:
    """The new texts before, between and behind the unit's holes; None where libcst has to see it as a whole."""
    source = Source(lines, starts, text, unit)
    statements: list[tuple[ast.stmt, Action, Splice]] = []
    expressions: dict[_Span, tuple[ast.expr, list[Action]]] = {}
    for edit in unit.edits:
        if isinstance(edit.node, ast.expr):
            place = expressions.setdefault(source.span(edit.node), (edit.node, []))
            place[1].extend(edit.actions)
            continue
        splice = find(edit.actions[0].rule) if len(edit.actions) == 1 else None
        if splice is None or not isinstance(edit.node, ast.stmt):
            return None
        statements.append((edit.node, edit.actions[0], splice))
    try:
        for span in sorted(expressions, key=lambda s: (s[1], -s[0])):
            _change(source, span, *expressions[span], find, context)
        for statement, action, splice in statements:
            splice(source, statement, action, context)
    except Tangled:
        return None
    return source.parts(unit)


def _change(
    source: Source,
    span: _Span,
    node: ast.expr,
    actions: list[Action],
    find: Callable[[str], Splice | None],
    context: Context,
) -> None:
    """Make the edits of one expression, as text or by libcst."""
    place = source.enclosed(node)
    splice = find(actions[0].rule) if len(actions) == 1 and not actions[0].sync else None
    if splice is not None and (place == span or actions[0].rule in _IN_PLACE):
        try:
            change = splice(source, node, actions[0], context)
            if change is not None and place != span:
                change = source.inside(place, span, change)
        except Tangled:
            pass
        else:
            if change is not None:
                source.put(node, change, place)
            return
    newline = "\r\n" if "\r" in source.text else "\n"
    before = source.between(*place, tidy=False)
    made = rewritten(before, source.indent(node), newline, actions, context)
    if made is None:
        raise Tangled
    source.put(node, Written(*made), place)


def _parents(unit: Unit) -> Iterator[tuple[int, ast.AST]]:
    """The parent of each node of a unit, by the id of the child; what is in holes is left out."""
    holes = [(hole.first, hole.last) for hole in unit.holes]
    stack: list[ast.AST] = list(unit.statements)
    while stack:
        parent = stack.pop()
        for child in children(parent):
            if (
                holes
                and isinstance(child, ast.stmt)
                and any(first <= child.lineno <= last for first, last in holes)
            ):
                continue
            yield id(child), parent
            stack.append(child)
