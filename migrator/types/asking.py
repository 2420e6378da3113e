"""What hardly anything but a query is asked for, on a receiver that nobody knows."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.types.session_calls import QUERY_METHODS

#: What runs a query and takes no arguments; texts, lists and dicts have none of it.
_BARE = frozenset(
    {"all", "count", "first", "first_or_404", "one", "one_or_404", "one_or_none", "scalar"}
)
#: What runs a query too, and is told from a dict's, a file's or a client's method by what stands before it.
_RUNNING = _BARE | {"delete", "get", "get_or_404", "paginate", "update"}
#: What runs a statement: its result is no query, whatever it is asked.
_EXECUTING = frozenset({"execute", "scalars"})
#: What refines a query and gives one: of these, texts have `join` too.
_REFINING = (QUERY_METHODS | {"select_from", "yield_per"}) - _RUNNING - {"exists", "join"}
#: Of these, what no cursor of another database and no frame of numbers has.
_TELLING = _REFINING - {"distinct", "having", "limit", "offset", "options"}


def asks_query(node: ast.AST) -> bool:
    """Whether it is a call that hardly anything but a query is asked for."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr not in _RUNNING:
        return False
    called = set(_called(node.func.value))
    if not called.isdisjoint(_EXECUTING):
        return False
    bare = node.func.attr in _BARE and not node.args and not node.keywords
    return bare or not called.isdisjoint(_TELLING)


def refines_query(node: ast.expr) -> bool:
    """Whether it is a call that gives a query, refined by what hardly anything else is."""
    called = [*_called(node)]
    told = not _TELLING.isdisjoint(called) and _EXECUTING.isdisjoint(called)
    return told and called[0] in _REFINING


def _called(node: ast.expr) -> Iterator[str]:
    """The names of the methods that a chain of calls calls."""
    while isinstance(node, ast.Await | ast.Call):
        inner = node.value if isinstance(node, ast.Await) else node.func
        if isinstance(inner, ast.Attribute):
            yield inner.attr
            inner = inner.value
        node = inner
