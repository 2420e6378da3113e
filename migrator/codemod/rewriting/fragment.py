"""One expression that libcst sees alone: its parser and visitors take long for whole statements."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from migrator.codemod.rewriting.apply import applied
from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.tidy import Tidier
from migrator.frozen import frozen
from migrator.queries.step import Action


def rewritten(
    source: str, indent: str, newline: str, actions: Sequence[Action], context: Context
) -> tuple[str, bool, str] | None:
    """The expression after the actions; None where it can't be read alone.

    `indent` is that of its statement, which its line breaks are relative to. Gives the new source,
    whether that is to be awaited, and, if so, the source with `await` and its parentheses.
    """
    # Line breaks need parentheses; without them, the indentation makes no difference.
    around = _Around(indent if "\n" in source else "", newline)
    try:
        node = around.parsed(source)
    except cst.ParserSyntaxError:
        return None
    node = applied(node, actions, context)
    whole = around.code(node)
    if whole.count("await") > isinstance(node, cst.Await):
        # One inside of it may need no parentheses any more.
        node = node.visit(_Within(set()))
        whole = around.code(node)
    if not isinstance(node, cst.Await) or len(node.lpar) != 1:
        return whole, False, ""
    if whole.startswith("(await ") and not whole[-2].isspace():
        return whole[len("(await ") : -1], True, whole
    bare = around.code(node.with_changes(lpar=[], rpar=[]))
    return bare.removeprefix("await "), True, whole


@frozen
class _Around:
    """Where an expression stands: in a block, if it has an indentation."""

    indent: str
    newline: str

    def parsed(self, source: str) -> cst.BaseExpression:
        """The expression, read inside of parentheses that are not its own."""
        if self.indent:
            module = cst.parse_module(f"{self._head}({source}){self.newline}")
            block = cst.ensure_type(module.body[0], cst.If).body
            line = cst.ensure_type(block.body[0], cst.SimpleStatementLine)
            node = cst.ensure_type(line.body[0], cst.Expr).value
        else:
            node = cst.parse_expression(f"({source})")
        return node.with_changes(lpar=node.lpar[1:], rpar=node.rpar[:-1])

    def code(self, node: cst.BaseExpression) -> str:
        """The source of an expression."""
        module = cst.Module([], default_newline=self.newline)
        if not self.indent:
            return module.code_for_node(node)
        line = cst.SimpleStatementLine([cst.Expr(node)])
        block = cst.If(cst.Integer("1"), cst.IndentedBlock([line], indent=self.indent))
        return module.code_for_node(block).removeprefix(self._head).removesuffix(self.newline)

    @property
    def _head(self) -> str:
        return f"if 1:{self.newline}{self.indent}"


class _Within(Tidier):
    """Leaves f-strings as they are: no edit is in them."""

    def on_visit(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, cst.FormattedString)
