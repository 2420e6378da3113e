"""Several receivers, each with a step of its own: the one rewriting that is right for all of them."""

from __future__ import annotations

from dataclasses import replace

from migrator.queries.step import Step

#: How a query begins.
_ROOTS = frozenset({"select_root", "select_of"})


def agreed_step(steps: list[Step]) -> Step | None:
    """A step that does for all receivers what each asks for its own; None where there is none."""
    made = [step for step in steps if step.action is not None and step.action.rule == "select_of"]
    if made and all(s.action is not None and s.action.rule in _ROOTS for s in steps):
        # It takes every query, of whatever class.
        return made[0]
    if any(step.action is not None and step.action.args.get("rows") == "kind" for step in steps):
        steps = [_by_kind(step) for step in steps]
    alike = [_by_query(_unique(step)) for step in steps]
    return alike[0] if len({repr(step.action) for step in alike}) == 1 else None


def _unique(step: Step) -> Step:
    """A fetching step that drops duplicates, which is right for every query of one entity."""
    action = step.action
    if action is None or action.args.get("verb") != "scalars":
        return step
    return replace(step, action=replace(action, args={**action.args, "unique": True}))


def _by_kind(step: Step) -> Step:
    """A fetching step that has the run say what the rows are, which is right for every query."""
    action = step.action
    if action is None or action.rule not in ("fetch", "iterate"):
        return step
    if action.args["rows"] == "either":
        return step  # which takes rows as well
    args = {**action.args, "rows": "kind", "verb": "execute", "unique": False}
    if action.args["verb"] == "scalar":
        if not action.args["limit"]:
            return step  # scalar(), which takes the first column of whatever it is
        args["tail"] = "first"
    return replace(step, action=replace(action, args=args))


def _by_query(step: Step) -> Step:
    """A step of `get()` that takes the entity of the query, whichever that is."""
    action = step.action
    if action is None or not action.args.get("query"):
        return step
    return replace(step, action=replace(action, args={"elsewhere": action.args["query"]}))
