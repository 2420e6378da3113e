"""Nodes that rules leave behind and that become lines of their own when the module is settled.

A rule sees one node. What has to become a comment line, or several lines, is left as a marker, and
`Settling` turns it into those lines when the whole module is there.
"""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst


@dataclass(frozen=True)
class MovedImport(cst.ImportFrom):
    """One of several imports that take the place of one: each gets its own line."""

    def _visit_and_replace_children(self, visitor: cst.CSTVisitorT) -> MovedImport:
        return self


@dataclass(frozen=True)
class Dropped(cst.Pass):
    """A statement that is gone; `comment` stays in its place, "" for nothing at all."""

    comment: str = ""

    def _visit_and_replace_children(self, visitor: cst.CSTVisitorT) -> Dropped:
        return self


class Settling(cst.CSTTransformer):
    """Turns markers into lines."""

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement] | cst.RemovalSentinel:
        """Lines for the markers of one line."""
        if not any(isinstance(s, MovedImport | Dropped) for s in updated_node.body):
            return updated_node
        lines: list[cst.CSTNode] = []
        rest: list[cst.BaseSmallStatement] = []
        for small in updated_node.body:
            if isinstance(small, Dropped):
                if small.comment:
                    lines.append(cst.EmptyLine(comment=cst.Comment(small.comment)))
            elif isinstance(small, MovedImport):
                rest.append(small)
            else:
                rest.append(small)
        lines[:0] = [
            cst.SimpleStatementLine(
                [small.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)],
                trailing_whitespace=updated_node.trailing_whitespace
                if index == 0
                else cst.TrailingWhitespace(),
            )
            for index, small in enumerate(rest)
        ]
        # An EmptyLine prints like a statement; the typed body of a block just does not say so.
        return cst.FlattenSentinel([*updated_node.leading_lines, *lines])  # type: ignore[list-item]

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        """A block that holds comments only needs a statement."""
        if updated_node.body and all(isinstance(s, cst.EmptyLine) for s in updated_node.body):
            return updated_node.with_changes(
                body=[*updated_node.body, cst.SimpleStatementLine([cst.Pass()])]
            )
        return updated_node
