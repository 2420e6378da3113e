"""The parameters of a function, in the order in which they are written."""

from __future__ import annotations

import ast


def positional(arguments: ast.arguments) -> list[ast.arg]:
    """Those that can be filled by position."""
    return [*arguments.posonlyargs, *arguments.args]


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Those, and the ones by keyword alone; not `*args` and `**kwargs`."""
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
