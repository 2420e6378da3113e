"""Collecting actions by module, and looking up what stands around a node."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import Module
from migrator.index.project import Project
from migrator.index.walk import children, walk
from migrator.queries.step import Action


class Actions:
    """Actions by module name; none is kept for what lies inside a removed definition."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.by_module: dict[str, list[tuple[ast.AST, Action]]] = {}
        #: Ids of every node inside something removed.
        self.removed: set[int] = set()
        self._statements: dict[str, dict[int, ast.stmt]] = {}

    def add(self, module: Module, node: ast.AST, action: Action) -> None:
        """Plan an action for a node."""
        self.by_module.setdefault(module.name, []).append((node, action))

    def remove(self, module: Module, node: ast.AST, action: Action) -> None:
        """Plan the action that takes a whole definition or statement away."""
        if id(node) in self.removed:
            return
        self.removed.update(map(id, walk(node)))
        self.add(module, node, action)

    def is_removed(self, node: ast.AST) -> bool:
        """Whether a node lies in something that is taken away."""
        return id(node) in self.removed

    def settled(self) -> dict[str, list[tuple[ast.AST, Action]]]:
        """The actions that remain when what lies inside removed definitions is left out."""
        inside: set[int] = set()
        for pairs in self.by_module.values():
            for node, action in pairs:
                if action.rule in {"flask_left", "drop_statement"}:
                    inside.update(id(n) for n in walk(node) if n is not node)
        return {
            module: kept
            for module, pairs in self.by_module.items()
            if (kept := [(n, a) for n, a in pairs if id(n) not in inside])
        }

    def statement(self, module: Module, node: ast.AST) -> ast.stmt | None:
        """The innermost statement around an expression."""
        found = self._statements.get(module.name)
        if found is None:
            found = self._statements[module.name] = {}
            for statement in module.nodes:
                if not isinstance(statement, ast.stmt):
                    continue
                for child in own_expressions(statement):
                    found[id(child)] = statement
        return found.get(id(node))


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Every statement below a node."""
    for node in walk(tree):
        if isinstance(node, ast.stmt):
            yield node


def own_expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement that are not part of a statement inside it."""
    stack: list[ast.AST] = children(statement)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt):
            continue
        yield node
        stack.extend(children(node))


def mentioned(actions: Actions, tree: ast.AST, name: str, own: ast.AST | None = None) -> bool:
    """Whether a name is read below `tree` outside of `own` and of what is removed."""
    skip = {id(n) for n in walk(own)} if own is not None else set()
    for node in walk(tree):
        if id(node) in skip or actions.is_removed(node):
            continue
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            return True
        if isinstance(node, ast.Constant) and node.value == name and is_export(tree, node):
            return True
    return False


def is_export(tree: ast.AST, node: ast.Constant) -> bool:
    """Whether a string is an item of the module's `__all__`."""
    for statement in getattr(tree, "body", []):
        if isinstance(statement, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "__all__" for t in statement.targets
        ):
            return any(n is node for n in walk(statement.value))
    return False


def imported_elsewhere(project: Project, module: Module, name: str) -> bool:
    """Whether another module takes `name` from this one, or from one that has all of it by `import *`."""
    homes = _with_stars(project, module) if not name.startswith("_") else {module.name}
    for other, node in project.uses_of(name):
        if other is module:
            continue
        if isinstance(node, ast.ImportFrom):
            if other.absolute(node.module, node.level) in homes:
                return True
        else:
            found = project.resolve(other, node.value)
            if isinstance(found, Module) and found.name in homes:
                return True
    return any(mentioned_in(project.modules[home], name) for home in homes - {module.name})


def _with_stars(project: Project, module: Module) -> set[str]:
    """The names of a module and of those that have what it has by `import *`."""
    found: set[str] = set()
    todo = [module.name]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [other.name for other in project.starring.get(name, ())]
    return found


def mentioned_in(module: Module, name: str) -> bool:
    """Whether a module reads a name of its top level."""
    return any(n.id == name and isinstance(n.ctx, ast.Load) for n in module.of(ast.Name))
