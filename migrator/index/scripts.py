"""What a module does as a script only: `if __name__ == "__main__":`. No event loop runs there."""

from __future__ import annotations

import ast
from collections.abc import Callable

from migrator.index.definitions import Module
from migrator.index.walk import walk


def is_for_scripts(statement: ast.stmt) -> bool:
    """Whether it is `if __name__ == "__main__":`."""
    return isinstance(statement, ast.If) and any(
        isinstance(node, ast.Name) and node.id == "__name__" for node in walk(statement.test)
    )


def in_script(module: Module) -> Callable[[ast.AST], bool]:
    """Says of the module's code whether it runs as a script alone."""
    tree = module.source.tree
    assert tree is not None
    found = [s for s in tree.body if isinstance(s, ast.If) and _alone(s)]
    spans = [(s.body[0].lineno, s.body[-1].end_lineno or s.lineno) for s in found]

    def inside(node: ast.AST) -> bool:
        line = getattr(node, "lineno", 0)
        return any(first <= line <= last for first, last in spans)

    return inside


def _alone(statement: ast.If) -> bool:
    """Whether its body runs nowhere else: other tests of the name may say the opposite."""
    match statement.test:
        case ast.Compare(left=ast.Name("__name__"), ops=[ast.Eq()], comparators=[ast.Constant(v)]):
            return v == "__main__"
        case ast.Compare(left=ast.Constant(v), ops=[ast.Eq()], comparators=[ast.Name("__name__")]):
            return v == "__main__"
    return False
