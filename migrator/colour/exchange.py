"""Where queries pass between functions, both sides must speak one language.

A legacy query gives its statement (`.statement`); a select gives no legacy query. So a function
that keeps legacy queries may hand them to a native one, and a native one may take what a keeper
returns. A keeper can't use what a native function returns, nor take what it passes. Then the
keeper turns to selects, on the sync session, where all its queries allow that; otherwise the
other side keeps legacy queries too.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from migrator.colour.decision import Decision
from migrator.colour.lost_queries import is_read_unseen
from migrator.index.signature import parameters
from migrator.index.walk import walk
from migrator.queries.listened import LISTENED
from migrator.queries.step import Refusal
from migrator.queries.types import Query, Unknown
from migrator.types.facts import ON_THE_RESULT, Fact, FunctionFacts
from migrator.types.lattice import Value, holds_convertible, holds_query, options, parts
from migrator.types.state import State

#: What a query does to its entities outside its statement.
_BEYOND_STATEMENT = frozenset({"set_op", "from_statement", "yield_per", LISTENED})
#: Who gets a query where a template asks for it.
_TEMPLATE = ":a template"
#: Who gets one that an object keeps, where the object is not known or the name is of the run.
_UNSEEN = ":what reads attributes of unknown objects"
#: Who gets one in no function: what a lambda of a module does is not rewritten.
_OUTSIDE = ":code of a module outside of any function"
#: Calls that nobody writes and whose result is followed: by a loop, a `with`, a subscript, `getattr()`.
_FOLLOWED = ON_THE_RESULT | {"property"}


def convertible(fact: Fact) -> bool:
    """Whether a fact's rewriting has a form for sync code."""
    return fact.refusal is None and not fact.gives_query_away


def streams(fact: Fact) -> bool:
    """Whether the rewriting gives an asynchronous iterator, for `async for`."""
    action = fact.action
    return action is not None and action.rule == "iterate" and bool(action.args.get("stream"))


def bilingual(state: State, key: str) -> bool:
    """Whether a function only refines the queries that it gets, if anything: it takes selects just as well.

    Every method that it applies exists on both, and what it returns is of the kind that it got.
    """
    facts = state.facts.get(key)
    if does_nothing(state, key):
        return True
    if facts is None or facts.closure_queries or not holds_query(state.returns.get(key)):
        return False
    if any(key in state.readers.get(what, ()) for what in state.query_writers):
        return False
    return all(_refines(state, fact) for fact in facts)


def does_nothing(state: State, key: str) -> bool:
    """Whether it is a method of an abstract class, say, whose body has only `...` or `raise`."""
    info = state.function(key)
    if info is None:
        return False
    given = {a.arg for a in parameters(info.node.args)}
    return all(
        isinstance(s, ast.Pass)
        or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        or (
            isinstance(s, ast.Raise)
            and not any(isinstance(n, ast.Name) and n.id in given for n in walk(s))
        )
        for s in info.node.body
    )


def _refines(state: State, fact: Fact) -> bool:
    if fact.kind == "step":
        action = fact.action
        where = action is not None and action.args.get("name") == "where"
        return not (fact.io or fact.refusal or fact.site) and (action is None or where)
    return not fact.io and not any(holds_query(state.returns.get(c)) for c in fact.callees)


def giver(state: State, wrapped_by: Mapping[str, Sequence[str]], caller: str, callee: str) -> str:
    """Who gives the query that a call of `callee` gives: a decorator's inner function, or itself."""
    for wrapper in wrapped_by.get(callee, ()):
        if wrapper == caller:
            break
        if holds_query(state.returns.get(wrapper)):
            return wrapper
    return callee


def settle(
    state: State,
    decisions: dict[str, Decision],
    words: Collection[str],
    wrapped_by: Mapping[str, Sequence[str]],
) -> None:
    """Let functions that exchange queries agree, changing as few as possible.

    `words` are the names that templates take from a value; `wrapped_by` are the inner functions of
    decorators.
    """
    _keep_guessed(state, decisions, words)
    changed = True
    while changed:
        changed = False
        for key, facts in state.facts.items():
            caller = decisions.get(key)
            if caller is None:
                changed |= _keep_outside(state, decisions, facts)
                continue
            for fact in facts:
                if fact.kind in ("call", "property"):
                    for called in fact.callees:
                        for callee in dict.fromkeys(
                            (called, giver(state, wrapped_by, key, called))
                        ):
                            if callee in decisions:
                                changed |= _agree(state, caller, decisions[callee], fact)
                    changed |= _agree_beside(state, decisions, facts, fact)
                    changed |= _keep_unsure(state, decisions, key, fact)
                elif fact.kind == "external" and fact.name in _FOLLOWED:
                    # Nobody writes the call, so that nothing can be put around what it gives.
                    giving = (c for c in fact.callees if holds_query(state.returns.get(c)))
                    both = [caller, *(decisions[c] for c in giving if c in decisions)]
                    changed |= len(both) > 1 and _share(state, both)
            if facts.closure_queries:
                changed |= _agree_inside(state, caller, decisions)
        for entry, writers in state.query_writers.items():
            users = dict.fromkeys((*writers, *state.readers.get(entry, {})))
            because = _TEMPLATE if entry[0] == "attributes" and entry[1][1] in words else ""
            if because or is_read_unseen(state, entry):
                kept = [_keep(decisions[k], because or _UNSEEN) for k in users if k in decisions]
                changed |= any(kept)
            changed |= _share(state, [decisions[k] for k in users if k in decisions])


def _keep_guessed(state: State, decisions: dict[str, Decision], words: Collection[str]) -> None:
    """Methods and properties that give a query where the receiver is of unknown type, or in a template.

    Nothing is rewritten there, so that what it gets has to stay what it was.
    """
    giving: dict[str, list[Decision]] = defaultdict(list)
    for key, decision in decisions.items():
        info = state.function(key)
        if info is not None and info.owner is not None and holds_query(state.returns.get(key)):
            giving[info.name].append(decision)
    if not giving:
        return
    for name in giving:
        for decision in giving[name] if name in words else ():
            if holds_convertible(state.returns.get(decision.key)):
                _keep(decision, _TEMPLATE)
    for key, facts in state.facts.items():
        for fact in facts:
            if fact.kind != "unresolved":
                continue
            called = fact.callees or [d.key for d in giving.get(fact.name, ())]
            for decision in giving.get(fact.name, ()):
                if decision.key in called and not bilingual(state, decision.key):
                    _keep(decision, key)


def _share(state: State, sharers: list[Decision]) -> bool:
    """Functions that meet in what holds a query, an attribute or a variable: all keep it, or none."""
    changed = False
    keepers = [d for d in sharers if d.keeps_queries and d.mode != "left"]
    for keeper in keepers:
        if not _convert(state, keeper):
            kept = [_keep(d, keeper.key) for d in sharers if not d.keeps_queries]
            return changed or any(kept)
        changed = True
    return changed


def _agree(state: State, caller: Decision, callee: Decision, fact: Fact) -> bool:
    if caller.keeps_queries == callee.keeps_queries or "left" in (caller.mode, callee.mode):
        return False
    if callee.mode in ("plain", "native") and bilingual(state, callee.key):
        return False
    if caller.keeps_queries:
        # What only holds a query has no statement to give.
        held = id(fact.node) in state.facts[caller.key].passes_held
        if not held and not holds_query(state.returns.get(callee.key)):
            return False
        return _convert(state, caller) or _keep(callee, caller.key)
    if not _statement_will_do(state.returns.get(callee.key)):
        return _convert(state, callee) or _keep(caller, callee.key)
    if not isinstance(fact.node, ast.Call):
        return False
    if id(fact.node) not in state.facts[caller.key].passes_query:
        return False
    return _convert(state, callee) or _keep(caller, callee.key)


def _agree_beside(
    state: State, decisions: dict[str, Decision], facts: FunctionFacts, fact: Fact
) -> bool:
    """Whoever a call may mean, overrides of one method, say, gets one and the same query."""
    if len(fact.callees) < 2 or id(fact.node) not in facts.passes_query:
        return False
    takers = [decisions[c] for c in fact.callees if c in decisions and not bilingual(state, c)]
    return len(takers) > 1 and _share(state, takers)


def gives_unknown(state: State, fact: Fact) -> bool:
    """Whether nobody knows what one of the functions gives that a call may mean."""
    given = [state.returns.get(callee) for callee in fact.callees]
    return any(isinstance(option, Unknown) for value in given for option in options(value))


def _keep_unsure(state: State, decisions: Mapping[str, Decision], caller: str, fact: Fact) -> bool:
    """One of several functions that a call may mean gives a query, of another nobody knows what it gives.

    So nothing is rewritten where that is used, and what it gets has to stay what it was.
    """
    if not gives_unknown(state, fact):
        return False
    giving = [c for c in fact.callees if holds_convertible(state.returns.get(c))]
    kept = [_keep(decisions[c], caller) for c in giving if c in decisions and c != caller]
    return any(kept)


def _keep_outside(state: State, decisions: Mapping[str, Decision], facts: FunctionFacts) -> bool:
    """Code in no function, a lambda of a module's or a class's, stays as it is: so does what it gets."""
    asked = (c for f in facts if f.kind in ("call", "property") for c in f.callees)
    giving = [c for c in asked if c in decisions and holds_query(state.returns.get(c))]
    kept = [_keep(decisions[c], _OUTSIDE) for c in giving if not bilingual(state, c)]
    return any(kept)


def _statement_will_do(value: Value) -> bool:
    """Whether a returned legacy query's statement says all that the query says.

    What only holds one, as a list or what a generator yields, has no statement to give.
    """
    if any(holds_query(option) and not isinstance(option, Query) for option in options(value)):
        return False
    return not any(isinstance(p, Query) and p.state & _BEYOND_STATEMENT for p in parts(value))


def _agree_inside(state: State, inner: Decision, decisions: dict[str, Decision]) -> bool:
    """A nested function and the one around it share the variables that hold queries."""
    info = state.function(inner.key)
    outer = decisions.get(info.parent.key) if info is not None and info.parent else None
    if outer is None or outer.keeps_queries == inner.keeps_queries or outer.mode == "left":
        return False
    keeper, other = (outer, inner) if outer.keeps_queries else (inner, outer)
    return _convert(state, keeper) or _keep(other, keeper.key)


def _convert(state: State, decision: Decision) -> bool:
    """Make a bridged function use selects on the sync session; False where it can't."""
    if (
        decision.mode != "bridged"
        or decision.kept
        or decision.gives_unseen
        or not all(convertible(f) for f in state.facts[decision.key])
    ):
        return False
    decision.converts = True
    return True


def _keep(decision: Decision, because: str) -> bool:
    if decision.kept or (decision.mode not in ("native", "plain") and not decision.converts):
        return False
    decision.bridge_nothing()
    decision.mode, decision.converts, decision.unbridged = "bridged", False, False
    decision.kept = True
    decision.partner = because
    decision.reason = Refusal(
        "MIG512",
        f"it exchanges query objects with {because.partition(':')[2]}, which keeps legacy queries",
        "Make that function convertible first.",
    )
    return True
