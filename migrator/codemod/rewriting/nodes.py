"""Small makers of libcst nodes that the rules share. They keep comments and line breaks.

The line breaks of a method chain live in the whitespace of its dots, so a chain that moves into
the parentheses of a call keeps its shape there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import libcst as cst


def expression(source: str) -> cst.BaseExpression:
    """Parse a small piece of source: a name, a dotted name, a constant."""
    return cst.parse_expression(source)


def argument(source: str | cst.BaseExpression, keyword: str = "") -> cst.Arg:
    """One argument of a call; with `keyword`, a keyword argument without spaces around `=`."""
    value = expression(source) if isinstance(source, str) else source
    if not keyword:
        return cst.Arg(value)
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return cst.Arg(value, keyword=cst.Name(keyword), equal=equal)


def call(function: str | cst.BaseExpression, *args: cst.BaseExpression | cst.Arg) -> cst.Call:
    """`function(args...)`, separated by a comma and a space."""
    func = expression(function) if isinstance(function, str) else function
    return cst.Call(func, separated([a if isinstance(a, cst.Arg) else cst.Arg(a) for a in args]))


def separated(args: Sequence[cst.Arg]) -> list[cst.Arg]:
    """The arguments with a comma after each but the last that lacks one.

    A generator expression that was the only one gets parentheses of its own.
    """
    result = []
    for index, arg in enumerate(args):
        if isinstance(arg.value, cst.GeneratorExp) and not arg.value.lpar and len(args) > 1:
            arg = arg.with_changes(
                value=arg.value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
            )
        if index < len(args) - 1 and isinstance(arg.comma, cst.MaybeSentinel):
            arg = arg.with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        result.append(arg)
    return result


def attribute(value: cst.BaseExpression, name: str, dot: cst.Dot | None = None) -> cst.Attribute:
    """`value.name`, with the whitespace of another dot."""
    return cst.Attribute(strongest(value), cst.Name(name), dot=dot or cst.Dot())


def method(
    value: cst.BaseExpression,
    name: str,
    *args: cst.BaseExpression | cst.Arg,
    dot: cst.Dot | None = None,
) -> cst.Call:
    """`value.name(args...)`."""
    return call(attribute(value, name, dot), *args)


def awaited(node: cst.BaseExpression) -> cst.Await:
    """`(await node)`; the rewriter takes the parentheses away where they are not needed."""
    return cst.Await(strongest(node), lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def strongest(node: cst.BaseExpression) -> cst.BaseExpression:
    """`node`, parenthesised unless it binds at least as strongly as a call."""
    primary = (
        cst.Call, cst.Name, cst.Attribute, cst.Subscript, cst.List, cst.Dict, cst.ListComp,
        cst.SimpleString, cst.FormattedString,
    )  # fmt: skip
    if node.lpar or isinstance(node, primary):
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def bare(value: cst.BaseExpression) -> cst.BaseExpression:
    """The expression without its own parentheses, unless it needs them to span lines."""
    if not value.lpar:
        return value
    return value.with_changes(lpar=[], rpar=[])


def in_place_of(node: cst.BaseExpression, replacement: cst.BaseExpression) -> cst.BaseExpression:
    """The replacement inside the parentheses that stood around the node (they hold comments)."""
    if not node.lpar:
        return replacement
    if replacement.lpar and len(replacement.lpar) == 1 and isinstance(replacement, cst.Await):
        replacement = bare(replacement)
    return replacement.with_changes(
        lpar=[*node.lpar, *replacement.lpar], rpar=[*replacement.rpar, *node.rpar]
    )


def receiver(node: cst.BaseExpression) -> tuple[cst.BaseExpression, cst.Dot]:
    """The receiver of a method call or attribute, and the dot before the method's name."""
    func = node.func if isinstance(node, cst.Call) else node
    assert isinstance(func, cst.Attribute)
    return func.value, func.dot


def with_statement(
    function: cst.BaseExpression | str,
    statement: cst.BaseExpression,
    *others: cst.Arg,
) -> cst.Call:
    """`function(statement, others...)`.

    A chain over several lines goes on lines of its own, one level further in.
    """
    statement = bare(statement) if _safe_bare(statement) else statement
    broken = _chain_break(statement)
    made = call(function, cst.Arg(statement), *others)
    if broken is None:
        return made
    first = made.args[0].with_changes(value=made.args[0].value.visit(_Deeper()))
    inner = _line(broken + _Deeper.LEVEL)
    last = _line(broken)
    args = [first, *made.args[1:]]
    if len(args) == 1:
        args[0] = args[0].with_changes(whitespace_after_arg=last)
    else:
        args[-1] = args[-1].with_changes(whitespace_after_arg=last)
        args = [
            a.with_changes(comma=cst.Comma(whitespace_after=inner)) if i < len(args) - 1 else a
            for i, a in enumerate(args)
        ]
    return made.with_changes(whitespace_before_args=inner, args=args)


def _line(indent: str) -> cst.ParenthesizedWhitespace:
    return cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(indent))


def _safe_bare(statement: cst.BaseExpression) -> bool:
    """Parentheses may go when they hold no comment of their own."""
    return all(
        not _has_comment(p.whitespace_after) for p in statement.lpar if isinstance(p, cst.LeftParen)
    ) and all(not _has_comment(p.whitespace_before) for p in statement.rpar)


def _has_comment(space: cst.BaseParenthesizableWhitespace) -> bool:
    return isinstance(space, cst.ParenthesizedWhitespace) and (
        space.first_line.comment is not None or any(e.comment for e in space.empty_lines)
    )


def plain_dot(dot: cst.Dot) -> cst.Dot:
    """The dot without its line break, when no comment would be lost."""
    for space in (dot.whitespace_before, dot.whitespace_after):
        if _has_comment(space):
            return dot
    return cst.Dot()


class _Deeper(cst.CSTTransformer):
    """Indents continuation lines by one level."""

    LEVEL = "    "

    def leave_ParenthesizedWhitespace(
        self,
        original_node: cst.ParenthesizedWhitespace,
        updated_node: cst.ParenthesizedWhitespace,
    ) -> cst.ParenthesizedWhitespace:
        last = updated_node.last_line
        return updated_node.with_changes(last_line=last.with_changes(value=last.value + self.LEVEL))

    def leave_EmptyLine(
        self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine
    ) -> cst.EmptyLine:
        if updated_node.comment is None:
            return updated_node
        space = updated_node.whitespace
        return updated_node.with_changes(
            whitespace=space.with_changes(value=space.value + self.LEVEL)
        )


def links(node: cst.BaseExpression) -> Iterator[cst.Call]:
    """The method calls of a chain, outermost first."""
    while isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        yield node
        node = node.func.value


def _chain_break(node: cst.BaseExpression) -> str | None:
    """The indentation of the chain's own continuation lines; None for a chain on one line."""
    current = node
    while True:
        if isinstance(current, cst.Call):
            current = current.func
        elif isinstance(current, cst.Attribute):
            space = current.dot.whitespace_before
            if isinstance(space, cst.ParenthesizedWhitespace) and space.indent:
                return space.last_line.value
            current = current.value
        elif isinstance(current, cst.Subscript):
            current = current.value
        else:
            return None


def replace_root(
    node: cst.BaseExpression, change: Callable[[cst.Call], cst.BaseExpression]
) -> cst.BaseExpression:
    """The chain with its innermost call (`select(...)`) changed."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        inner = replace_root(node.func.value, change)
        return node.with_changes(func=node.func.with_changes(value=inner))
    assert isinstance(node, cst.Call)
    return change(node)
