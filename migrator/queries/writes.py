"""`query.update()`, `query.delete()` and `query.get()`: the chain turns into another statement."""

from __future__ import annotations

import ast

from migrator.queries import refusals
from migrator.queries.chain import Chain, chain_of, entity_text
from migrator.queries.join import join
from migrator.queries.middles import ALL_LAZY, LASTING
from migrator.queries.refusals import refuse
from migrator.queries.roots import BARE, MADE
from migrator.queries.step import Action, Refusal, Step, TypeOf
from migrator.queries.terminals import executable
from migrator.queries.types import NONE, OPAQUE, UNKNOWN, Instance, Query, Type

#: Links of a chain that an UPDATE or DELETE statement takes as they are.
_WRITABLE = frozenset({"filter", "filter_by", "where", "execution_options", "with_parent"})
_WRITABLE_STATE = frozenset({BARE, "filter", "execution_options"})
#: What an UPDATE or DELETE takes no notice of.
_LET_GO = frozenset(
    {
        "options", "populate_existing", "prefix_with", "suffix_with", "with_for_update", "with_hint",
        "with_statement_hint",
    }
)  # fmt: skip
_GETTABLE = frozenset({"options", "populate_existing", "with_for_update"})
#: What a query may be that comes from elsewhere: `get()` itself refuses criteria, when it runs.
_ELSEWHERE = (LASTING - {ALL_LAZY}) | {
    "with_for_update", "filter", "filter_by", "where", "order_by", "join", "limit", "offset",
}  # fmt: skip
_PARAMETERS = {
    "update": ("values", "synchronize_session", "update_args"),
    "delete": ("synchronize_session", "delete_args"),
}


def write(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step | None:
    """`update`, `delete` and `get`; None for other methods."""
    if method in _PARAMETERS:
        return _bulk(query, method, call, typeof)
    if method == "get":
        return get(query, call, typeof)
    return None


def _receiver(call: ast.Call) -> ast.expr:
    assert isinstance(call.func, ast.Attribute)
    return call.func.value


def _bulk(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    refusal = executable(query) or _bulk_refusal(query, method, call, typeof)
    if refusal is not None:
        return Step(OPAQUE, io=True, refusal=refusal, effect="bulk")
    chain = chain_of(_receiver(call), typeof)
    rooted = MADE not in query.state and chain.rooted and chain.methods <= _WRITABLE
    args = {
        "verb": method,
        "session": query.session.text if query.session else "",
        "rooted": rooted,
        "statement": query.dynamic,
    }
    needed = ("sqlalchemy", method) if rooted else ("migrator.runtime.db", f"{method}_of")
    action = Action("bulk_write", args, (needed,), awaits=True)
    return Step(OPAQUE, action, io=True, effect="bulk")


def _bulk_refusal(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Refusal | None:
    parameters = _PARAMETERS[method]
    given = {*parameters[: len(call.args)], *(k.arg for k in call.keywords)}
    if not query.single_entity:
        return refuse(refusals.BULK_WRITE, f"{method}() on this query")
    if not given <= set(parameters) or given & {"update_args", "delete_args"}:
        return refuse(refusals.BULK_WRITE, f"{method}() with these arguments")
    if any(isinstance(a, ast.Starred) for a in call.args):
        return refuse(refusals.BULK_WRITE, f"{method}() with starred arguments")
    extra = query.state - _WRITABLE_STATE - _LET_GO - {MADE}
    chain = chain_of(_receiver(call), typeof)
    if not extra and chain.rooted:
        extra = chain.methods - _WRITABLE - _LET_GO
    if not extra and not (chain.rooted and chain.methods <= _WRITABLE and MADE not in query.state):
        extra = query.state & {"execution_options"}
    if extra:
        return refuse(refusals.BULK_WRITE, f"{method}() after {', '.join(sorted(extra))}")
    return None


def get(query: Query, call: ast.Call, typeof: TypeOf) -> Step:
    """`query.get(id)`: becomes `await session.get(Model, id, options=[...])`.

    Options are ignored when the identity is loaded already, so nothing is known to be loaded.
    """
    found: Type = UNKNOWN
    if query.single_entity:
        found = join(Instance(query.selects[0].key, partial=query.partial), NONE)
    chain = chain_of(_receiver(call), typeof)
    refusal = executable(query) or get_refusal(query, chain, call)
    if refusal is None and not chain.methods <= _GETTABLE:
        refusal = refuse(refusals.GET_WITH_CRITERIA, ", ".join(sorted(chain.methods)))
    if refusal is None and _repeats(chain):
        refusal = refuse(refusals.GET_WITH_CRITERIA, "several calls that would be one argument")
    if refusal is not None:
        return Step(found, io=True, refusal=refusal)
    session = query.session.text if query.session else ""
    args = {"callee": f"{session}.get", "entity": query.lead, "query": session}
    if chain.rooted:
        args = {"callee": f"{session}.get", "entity": entity_text(chain)}
    elif not _is_named(query, chain):
        args = {"elsewhere": session, "query": session}
    return Step(found, Action("get_by_identity", args, awaits=True), io=True)


def get_refusal(query: Query, chain: Chain, call: ast.Call) -> Refusal | None:
    """Why a get by identity isn't possible on this query, or None."""
    if not query.single_entity or query.dynamic:
        return refuse(refusals.GET_WITH_CRITERIA, "not a query over one model")
    positional = len(call.args) == 1 and not isinstance(call.args[0], ast.Starred)
    if not positional and not (not call.args and [k.arg for k in call.keywords] == ["ident"]):
        return refuse(refusals.GET_WITH_CRITERIA, "get() with these arguments")
    if chain.rooted or chain.links:
        if not query.state <= LASTING | {"with_for_update"}:
            return refuse(refusals.GET_WITH_CRITERIA, ", ".join(sorted(query.state - LASTING)))
    elif not query.state <= _ELSEWHERE:
        return refuse(refusals.GET_WITH_CRITERIA, ", ".join(sorted(query.state - _ELSEWHERE)))
    if not chain.rooted and query.selects[0].alias:
        return refuse(refusals.GET_WITH_CRITERIA, "an alias")
    return None


def _is_named(query: Query, chain: Chain) -> bool:
    """Whether a name stands for a query of an entity that has a name here, and of nothing else."""
    plain = isinstance(chain.root, ast.Name) and not chain.links and query.state <= {BARE}
    return plain and bool(query.lead.strip("?"))


def _repeats(chain: Chain) -> bool:
    """Several with_for_update() would have to be merged; positional arguments be named."""
    if sum(name == "populate_existing" for name, _ in chain.links) > 1:
        return True
    locks = [c for name, c in chain.links if name == "with_for_update"]
    return len(locks) > 1 or any(c.args or any(k.arg is None for k in c.keywords) for c in locks)
