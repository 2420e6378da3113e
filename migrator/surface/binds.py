"""Models and tables of other databases (`__bind_key__`): what uses them stays on the mount."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from migrator.index.project import ClassInfo, Module, Project, Variable
from migrator.queries.step import Refusal
from migrator.surface.model import Finding

_HINT = "Leave it to the legacy application, or move the tables into the main database."


@dataclass(frozen=True, slots=True)
class Bound:
    """A class or a table of another database; `node` is its key in the graph of `Reach`."""

    node: str
    name: str
    key: str
    path: str
    line: int
    column: int

    @property
    def refusal(self) -> Refusal:
        """Why what uses it stays."""
        return Refusal(
            "MIG420", f"it uses {self.name}, which lies in another database ({self.key})", _HINT
        )


def bound(project: Project) -> Iterator[Bound]:
    """Everything that says that it belongs to another database."""
    for cls in project.classes.values():
        key = _key_of(project, cls)
        if key:
            node = cls.node
            yield Bound(
                f"c {cls.key}", cls.name, key, cls.module.path, node.lineno, node.col_offset
            )
    for module in project.modules.values():
        for name, binding in module.bindings.items():
            if isinstance(binding, Variable) and isinstance(binding.value, ast.Call):
                yield from _table(module, name, binding.value)


def bind_findings(project: Project) -> list[Finding]:
    """One finding for each model and table of another database."""
    return [
        Finding(
            found.path,
            found.line,
            found.column,
            "MIG420",
            f"{found.name} lies in another database ({found.key}): what uses it stays on the mount.",
            "",
            _HINT,
        )
        for found in bound(project)
    ]


def _table(module: Module, name: str, call: ast.Call) -> Iterator[Bound]:
    for keyword in call.keywords:
        if keyword.arg == "bind_key" and not _is_none(keyword.value):
            key = ast.unparse(keyword.value)
            place = (module.path, call.lineno, call.col_offset)
            yield Bound(f"v {module.name}:{name}", name, key, *place)


def _key_of(project: Project, cls: ClassInfo) -> str:
    """What the nearest `__bind_key__` among the class and its ancestors says; "" without one."""
    for owner in project.mro(cls):
        for statement in owner.node.body:
            targets = (
                statement.targets
                if isinstance(statement, ast.Assign)
                else [statement.target]
                if isinstance(statement, ast.AnnAssign)
                else []
            )
            value = getattr(statement, "value", None)
            if any(isinstance(t, ast.Name) and t.id == "__bind_key__" for t in targets):
                return "" if value is None or _is_none(value) else ast.unparse(value)
    return ""


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
