"""What a repository defines: modules, classes, functions, and what their names are bound to."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from keyword import iskeyword
from typing import TypeVar

from migrator.frozen import frozen
from migrator.index.source import Source
from migrator.index.walk import children, walk

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
N = TypeVar("N", bound=ast.AST)

#: How the key of a module's own code ends.
MODULE_CODE = ":<module>"


class Earlier(str):
    """A name as it is meant where a statement binds it again, `total = counted(total)`, or before that."""

    __slots__ = ()

    @property
    def key(self) -> str:
        """What `Module.earlier` has it by; no code has such a name."""
        return f"{self}@before"


@dataclass(slots=True, eq=False)
class FunctionInfo:
    """A function or method. `key` is `module:Qual.Name`; nested ones are `outer.<locals>.inner`."""

    key: str
    module: Module
    node: FunctionNode
    owner: ClassInfo | None = None
    parent: FunctionInfo | None = None
    #: Functions defined directly inside this one; a name may be defined again, or by a condition.
    locals: dict[str, list[FunctionInfo]] = field(default_factory=dict)
    _decorators: list[str] | None = None
    _shared: frozenset[str] | None = None
    _bound: frozenset[str] | None = None
    _inside: frozenset[str] | None = None
    _imports: dict[str, list[ast.Import | ast.ImportFrom]] | None = None
    _nodes: list[ast.AST] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def nodes(self) -> Sequence[ast.AST]:
        """Every node of the function, level by level, itself first."""
        if self._nodes is None:
            self._nodes = walk(self.node)
        self._look()
        return self._nodes

    def _look(self) -> None:
        """Whoever asks for what is kept has looked at the body, as who asked first."""
        _ = self.node.body

    @property
    def qualname(self) -> str:
        return self.key.partition(":")[2]

    @property
    def is_async(self) -> bool:
        """Whether it is an `async def` already."""
        return isinstance(self.node, ast.AsyncFunctionDef)

    def around(self, node: ast.expr) -> FunctionInfo | None:
        """The function that a name means here, where a function around this one defines it."""
        parent = self.parent
        while parent is not None and isinstance(node, ast.Name):
            if node.id in parent.locals:
                return parent.locals[node.id][0]
            parent = parent.parent
        return None

    def decorators(self) -> list[str]:
        """The decorators' dotted names as written, calls stripped: `bp.route`, `property`."""
        if self._decorators is None:
            self._decorators = [
                dotted(d.func if isinstance(d, ast.Call) else d) for d in self.node.decorator_list
            ]
        return self._decorators

    def bound_names(self) -> frozenset[str]:
        """The names of the parameters, variables and functions of this function and of those inside."""
        if self._bound is None:
            names = {*self.locals}
            for node in self.nodes:
                if isinstance(node, ast.arg):
                    names.add(node.arg)
                elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                    names.add(node.id)
            self._bound = frozenset(names)
        self._look()
        return self._bound

    def imports(self) -> Mapping[str, Sequence[ast.Import | ast.ImportFrom]]:
        """The import statements of the function's own, by the names that they bind."""
        if self._imports is None:
            self._imports = {}
            work: list[ast.AST] = [*self.node.body]
            while work:
                node = work.pop(0)
                if isinstance(node, ast.Import | ast.ImportFrom):
                    for alias in node.names:
                        name = alias.asname or alias.name.partition(".")[0]
                        self._imports.setdefault(name, []).append(node)
                elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    below = children(node)
                    work += [n for n in below if not isinstance(n, ast.expr)]
        self._look()
        return self._imports

    def names_inside(self) -> frozenset[str]:
        """The names that functions defined in it read."""
        if self._inside is None:
            self._inside = frozenset(
                node.id
                for inner in chain.from_iterable(self.locals.values())
                for node in inner.nodes
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            )
        self._look()
        return self._inside

    def shared_names(self) -> frozenset[str]:
        """The names that functions inside the outermost one around here declare `nonlocal`."""
        if self.parent is not None:
            return self.parent.shared_names()
        if self._shared is None:
            names: set[str] = set()
            if self.module.source.says("nonlocal"):
                for node in self.nodes:
                    if isinstance(node, ast.Nonlocal):
                        names.update(node.names)
            self._shared = frozenset(names)
        return self._shared


@dataclass(slots=True, eq=False)
class ClassInfo:
    """A class; `bases` are resolved by the project on demand."""

    key: str
    module: Module
    node: ast.ClassDef
    methods: dict[str, FunctionInfo] = field(default_factory=dict)
    #: Class-level assignments and annotations: name to (annotation, value).
    attributes: dict[str, tuple[ast.expr | None, ast.expr | None]] = field(default_factory=dict)
    #: Further definitions of a method: which of them is made, a condition says.
    variants: dict[str, list[FunctionInfo]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.node.name


@frozen
class Import:
    """`import module` (name empty) or `from module import name`; `module` is absolute."""

    module: str
    name: str = ""


@frozen
class Variable:
    """A module-level assignment: the first value given, and the annotation.

    `imported` is what a name is where it isn't the class of the repository that stands in for it.
    """

    module: str
    name: str
    value: ast.expr | None
    annotation: ast.expr | None
    imported: Import | None = None


@frozen
class ExternalName:
    """A dotted name outside the repository."""

    dotted: str


@dataclass(slots=True, eq=False)
class Module:
    """One module. `bindings` maps each module-level name to what it is bound to."""

    name: str
    is_package: bool
    source: Source
    bindings: dict[str, Import | Variable | FunctionInfo | ClassInfo] = field(default_factory=dict)
    #: What names meant that are bound again: see `Earlier`.
    earlier: dict[str, Import | FunctionInfo | ClassInfo] = field(default_factory=dict)
    #: What it takes whole, `import *`: the last one first, those in a condition behind them.
    stars: list[str] = field(default_factory=list)
    #: By a name: the stars below what binds it, which may bind it again.
    covering: dict[str, list[str]] = field(default_factory=dict)
    #: What a condition imports under a name besides what `bindings` has.
    otherwise: dict[str, list[Import]] = field(default_factory=dict)
    functions: list[FunctionInfo] = field(default_factory=list)
    classes: list[ClassInfo] = field(default_factory=list)
    _nodes: list[ast.AST] | None = field(default=None, repr=False)
    _by_kind: dict[type[ast.AST], list[ast.AST]] | None = field(default=None, repr=False)
    _asked: dict[type[ast.AST], list[ast.AST]] = field(default_factory=dict, repr=False)
    _by_node: dict[int, FunctionInfo] | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def nodes(self) -> Sequence[ast.AST]:
        """Every node of the module, level by level."""
        if self._nodes is None:
            self._nodes = walk(self.source.tree) if self.source.tree is not None else []
        return self._nodes

    def of(self, kind: type[N]) -> Sequence[N]:
        """The nodes of a class: those of each of its subclasses in order, one after the other."""
        if self._by_kind is None:
            self._by_kind = defaultdict(list)
            for node in self.nodes:
                self._by_kind[type(node)].append(node)
        found = self._asked.get(kind)
        if found is None:
            found = self._asked[kind] = [
                node
                for known, nodes in self._by_kind.items()
                if issubclass(known, kind)
                for node in nodes
            ]
        return found  # type: ignore[return-value]  # they are of the class that they are kept by

    @property
    def imports_inside(self) -> bool:
        """Whether some import stands in a block or a function, not at the top level."""
        top = {id(s) for s in self.source.tree.body} if self.source.tree is not None else set()
        imports = (*self.of(ast.Import), *self.of(ast.ImportFrom))
        return any(id(statement) not in top for statement in imports)

    def defined(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> FunctionInfo | None:
        """The function that a statement of the module defines, wherever it stands."""
        if self._by_node is None:
            self._by_node = {id(function.node): function for function in self.functions}
        return self._by_node.get(id(node))

    def absolute(self, module: str | None, level: int) -> str:
        """The absolute module name that `from <level dots><module> import` refers to."""
        if level == 0:
            return module or ""
        parts = self.name.split(".") if self.name else []
        drop = level - 1 if self.is_package else level
        base = parts[: len(parts) - drop] if drop else parts
        return ".".join([*base, module] if module else base)


Resolved = Module | ClassInfo | FunctionInfo | Variable | ExternalName | None


def identity(found: Resolved) -> str:
    """What a name stands for, as a text: the same for the same definition of another run."""
    if found is None:
        return ""
    kind = type(found).__name__
    match found:
        case Module(name=name) | ExternalName(dotted=name):
            return f"{kind} {name}"
        case Variable(module=module, name=name, value=value):
            return f"{kind} {module}:{name} {value is None} {found.imported}"
    return f"{kind} {found.key}"


def dotted(node: ast.expr) -> str:
    """`a.b.c` for a name chain; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def can_be_said(module: str, package: str = "") -> bool:
    """Whether an import statement can name a module: none names `views/import.py`, nor what is below `my-app/`.

    The scanned folder, `package`, has another name when it is written.
    """
    parts = module.removeprefix(f"{package}.").split(".")
    return all(part.isidentifier() and not iskeyword(part) for part in parts)


def last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`, `a().c` and `c`; "" for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
