"""What is left to do when all edits are made: parentheses that an `await` on its own doesn't need."""

from __future__ import annotations

import ast
from typing import Any

import libcst as cst

from migrator.codemod.markers import Settling


class Plain(cst.CSTTransformer):
    """A transformer without hooks for attributes, which libcst looks up one by one."""

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        """Nothing to do."""

    def on_leave_attribute(self, original_node: cst.CSTNode, attribute: str) -> None:
        """Nothing to do."""


class Tidier(Plain, Settling):
    """Takes away the parentheses around an `await` that stands alone, and settles markers."""

    def __init__(self, untouched: set[int]) -> None:
        super().__init__()
        self.untouched = untouched

    def on_visit(self, node: cst.CSTNode) -> bool:
        return id(node) not in self.untouched

    def _bare(self, node: Any, field: str = "value") -> Any:
        value = getattr(node, field)
        if isinstance(value, cst.Await) and len(value.lpar) == 1 and _one_line(value):
            return node.with_changes(**{field: value.with_changes(lpar=[], rpar=[])})
        return node

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.Expr:
        result: cst.Expr = self._bare(updated_node)
        return result

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        result: cst.Assign = self._bare(updated_node)
        return result

    def leave_AnnAssign(
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.AnnAssign:
        result: cst.AnnAssign = self._bare(updated_node)
        return result

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        if updated_node.value is None:
            return updated_node
        result: cst.Return = self._bare(updated_node)
        return result

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        if updated_node.star:
            return updated_node
        result: cst.Arg = self._bare(updated_node)
        return result

    def leave_FormattedString(
        self, original_node: cst.FormattedString, updated_node: cst.FormattedString
    ) -> cst.BaseExpression:
        # Before Python 3.12 a string inside an f-string needs the other kind of quote.
        if len(updated_node.end) > 1:
            return updated_node
        changed = updated_node.visit(_OtherQuotes(updated_node.end))
        assert isinstance(changed, cst.FormattedString)
        return changed

    def leave_Element(self, original_node: cst.Element, updated_node: cst.Element) -> cst.Element:
        result: cst.Element = self._bare(updated_node)
        return result

    def leave_DictElement(
        self, original_node: cst.DictElement, updated_node: cst.DictElement
    ) -> cst.DictElement:
        result: cst.DictElement = self._bare(updated_node)
        return result

    def leave_ListComp(
        self, original_node: cst.ListComp, updated_node: cst.ListComp
    ) -> cst.ListComp:
        result: cst.ListComp = self._bare(updated_node, "elt")
        return result

    def leave_GeneratorExp(
        self, original_node: cst.GeneratorExp, updated_node: cst.GeneratorExp
    ) -> cst.GeneratorExp:
        result: cst.GeneratorExp = self._bare(updated_node, "elt")
        return result

    def leave_CompFor(self, original_node: cst.CompFor, updated_node: cst.CompFor) -> cst.CompFor:
        result: cst.CompFor = self._bare(updated_node, "iter")
        return result

    def leave_If(self, original_node: cst.If, updated_node: cst.If) -> cst.If:
        result: cst.If = self._bare(updated_node, "test")
        return result

    def leave_While(self, original_node: cst.While, updated_node: cst.While) -> cst.While:
        result: cst.While = self._bare(updated_node, "test")
        return result

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.For:
        result: cst.For = self._bare(updated_node, "iter")
        return result


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
