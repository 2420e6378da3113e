"""`import legacy_app.models as m` becomes `import target_app.models as m`."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.Import, action: Action, context: Context) -> cst.Import:
    """The import of the modules by their new names."""
    changes: Mapping[str, list[str]] = action.args["names"]
    parts: list[str] = []
    module = cst.Module([])
    for alias in node.names:
        bare = alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)
        old = module.code_for_node(alias.name)
        parts.extend(changes.get(old, [module.code_for_node(bare)]))
    statement = cst.parse_statement(f"import {', '.join(parts)}\n")
    assert isinstance(statement, cst.SimpleStatementLine)
    new = statement.body[0]
    assert isinstance(new, cst.Import)
    return node.with_changes(names=new.names)
