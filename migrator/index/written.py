"""Code as text: `ast.unparse`, once a node, and how a message names an expression."""

from __future__ import annotations

import ast
from functools import lru_cache

from migrator.index.definitions import dotted

_LABEL_LENGTH = 60


#: Asked for whenever a type in it has changed; 200 thousand lines have some 40 thousand of them.
@lru_cache(maxsize=1 << 17)
def written(node: ast.AST) -> str:
    """The source of a node of a tree that nobody changes."""
    return (isinstance(node, ast.expr) and dotted(node)) or ast.unparse(node)


def label(node: ast.AST) -> str:
    """An expression as a reader recognises it: the called name, or the expression cut short."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Assign):
        node = node.targets[0]
    if isinstance(node, ast.Lambda):
        return "lambda"
    text = " ".join(ast.unparse(node).partition("\n")[0].split())
    return text if len(text) <= _LABEL_LENGTH else f"{text[: _LABEL_LENGTH - 1]}…"
