"""The plan: for every node that changes, the actions that change it; and the sum of the sites.

Frozen data between the analysis (standard library) and the codemod (libcst): a node is known by
its position in the original file.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from migrator.colour.decision import Decision
from migrator.frozen import frozen
from migrator.queries.step import Action, Refusal


@frozen
class Site:
    """One query site and what became of it: status is native, bridged or left."""

    path: str
    line: int
    column: int
    symbol: str
    status: str
    reason: Refusal | None = None


@frozen
class Edit:
    """Actions for one node, in the order of their application."""

    node: ast.AST
    actions: tuple[Action, ...]


@dataclass(slots=True)
class Plan:
    """Everything the codemod needs: edits by module name, modes by function key, sites."""

    edits: dict[str, list[Edit]] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)
    #: Calls at import of functions that reach the database: no sites, and left all the same.
    calls: list[Site] = field(default_factory=list)
    #: By module: names of the repository that the new code needs, as (module, name, name here).
    imports: dict[str, set[tuple[str, str, str]]] = field(default_factory=dict)
