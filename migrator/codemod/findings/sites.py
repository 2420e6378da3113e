"""What a report says of one query site that did not become native."""

from __future__ import annotations

import ast

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding
from migrator.codemod.levels import FAILED_FILE, short_name
from migrator.codemod.places import Places
from migrator.codemod.reasons import expression_reason
from migrator.codemod.result import Bridged
from migrator.index.walk import walk
from migrator.index.written import label
from migrator.plan.model import Site
from migrator.queries.refusals import GONE
from migrator.queries.step import Refusal

_NO_REASON = Refusal("MIG503", "the function around it stays sync")


def left_site(site: Site, failed: bool) -> Finding:
    """The finding for a query that is left; `failed`: because its file could not be rewritten."""
    reason = FAILED_FILE if failed else site.reason or _NO_REASON
    return Finding(
        site.path,
        site.line,
        site.column,
        reason.code,
        f"{_with_view(reason)}: {reason.reason}.",
        site.symbol,
        reason.hint,
    )


def left_call(call: Site) -> Finding:
    """The finding for a call that runs at import or runs a text as code, and for what is gone."""
    assert call.reason is not None
    return Finding(
        call.path,
        call.line,
        call.column,
        call.reason.code,
        f"{_what(call.reason)} is left as it was: {call.reason.reason}.",
        hint=call.reason.hint,
    )


def _what(reason: Refusal) -> str:
    return "This" if reason.code == GONE else "This call"


def _with_view(reason: Refusal) -> str:
    # MIG4xx speak of the view, the rest of the query.
    if reason.code.startswith("MIG4"):
        return "This query stays on the mount with its view"
    return "This query is left as it was"


def converted_site(site: Site) -> Bridged:
    """A sync query in a module that is converted already: it was left to the bridge then."""
    symbol = Places.dotted(site.symbol)
    return Bridged(
        site.path,
        site.line,
        site.column,
        "MIG107",
        "this package is converted already; what is sync in it runs in the bridge",
        symbol,
        "Convert the legacy package again instead.",
        (symbol,) if symbol else (),
    )


def bridged_site(site: Site, module: str, conversion: Conversion) -> Bridged:
    """The site, in the module of that name, with its reason, and the reason of the reason where that
    is another function's.
    """
    reason, chain = _reason(site, f"{module}:{site.symbol}", conversion)
    return Bridged(
        site.path,
        site.line,
        site.column,
        reason.code,
        reason.reason,
        Places.dotted(site.symbol),
        reason.hint,
        chain,
    )


def _reason(site: Site, key: str, conversion: Conversion) -> tuple[Refusal, tuple[str, ...]]:
    decision = conversion.decisions.get(key)
    own = short_name(key)
    if decision is not None and decision.mode == "native":
        for expression in decision.bridges.values():
            if any(_at(node, site) for node in walk(expression)):
                return expression_reason(conversion.state.facts[key], expression), (
                    own,
                    label(expression),
                )
    reason = site.reason or _NO_REASON
    chain = [own]
    seen = {key}
    while decision is not None and decision.partner and decision.partner not in seen:
        seen.add(decision.partner)
        decision = conversion.decisions.get(decision.partner)
        if decision is not None:
            why = f": {decision.reason.reason}" if decision.reason is not None else ""
            chain.append(f"{short_name(decision.key)}{why if not decision.partner else ''}")
    return reason, tuple(chain)


def _at(node: ast.AST, site: Site) -> bool:
    return (
        getattr(node, "lineno", 0) == site.line
        and getattr(node, "col_offset", -2) + 1 == site.column
    )
