"""What a report says of one place."""

from __future__ import annotations

import ast
from typing import Literal

from migrator.frozen import frozen
from migrator.index.definitions import Module


@frozen
class Finding:
    """Something to know or to do: `severity` is error (to be done by hand) or info."""

    path: str
    line: int
    column: int
    code: str
    message: str
    symbol: str = ""
    hint: str = ""
    severity: str = "error"


def finding_at(
    module: Module,
    node: ast.expr | ast.stmt,
    code: str,
    message: str,
    *,
    hint: str,
    severity: Literal["error", "info"] = "error",
) -> Finding:
    """The finding for a node of a module."""
    column = node.col_offset + 1
    return Finding(module.path, node.lineno, column, code, message, hint=hint, severity=severity)
