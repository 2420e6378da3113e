"""What a repository's evaluation looks at: bodies of functions, what names stand for, and all the rest.

What a repository defines (names, classes, signatures, decorators) is outside of bodies, as long as a
body defines no functions and classes of its own. So after a change inside of one body, only what has
looked at that body can be another thing. Of what is outside, imports and functions come and go: only
what has looked up a name that they bind can be another thing.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from migrator.index.definitions import MODULE_CODE, FunctionInfo, Module
from migrator.index.source import lines_of
from migrator.index.walk import walk

T = TypeVar("T")
#: What was looked at: the kind of it, and which one.
Seen: TypeAlias = tuple[str, Any]


@dataclass(slots=True)
class Bodies:
    """Digests of bodies by their functions' keys; functions with others inside of them have none.

    A module's own code is the body of its `<module>`. `heads` are digests of what is around the
    bodies of plain functions of modules; `around` is one of everything that is neither those nor
    imports.
    """

    digests: dict[str, str] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    around: str = ""
    #: What somebody has looked at, "bodies" and "names": whoever asks makes it empty first.
    seen: set[Seen] = field(default_factory=set)
    #: Whether what is looked at is taken note of.
    watching: bool = False
    #: Bodies count as empty.
    hidden: bool = False

    def watch(self, modules: Iterable[Module]) -> None:
        """Take note of whoever looks at a body of these modules from now on."""
        self.watching = True
        around = hashlib.sha256()
        for module in modules:
            lines = lines_of(module.source.text)
            keys = [*(f.key for f in module.functions), *(c.key for c in module.classes)]
            outer = {key.partition(".<locals>.")[0] for key in keys if ".<locals>." in key}
            plain: dict[int, FunctionInfo] = {}
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
                if module.bindings.get(info.name) is info and not _changes_models(node):
                    plain[id(node)] = info
            own, steady = [module.name, module.path], [module.name, module.path]
            assert module.source.tree is not None
            for statement in module.source.tree.body:
                text = "".join(lines[_start(statement) - 1 : statement.end_lineno])
                own.append(text)
                if id(statement) in plain:
                    info = plain[id(statement)]
                    keys.remove(info.key)
                    self.heads[info.key] = _digest(text)
                elif not _imports_names(statement):
                    steady.append(text)
            self.digests[f"{module.name}{MODULE_CODE}"] = _digest("\0".join(own))
            around.update(_digest("\0".join((*steady, *keys))).encode())
        self.around = around.hexdigest()

    def once(self, known: dict[str, tuple[T, set[Seen]]], key: str, make: Callable[[], T]) -> T:
        """`make()`, made once for a key; what it looked at counts as seen each time."""
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


def _start(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)])


def _imports_names(statement: ast.stmt) -> bool:
    """Whether a statement binds names that are listed, and does nothing else."""
    if isinstance(statement, ast.ImportFrom):
        return statement.names[0].name != "*"
    return isinstance(statement, ast.Import)


def _changes_models(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function counts where it stands: models know those that set their attributes."""
    return any(
        getattr(inner, "id", getattr(inner, "attr", "")) in ("validates", "listens_for")
        for decorator in node.decorator_list
        for inner in walk(decorator)
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _body(node: Any) -> list[ast.stmt]:
    if node._bodies.hidden:
        return []
    node._bodies.seen.add(("bodies", node._key))
    body: list[ast.stmt] = node.__dict__["body"]
    return body


#: The same nodes, with bodies that tell who looks at them. `ast` goes by the classes' names.
_NOTED: dict[type[ast.AST], type[ast.AST]] = {
    kind: type(kind.__name__, (kind,), {"body": property(_body), "__slots__": ()})
    for kind in (ast.FunctionDef, ast.AsyncFunctionDef)
}
