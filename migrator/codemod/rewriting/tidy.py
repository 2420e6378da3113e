"""What is left to do when all edits are made: parentheses that an `await` on its own doesn't need."""

from __future__ import annotations

import ast
import contextlib
from typing import Any

import libcst as cst

from migrator.codemod.rewriting.markers import Settling


class Plain(cst.CSTTransformer):
    """A transformer without hooks for attributes, which libcst looks up one by one."""

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        """Nothing to do."""

    def on_leave_attribute(self, original_node: cst.CSTNode, attribute: str) -> None:
        """Nothing to do."""


#: Where an expression needs no parentheses for being an `await`, by the node's field that it fills.
_STANDS_ALONE: dict[type, str] = {
    **dict.fromkeys((cst.Expr, cst.Assign, cst.AnnAssign, cst.Return), "value"),
    **dict.fromkeys((cst.Arg, cst.Element, cst.DictElement), "value"),
    **dict.fromkeys((cst.ListComp, cst.GeneratorExp), "elt"),
    **dict.fromkeys((cst.CompFor, cst.For), "iter"),
    **dict.fromkeys((cst.If, cst.While), "test"),
}


#: The whitespace between a keyword and that field.
_SPACE_BEFORE: dict[type, str] = {
    cst.Return: "whitespace_after_return",
    cst.CompFor: "whitespace_after_in",
    cst.For: "whitespace_after_in",
    cst.If: "whitespace_before_test",
    cst.While: "whitespace_after_while",
}


class Tidier(Plain, Settling):
    """Takes away the parentheses around an `await` that stands alone, and settles markers."""

    def __init__(self, untouched: set[int]) -> None:
        super().__init__()
        self.untouched = untouched

    def on_visit(self, node: cst.CSTNode) -> bool:
        return id(node) not in self.untouched

    def _bare(self, node: Any, field: str) -> Any:
        value = getattr(node, field)
        before = getattr(node, _SPACE_BEFORE.get(type(node), ""), None)
        if isinstance(before, cst.BaseParenthesizableWhitespace) and before.empty:
            return node  # `if(f(x)):`
        if isinstance(value, cst.Await) and len(value.lpar) == 1 and _one_line(value):
            with contextlib.suppress(cst.CSTValidationError):  # `[f(x)for x in y]`
                return node.with_changes(**{field: value.with_changes(lpar=[], rpar=[])})
        return node

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Any:
        left: Any = super().on_leave(original_node, updated_node)
        field = _STANDS_ALONE.get(type(left))
        if field is None or (isinstance(left, cst.Arg) and left.star):
            return left
        return self._bare(left, field)

    def leave_FormattedString(
        self, original_node: cst.FormattedString, updated_node: cst.FormattedString
    ) -> cst.BaseExpression:
        # Before Python 3.12 a string inside an f-string needs the other kind of quote.
        if len(updated_node.end) > 1:
            return updated_node
        changed = updated_node.visit(_OtherQuotes(updated_node.end))
        assert isinstance(changed, cst.FormattedString)
        return changed


class _OtherQuotes(cst.CSTTransformer):
    """Strings with the quote `quote` get the other one, where their text allows that."""

    def __init__(self, quote: str) -> None:
        super().__init__()
        self.quote = quote
        self.other = "'" if quote == '"' else '"'

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        inner = updated_node.raw_value
        if updated_node.quote != self.quote or self.other in inner:
            return updated_node
        value = f"{updated_node.prefix}{self.other}{inner}{self.other}"
        return updated_node.with_changes(value=value)


def _one_line(node: cst.Await) -> bool:
    """Whether an expression is one logical line without its parentheses."""
    code = cst.Module([]).code_for_node(node.with_changes(lpar=[], rpar=[]))
    return one_line(code)


def one_line(code: str) -> bool:
    """Whether an expression is one logical line without parentheses around it."""
    if "\n" not in code:
        return True
    try:
        ast.parse(f"async def f():\n    {code}")
    except SyntaxError:
        return False
    return True
