"""Names of Flask and its supported extensions: where converted code imports them from."""

from __future__ import annotations

import ast

from migrator.index.definitions import Module
from migrator.index.installed import public
from migrator.index.project import Project
from migrator.queries.step import Action
from migrator.surface import names
from migrator.surface.actions import (
    Actions,
    imported_elsewhere,
    is_export,
    mentioned,
    mentioned_in,
)
from migrator.surface.application import is_test
from migrator.surface.model import Frame, FrameChoice, PlannedActions

#: What a text says that imports such names.
_TOPS = ("flask", *names.BESIDE_FLASK, "connexion")


def plan_names(project: Project, actions: Actions, frame: Frame = "fastapi") -> None:
    """Plan the imports of every module, and the names that change with them."""
    for module in project.modules.values():
        tree = module.source.tree
        text = module.source.text
        if tree is None or is_test(module) or not any(top in text for top in _TOPS):
            continue
        _Imports(project, module, tree, actions, frame).plan()


def flask_names(project: Project, frame: FrameChoice) -> PlannedActions:
    """The imports of a package without an application: those of `AsyncFlask`'s, where it is asked for."""
    actions = Actions(project)
    if frame == "flask":
        plan_names(project, actions, frame)
    return actions.settled()


class _Imports:
    def __init__(
        self,
        project: Project,
        module: Module,
        tree: ast.Module,
        actions: Actions,
        frame: Frame,
    ) -> None:
        self.project = project
        self.module = module
        self.tree = tree
        self.actions = actions
        self.frame = frame
        self.aliases: dict[str, str] = {}
        #: Those of them that are used without an attribute.
        self.bare: set[str] = set()

    def plan(self) -> None:
        for node in self.module.of(ast.ImportFrom):
            home = node.module or ""
            ours = node.level == 0 and ("flask" in home or names.moves(home, self.frame))
            if ours and not self.actions.is_removed(node):
                self._from(node)
        for statement in self.module.of(ast.Import):
            if self.actions.is_removed(statement):
                continue
            for alias in statement.names:
                if not names.moves(alias.name, self.frame):
                    continue
                if alias.asname is None:
                    # `import flask.json` binds `flask`, whose counterpart has `json` too.
                    top = alias.name.partition(".")[0]
                    self.aliases[top] = top
                else:
                    self.aliases[alias.asname] = alias.name
        if self.aliases:
            self._whole_modules()

    # -- from flask import ...

    def _from(self, node: ast.ImportFrom) -> None:
        home = node.module or ""
        is_ours = names.moves(home, self.frame)
        is_star = node.names[0].name == "*"
        groups: dict[str, list[tuple[str, str]]] = {}
        kept: list[tuple[str, str]] = []
        for alias in self._starred(home) if is_star else node.names:
            local = alias.asname or alias.name
            found = self._target(f"{home}.{alias.name}") if is_ours else None
            if found is None:
                if not self._kept(home, local, node):
                    continue
                kept.append((alias.name, alias.asname or ""))
                continue
            target, name = found
            asname = alias.asname or ""
            if not asname and name != alias.name:
                asname = self._renamed(alias.name, name)
            groups.setdefault(target, []).append((name, asname))
        if not groups and (is_star or len(kept) == len(node.names)):
            return
        if is_star and kept:
            kept = [("*", "")]
        self.actions.add(
            self.module,
            node,
            Action("move_import", {"groups": groups, "kept": kept}),
        )

    def _starred(self, home: str) -> list[ast.alias]:
        """What a star takes that this module uses, or another one by way of it."""
        return [
            ast.alias(name)
            for name in sorted(public(home) - self.module.bindings.keys())
            if mentioned_in(self.module, name)
            or imported_elsewhere(self.project, self.module, name)
        ]

    def _target(self, dotted: str) -> tuple[str, str] | None:
        return names.target(dotted, self.frame)

    def _kept(self, home: str, local: str, node: ast.ImportFrom) -> bool:
        """Whether a name that can't move is still wanted, here or by another module."""
        foreign = names.is_flask(home) or home.startswith("flask_")
        if not foreign or self.frame == "flask":
            return True
        return mentioned(self.actions, self.tree, local, node) or imported_elsewhere(
            self.project, self.module, local
        )

    def _renamed(self, old: str, new: str) -> str:
        """Rename `Flask` to `App` in the module; "Flask" where the old name has to stay."""
        bound = {
            n.id
            for n in self.module.nodes
            if isinstance(n, ast.Name) and (n.id == new or not isinstance(n.ctx, ast.Load))
        }
        exported = any(
            isinstance(n, ast.Constant) and n.value == old and is_export(self.tree, n)
            for n in self.module.nodes
        )
        if (
            exported
            or new in self.module.bindings
            or {old, new} & bound
            or imported_elsewhere(self.project, self.module, old)
        ):
            return old
        for node in self.module.nodes:
            if isinstance(node, ast.Name) and node.id == old and not self.actions.is_removed(node):
                self.actions.add(self.module, node, Action("rename", {"name": new}))
        return ""

    # -- import flask

    def _whole_modules(self) -> None:
        chains = self._chains()
        for local, module in self.aliases.items():
            own = [(node, dotted) for node, root, dotted in chains if root == local]
            plain = (
                self.frame == "fastapi"
                and module in names.MODULES
                and all(names.is_direct(module, dotted) for _, dotted in own)
            )
            for node, dotted in own:
                self._attribute(node, dotted, plain)
            if not plain and (
                local in self.bare or not (own and all(self._target(d) for _, d in own))
            ):
                continue
            for statement in self.module.nodes:
                if not isinstance(statement, ast.Import):
                    continue
                bound = tuple(a.name for a in statement.names if _binds(a, local))
                if bound:
                    self.actions.add(
                        self.module,
                        statement,
                        Action(
                            "flask_module",
                            {
                                "names": bound,
                                "local": local,
                                "target": names.MODULES[module] if plain else "",
                            },
                        ),
                    )

    def _chains(self) -> list[tuple[ast.Attribute, str, str]]:
        """`flask.json.dumps` and its like: the node of the shortest part that has a target."""
        found = []
        inner: set[int] = set()
        for node in self.module.nodes:
            if not isinstance(node, ast.Attribute) or id(node) in inner:
                continue
            parts: list[ast.Attribute] = []
            current: ast.expr = node
            while isinstance(current, ast.Attribute):
                parts.insert(0, current)
                inner.add(id(current))
                current = current.value
            if not isinstance(current, ast.Name) or current.id not in self.aliases:
                continue
            inner.add(id(current))
            if self.actions.is_removed(node):
                continue
            dotted = self.aliases[current.id]
            full = dotted + "".join(f".{p.attr}" for p in parts)
            name = names.shortest(full, self.frame, above=dotted) or full
            found.append((parts[name.count(".") - dotted.count(".") - 1], current.id, name))
        self.bare = {
            node.id
            for node in self.module.nodes
            if isinstance(node, ast.Name) and node.id in self.aliases and id(node) not in inner
        }
        return found

    def _attribute(self, node: ast.Attribute, dotted: str, plain: bool) -> None:
        found = self._target(dotted)
        if found is None:
            return
        module, name = found
        if not plain:
            self.actions.add(
                self.module, node, Action("use_name", {"module": module, "name": name})
            )
        elif name != node.attr:
            self.actions.add(self.module, node, Action("rename_attribute", {"name": name}))


def _binds(alias: ast.alias, local: str) -> bool:
    return (alias.asname or alias.name.partition(".")[0]) == local
