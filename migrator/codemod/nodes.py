"""Small makers of libcst nodes that the rules share."""

from __future__ import annotations

import libcst as cst


def awaited(node: cst.BaseExpression) -> cst.Await:
    """`(await node)`; `tidied` takes the parentheses away where they are not needed."""
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
