"""The names that a repository's code says at all: nothing reaches what it never names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.frozen import frozen
from migrator.index.definitions import Module, dotted


def is_special(name: str) -> bool:
    """Whether it is a name that Python itself calls: `__len__`, but not `__kept`, which is private."""
    return name.startswith("__") and name.endswith("__")


@frozen
class Names:
    """`said` are those of whatever is read, imported or spelled in a string.

    `given` are those of the attributes that are assigned, in whatever way, or are methods, `on_requests` those that
    are assigned to something called `request`, `on_others` those that are to anything but `self`.
    `owners` are those of what has its attributes assigned. `keyed` are those that a value may have in a dict or as
    a keyword, `put` those that an item is assigned under, or given by `update()` or `setdefault()`.
    """

    said: frozenset[str]
    given: frozenset[str]
    on_requests: frozenset[str]
    on_others: frozenset[str]
    owners: frozenset[str]
    keyed: frozenset[str]
    put: frozenset[str]

    def says(self, function: str) -> bool:
        """Whether a function of this name may be called: Python itself calls special methods."""
        return function in self.said or function.startswith("__")


def names_in_code(modules: Iterable[Module]) -> Names:
    said: set[str] = set()
    given: set[str] = set()
    on_requests: set[str] = set()
    on_others: set[str] = set()
    owners: set[str] = set()
    keyed: set[str] = set()
    put: set[str] = set()
    for module in modules:
        said.update([node.id for node in module.of(ast.Name)])
        for node in module.of(ast.Attribute):
            said.add(node.attr)
            if type(node.ctx) is ast.Store:
                given.add(node.attr)
                owner = dotted(node.value)
                if owner:
                    owners.add(owner.rpartition(".")[2])
                if owner.rpartition(".")[2] == "request":
                    on_requests.add(node.attr)
                if owner != "self":
                    on_others.add(node.attr)
        keyed.update([node.arg for node in module.of(ast.keyword) if node.arg is not None])
        given.update([node.name for node in module.of(ast.FunctionDef)])
        given.update([node.name for node in module.of(ast.AsyncFunctionDef)])
        for item in module.of(ast.Subscript):
            if type(item.ctx) is ast.Store and isinstance(item.slice, ast.Constant):
                put.add(str(item.slice.value))
        put.update(text for call in module.of(ast.Call) for text in _put_by(call))
        texts = [n.value for n in module.of(ast.Constant) if isinstance(n.value, str)]
        said.update(texts)
        keyed.update(texts)
        for imported in module.of(ast.ImportFrom):
            said.update([alias.name for alias in imported.names])
    return Names(
        said=frozenset(said),
        given=frozenset(given | keyed),
        on_requests=frozenset(on_requests),
        on_others=frozenset(on_others),
        owners=frozenset(owners),
        keyed=frozenset(keyed),
        put=frozenset(put),
    )


def _put_by(call: ast.Call) -> Iterator[str]:
    """The keys that `update(a=1)`, `update({"a": 1})` or `setdefault("a", 1)` gives a dict."""
    match call:
        case ast.Call(
            func=ast.Attribute(attr="setdefault"), args=[ast.Constant(value=str(name)), *_]
        ):
            yield name
        case ast.Call(func=ast.Attribute(attr="update"), args=given, keywords=keywords):
            yield from (k.arg for k in keywords if k.arg is not None)
            keys = (k for d in given if isinstance(d, ast.Dict) for k in d.keys)
            yield from (
                k.value for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str)
            )
