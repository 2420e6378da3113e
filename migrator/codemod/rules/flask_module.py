"""`import flask` becomes `import migrator.runtime.compat as flask`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.markers import Dropped
from migrator.queries.step import Action


def rewrite(node: cst.Import, action: Action, context: Context) -> cst.Import | Dropped:
    """The import of the counterpart under the old name; no import where nothing uses it."""
    names, local, target = action.args["names"], action.args["local"], action.args["target"]
    aliases = []
    for alias in node.names:
        own = cst.Module([]).code_for_node(alias.name) in names
        if not own:
            aliases.append(alias)
        elif target:
            aliases.append(
                cst.ImportAlias(
                    cst.parse_expression(target),  # type: ignore[arg-type]  # a dotted name
                    asname=cst.AsName(
                        cst.Name(local),
                        whitespace_before_as=cst.SimpleWhitespace(" "),
                        whitespace_after_as=cst.SimpleWhitespace(" "),
                    ),
                    comma=alias.comma,
                )
            )
    if not aliases:
        return Dropped()
    aliases[-1] = aliases[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return node.with_changes(names=aliases)
