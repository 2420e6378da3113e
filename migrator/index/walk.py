"""`ast.walk`, several times as fast: most of what it looks at holds no node."""

from __future__ import annotations

import ast

#: Fields that hold no node of interest: names, numbers, and whether a name is read or written.
_PLAIN = frozenset(
    {
        "ctx", "id", "attr", "name", "names", "kind", "n", "s", "arg", "module", "level", "asname",
        "simple", "is_async", "type_comment", "type_ignores", "conversion",
    }
)  # fmt: skip


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of each class that hold nodes."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        self[kind] = found = tuple(f for f in kind._fields if f not in _PLAIN)
        return found


_FIELDS = _Fields({ast.Constant: (), ast.Import: ("names",), ast.ImportFrom: ("names",)})


def children(node: ast.AST) -> list[ast.AST]:
    """What `ast.iter_child_nodes` gives, but for `Load`, `Store` and `Del`."""
    found: list[ast.AST] = []
    for name in _FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            found.append(value)
        elif value and isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
    return found


def walk(node: ast.AST) -> list[ast.AST]:
    """The node and every node below it, level by level; without `Load`, `Store` and `Del`."""
    found = [node]
    add = found.append
    # As `children` does, without a call and a list for each node.
    for parent in found:
        for name in _FIELDS[type(parent)]:
            value = getattr(parent, name, None)
            if isinstance(value, ast.AST):
                add(value)
            elif value and isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        add(item)
    return found


def in_order(node: ast.AST) -> list[ast.AST]:
    """The same nodes in the order of `ast.NodeVisitor`: each before what is below it."""
    found: list[ast.AST] = []
    waiting = [node]
    while waiting:
        parent = waiting.pop()
        found.append(parent)
        waiting += reversed(children(parent))
    return found


def names_of(node: ast.AST) -> set[str]:
    """Every name and attribute in the code."""
    return {
        getattr(inner, "id", "") or getattr(inner, "attr", "")
        for inner in walk(node)
        if isinstance(inner, ast.Name | ast.Attribute)
    }


def parents_in(node: ast.AST) -> dict[int, ast.AST]:
    """The parent of each node below, by the id of the child."""
    found: dict[int, ast.AST] = {}
    nodes = [node]
    # As `walk` does.
    for parent in nodes:
        for name in _FIELDS[type(parent)]:
            value = getattr(parent, name, None)
            if isinstance(value, ast.AST):
                found[id(value)] = parent
                nodes.append(value)
            elif value and isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        found[id(item)] = parent
                        nodes.append(item)
    return found
