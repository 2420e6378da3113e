"""The whole plan: what each function, each session factory and each base asks for."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.colour.decide import Decisions
from migrator.eager.place import Placements
from migrator.index.definitions import ExternalName
from migrator.plan.edits import RUNTIME
from migrator.plan.function import FunctionEdits
from migrator.plan.model import Edit, Plan, Site
from migrator.plan.setup import setup_edits
from migrator.plan.sites import Sites
from migrator.queries.step import Action
from migrator.types.repositories import SYNC
from migrator.types.state import State

_WORST_FIRST = ("left", "bridged", "native")


def make_plan(state: State, decisions: Decisions, placements: Placements | None) -> Plan:
    """Turn decisions into edits; `placements` are the loader options that a trace asks for."""
    plan = Plan(decisions=decisions.by_key)
    for key, facts in state.facts.items():
        module = key.partition(":")[0]
        writer = FunctionEdits(state, decisions, facts, key)
        writer.write()
        sites = Sites(state, decisions, facts, key)
        sites.count()
        for query, option in placements.actions.get(key, ()) if placements is not None else ():
            writer.add_options(query, option)
        if writer.edits:
            plan.edits.setdefault(module, []).extend(
                Edit(node, tuple(actions)) for node, actions in writer.edits.values()
            )
        decision = decisions.get(key)
        selects = decision is not None and (decision.mode == "native" or decision.converts)
        if facts.imports and selects:
            plan.imports.setdefault(module, set()).update(facts.imports)
        plan.sites.extend(sites.sites)
        plan.calls.extend(sites.calls)
    for module, node, action in setup_edits(state):
        plan.edits.setdefault(module, []).append(Edit(node, (action,)))
    for cls in state.project.classes.values():
        for written in cls.node.bases:
            # `SyncRepository[Order]` and `SyncRepository` are one base.
            base = written.value if isinstance(written, ast.Subscript) else written
            found = state.project.resolve(cls.module, base)
            if isinstance(found, ExternalName) and found.dotted == SYNC:
                action = Action("use_name", {"module": RUNTIME, "name": "AsyncRepository"})
                plan.edits.setdefault(cls.module.name, []).append(Edit(base, (action,)))
    for name, edits in plan.edits.items():
        edits[:] = _uncounted(state, name, edits)
    plan.sites = _once(plan.sites)
    return plan


def _once(sites: list[Site]) -> list[Site]:
    """One for each place, the worst: a decorator is the module's code and its function's, a chain has several facts."""
    found: dict[tuple[str, int, int], Site] = {}
    for site in sorted(sites, key=lambda s: _WORST_FIRST.index(s.status)):
        found.setdefault((site.path, site.line, site.column), site)
    return [site for _, site in sorted(found.items())]


def _uncounted(state: State, module: str, edits: list[Edit]) -> list[Edit]:
    """Nobody asks a statement by itself, `query.delete()`, how many rows it has written."""
    if not any(action.rule == "bulk_write" for edit in edits for action in edit.actions):
        return edits
    alone = {id(statement.value) for statement in state.project.modules[module].of(ast.Expr)}
    return [
        replace(
            edit,
            actions=tuple(
                replace(action, args={**action.args, "counted": False})
                if action.rule == "bulk_write"
                else action
                for action in edit.actions
            ),
        )
        if id(edit.node) in alone
        else edit
        for edit in edits
    ]
