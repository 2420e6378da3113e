"""`from_object("legacy_app.config.Config")` names the module of the new package."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The string with the new name, quoted as before; of an f-string, its beginning alone is new."""
    if "begins" in action.args:
        return _begun(node, action.args["begins"], action.args["text"])
    quote = node.quote if isinstance(node, cst.SimpleString) else '"'
    return cst.SimpleString(f"{quote}{action.args['text']}{quote}")


def _begun(node: cst.BaseExpression, old: str, new: str) -> cst.BaseExpression:
    match node:
        case cst.ConcatenatedString():
            return node.with_changes(left=_begun(node.left, old, new))
        case cst.FormattedString(parts=[cst.FormattedStringText() as first, *others]):
            text = first.with_changes(value=new + first.value.removeprefix(old))
            return node.with_changes(parts=[text, *others])
        case cst.SimpleString():
            start = node.prefix + node.quote
            rest = node.value.removeprefix(start).removeprefix(old)
            return node.with_changes(value=start + new + rest)
    return node
