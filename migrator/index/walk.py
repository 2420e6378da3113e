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
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Constant: (),
    ast.Import: ("names",),
    ast.ImportFrom: ("names",),
}


def walk(node: ast.AST) -> list[ast.AST]:
    """The node and every node below it, level by level; without `Load`, `Store` and `Del`."""
    found = [node]
    for parent in found:
        kind = type(parent)
        fields = _FIELDS.get(kind)
        if fields is None:
            fields = _FIELDS[kind] = tuple(f for f in kind._fields if f not in _PLAIN)
        for name in fields:
            value = getattr(parent, name, None)
            if isinstance(value, list):
                found += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                found.append(value)
    return found
