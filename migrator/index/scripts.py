"""What a module does as a script only: below `if __name__ == "__main__":`, or all of it.

No event loop runs there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from migrator.index.definitions import Module
from migrator.index.walk import walk

#: What a module says that reads the command line.
_READING = ("parse_args", "parse_known_args", "argv")
_LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def is_for_scripts(statement: ast.stmt) -> bool:
    """Whether it is `if __name__ == "__main__":`."""
    return isinstance(statement, ast.If) and any(
        isinstance(node, ast.Name) and node.id == "__name__" for node in walk(statement.test)
    )


def in_script(module: Module, modules: Iterable[Module]) -> Callable[[ast.AST], bool]:
    """Says of the module's code whether it runs as a script alone; `modules` are all that there are."""
    tree = module.source.tree
    assert tree is not None
    if _takes_arguments(module) and not _is_named(module, modules):
        return lambda node: True
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


def _takes_arguments(module: Module) -> bool:
    """Whether the module's own code reads the command line: imported, it would read the server's."""
    tree = module.source.tree
    if tree is None or not any(module.source.says(word) for word in _READING):
        return False
    own = [s for s in tree.body if not isinstance(s, _LATER) and not is_for_scripts(s)]
    return any(_reads_arguments(node) for statement in own for node in walk(statement))


def _reads_arguments(node: ast.AST) -> bool:
    match node:
        case ast.Call(
            func=ast.Attribute(attr="parse_args" | "parse_known_args"), args=[], keywords=[]
        ):
            return True
        case ast.Attribute(value=ast.Name("sys"), attr="argv"):
            return True
    return False


def _is_named(module: Module, modules: Iterable[Module]) -> bool:
    """Whether the code of any other module says its name, be it in an import or in a text."""
    name = module.name.rpartition(".")[2]
    return module.is_package or any(m.source.says(name) for m in modules if m is not module)
