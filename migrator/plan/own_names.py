"""`db.Column` is SQLAlchemy's own: which of these names a module may import and use instead.

A name stays `db.X` wherever the imported one could mean something else: bound otherwise in the module or
in a scope around the place, or seen by a module that star-imports this one. So do the names that the
repository has put on its `db`, and relationships with a dynamic side: `db.relationship` gives those
Flask-SQLAlchemy's query class.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from migrator.index.definitions import ClassInfo, ExternalName, Import, Module, Variable
from migrator.index.project import Project
from migrator.queries.own_names import OWN_NAMES
from migrator.queries.step import Action
from migrator.types.names import DB_CLASSES

_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
_RELATIONSHIP = "relationship"


def own_name_edits(
    project: Project, skipped: Container[str]
) -> Iterator[tuple[str, ast.AST, Action]]:
    """(module, node, action) for every `db.X` that becomes `X`; modules in `skipped` have none."""
    extensions = _Extensions(project)
    for module in project.modules.values():
        if module.name in skipped:
            continue
        uses = [
            node
            for node in module.of(ast.Attribute)
            if (node.attr in OWN_NAMES or node.attr == _RELATIONSHIP)
            and isinstance(node.value, ast.Name | ast.Attribute)
            and extensions.passes_on(module, node.value, node.attr)
        ]
        if uses:
            yield from _Names(project, module, uses).edits()


class _Extensions:
    """The `db` objects of a repository, and which names are still SQLAlchemy's on them."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._own: dict[tuple[str, str], frozenset[str] | None] = {}

    def passes_on(self, module: Module, owner: ast.expr, name: str) -> bool:
        """Whether `owner` is such an object, and `name` none that it was given."""
        found = self.project.resolve(module, owner)
        if not isinstance(found, Variable):
            return False
        key = (found.module, found.name)
        if key not in self._own:
            self._own[key] = self._given(found)
        own = self._own[key]
        return own is not None and name not in own

    def _given(self, variable: Variable) -> frozenset[str] | None:
        """The names that the repository's own class gives an extension object; None for others."""
        home = self.project.modules[variable.module]
        if not isinstance(variable.value, ast.Call):
            return None
        made = self.project.resolve(home, variable.value.func)
        given: set[str] = set()
        if isinstance(made, ClassInfo):
            if not set(DB_CLASSES) & set(self.project.external_bases(made)):
                return None
            for cls in self.project.mro(made):
                given |= cls.methods.keys() | cls.attributes.keys()
                if "__getattr__" in given or "__getattribute__" in given:
                    return None
        elif not (isinstance(made, ExternalName) and made.dotted in DB_CLASSES):
            return None
        stores = sum(
            isinstance(n, ast.Name) and n.id == variable.name and not isinstance(n.ctx, ast.Load)
            for n in home.nodes
        )
        if stores != 1:
            return None
        return self._put | given

    @cached_property
    def _put(self) -> frozenset[str]:
        """The names that are given to anything, whatever it may be: `db.JSONB = JSONB`."""
        return frozenset(
            name
            for name in (*OWN_NAMES, _RELATIONSHIP)
            if any(
                isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
                for _, node in self.project.uses_of(name)
            )
        )


@dataclass
class _Names:
    """One module's uses of its `db`."""

    project: Project
    module: Module
    uses: list[ast.Attribute]
    #: Where each name is bound, imports at the top level apart.
    bound: dict[str, list[ast.AST]] = field(default_factory=dict)
    loaded: set[str] = field(default_factory=set)
    scopes: list[_Scope] = field(default_factory=list)
    calls: dict[int, ast.Call] = field(default_factory=dict)

    def edits(self) -> Iterator[tuple[str, ast.AST, Action]]:
        self._read()
        free: dict[str, str] = {}
        for use in sorted(self.uses, key=lambda n: (n.lineno, n.col_offset)):
            name = use.attr
            home = OWN_NAMES.get(name, "sqlalchemy.orm")
            if name not in free:
                free[name] = self._local(home, name, use.lineno)
            local, root = free[name], _root(use)
            if not local or self._hidden(local, use) or self._hidden(root, use):
                continue
            if name == _RELATIONSHIP and not self._plain_relationship(use):
                continue
            yield self.module.name, use, Action("use_name", {"module": home, "name": name})

    def _read(self) -> None:
        top = {id(s) for s in self.module.source.tree.body} if self.module.source.tree else set()
        for node in self.module.nodes:
            match node:
                case ast.Name(id=name):
                    if isinstance(node.ctx, ast.Load):
                        self.loaded.add(name)
                    elif self.module.bindings.get(name) is None or not self._is_root(node):
                        self.bound.setdefault(name, []).append(node)
                case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                    self.bound.setdefault(name, []).append(node)
                case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                    self.bound.setdefault(name, []).append(node)
                case ast.MatchMapping(rest=str(name)):
                    self.bound.setdefault(name, []).append(node)
                case ast.Global(names=names) | ast.Nonlocal(names=names):
                    for name in names:
                        # It may be bound anywhere.
                        self.bound.setdefault(name, []).append(ast.Pass())
                case ast.Import(names=names) | ast.ImportFrom(names=names) if id(node) not in top:
                    for alias in names:
                        name = alias.asname or alias.name.partition(".")[0]
                        self.bound.setdefault(name, []).append(node)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                    self.scopes.append(node)
                    if not isinstance(node, ast.Lambda):
                        self.bound.setdefault(node.name, []).append(node)
                case ast.Call():
                    self.calls[id(node.func)] = node

    def _is_root(self, node: ast.Name) -> bool:
        """Whether this is the one assignment that makes the `db` of the module."""
        binding = self.module.bindings[node.id]
        return isinstance(binding, Variable) and any(_root(use) == node.id for use in self.uses)

    def _local(self, home: str, name: str, line: int) -> str:
        """What the module may call an imported name from `line` on; "" where it had better not."""
        dotted = f"{home}.{name}"
        for local, binding in self.module.bindings.items():
            if isinstance(binding, Import) and f"{binding.module}.{binding.name}" == dotted:
                return local if self._imported_before(local, line) else ""
        found = self.project.lookup(self.module, name)
        if found is not None and not (isinstance(found, ExternalName) and found.dotted == dotted):
            return ""
        foreign = [s for s in self.module.stars if self.project.find_module(s) is None]
        if name in self.loaded and any(s not in ("sqlalchemy", home) for s in foreign):
            return ""
        return "" if self._leaks(name) else name

    def _imported_before(self, local: str, line: int) -> bool:
        assert self.module.source.tree is not None
        return any(
            isinstance(statement, ast.Import | ast.ImportFrom)
            and statement.lineno < line
            and any((a.asname or a.name) == local for a in statement.names)
            for statement in self.module.source.tree.body
        )

    def _leaks(self, name: str) -> bool:
        """Whether a module that star-imports this one, directly or not, uses the name."""
        if "__all__" in self.module.bindings:
            return False
        seen, stack = {self.module.name}, [self.module.name]
        while stack:
            source = stack.pop()
            for other in self.project.starring.get(source, ()):
                if other.name in seen:
                    continue
                seen.add(other.name)
                stack.append(other.name)
                if name in other.bindings or any(
                    isinstance(n, ast.Name) and n.id == name for n in other.nodes
                ):
                    return True
        return False

    def _hidden(self, name: str, use: ast.Attribute) -> bool:
        """Whether a scope around the place, or the module, binds the name to something else."""
        for node in self.bound.get(name, ()):
            around = [s for s in self.scopes if s is not node and _within(node, s)]
            if not around or any(_within(use, s) for s in around):
                return True
        return False

    def _plain_relationship(self, use: ast.Attribute) -> bool:
        call = self.calls.get(id(use))
        return call is not None and (
            not self.module.source.says("DynamicMapped")
            and len(call.args) <= 2
            and not any(isinstance(a, ast.Starred) for a in call.args)
            and _plain_options(call.keywords)
        )


def _plain_options(keywords: list[ast.keyword]) -> bool:
    for keyword in keywords:
        value = keyword.value
        if keyword.arg is None:
            return False
        if keyword.arg == "lazy" and not (
            isinstance(value, ast.Constant) and value.value != "dynamic"
        ):
            return False
        if keyword.arg == "backref" and not _plain_backref(value):
            return False
    return True


def _plain_backref(value: ast.expr) -> bool:
    match value:
        case ast.Constant():
            return True
        case ast.Call(
            func=ast.Name(id="backref") | ast.Attribute(attr="backref"), args=[ast.Constant()]
        ):
            return _plain_options(value.keywords)
    return False


def _root(use: ast.Attribute) -> str:
    node: ast.expr = use
    while isinstance(node, ast.Attribute):
        node = node.value
    assert isinstance(node, ast.Name)
    return node.id


def _within(node: ast.AST, scope: _Scope) -> bool:
    line = getattr(node, "lineno", None)
    end = scope.end_lineno
    if line is None or end is None:
        return False
    place = (line, node.col_offset)  # type: ignore[attr-defined]  # what has a line has a column
    return (scope.lineno, scope.col_offset) <= place < (end, scope.end_col_offset or 0)
