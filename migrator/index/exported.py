"""What `from module import *` binds.

https://docs.python.org/3/reference/simple_stmts.html#the-import-statement
"""

from __future__ import annotations

import ast

from migrator.index.definitions import Module, Variable

_ALL = "__all__"


def exports(module: Module, name: str) -> bool:
    """Whether a star takes a name that the module has; so it does where only the run knows `__all__`."""
    listed = module.bindings.get(_ALL)
    if listed is None:
        return not name.startswith("_")
    if not isinstance(listed, Variable) or not isinstance(listed.value, ast.List | ast.Tuple):
        return True
    items = listed.value.elts
    if not all(isinstance(item, ast.Constant) for item in items):
        return True
    named = any(isinstance(item, ast.Constant) and item.value == name for item in items)
    return named or _is_added_to(module)


def _is_added_to(module: Module) -> bool:
    """`__all__ += more.__all__`, `__all__.extend(...)`, another assignment."""
    spoken = sum(node.id == _ALL for node in module.of(ast.Name))
    return spoken > 1
