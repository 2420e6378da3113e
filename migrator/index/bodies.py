"""The bodies of functions, apart from everything around them: what is in each, and who looks at it.

What a repository defines (names, classes, signatures, decorators) is outside of bodies, as long as a
body defines no functions and classes of its own. So after a change inside of one body, only what has
looked at that body can be another thing.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from migrator.index.definitions import Module
from migrator.index.source import lines_of
from migrator.index.walk import walk

T = TypeVar("T")


@dataclass(slots=True)
class Bodies:
    """Digests of bodies by their functions' keys; functions with others inside of them have none.

    `around` is a digest of everything else in the modules.
    """

    digests: dict[str, str] = field(default_factory=dict)
    around: str = ""
    #: Keys of the bodies that somebody has looked at: whoever asks makes it empty first.
    seen: set[str] = field(default_factory=set)
    #: Bodies count as empty.
    hidden: bool = False

    def watch(self, modules: Iterable[Module]) -> None:
        """Take note of whoever looks at a body of these modules from now on."""
        around = hashlib.sha256()
        for module in modules:
            lines = lines_of(module.source.text)
            keys = [*(f.key for f in module.functions), *(c.key for c in module.classes)]
            outer = {key.partition(".<locals>.")[0] for key in keys if ".<locals>." in key}
            for info in module.functions:
                node = info.node
                first = node.body[0]
                own_lines = not lines[first.lineno - 1][: first.col_offset].strip()
                if info.parent is not None or info.key in outer or not own_lines:
                    continue
                start, end = first.lineno - 1, node.end_lineno or node.lineno
                while not lines[start - 1].strip() or lines[start - 1].lstrip().startswith("#"):
                    start -= 1
                self.digests[info.key] = _digest("".join(lines[start:end]))
                lines[start:end] = [""] * (end - start)
                object.__setattr__(node, "__class__", _NOTED[type(node)])
                node.__dict__.update(_bodies=self, _key=info.key)
            for part in (module.name, module.path, *keys, *filter(None, lines)):
                around.update(part.encode("utf-8", "surrogatepass") + b"\0")
        self.around = around.hexdigest()

    def once(self, known: dict[str, tuple[T, set[str]]], key: str, make: Callable[[], T]) -> T:
        """`make()`, made once for a key; the bodies that it looked at count as seen each time."""
        if key not in known:
            before, self.seen = self.seen, set()
            known[key] = make(), self.seen
            self.seen = before
        value, seen = known[key]
        self.seen |= seen
        return value

    def outside(self, tree: ast.AST) -> list[ast.AST]:
        """The nodes of a module but for those in the bodies that have digests."""
        self.hidden = True
        nodes = walk(tree)
        self.hidden = False
        return nodes


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _body(node: Any) -> list[ast.stmt]:
    if node._bodies.hidden:
        return []
    node._bodies.seen.add(node._key)
    body: list[ast.stmt] = node.__dict__["body"]
    return body


#: The same nodes, with bodies that tell who looks at them. `ast` goes by the classes' names.
_NOTED: dict[type[ast.AST], type[ast.AST]] = {
    kind: type(kind.__name__, (kind,), {"body": property(_body), "__slots__": ()})
    for kind in (ast.FunctionDef, ast.AsyncFunctionDef)
}
