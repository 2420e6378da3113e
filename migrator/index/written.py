"""`ast.unparse`, once a node: an expression is evaluated again whenever a type in it has changed."""

from __future__ import annotations

import ast
from functools import lru_cache

from migrator.index.definitions import dotted


#: 200 thousand lines have some 40 thousand of them.
@lru_cache(maxsize=1 << 17)
def written(node: ast.AST) -> str:
    """The source of a node of a tree that nobody changes."""
    return (isinstance(node, ast.expr) and dotted(node)) or ast.unparse(node)
