"""Edits of code that stays sync: it runs in the bridge, over the sync session underneath."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import cached_property

from migrator.colour.decision import Decision
from migrator.colour.exchange import bilingual, giver, gives_unknown
from migrator.index.definitions import FunctionInfo
from migrator.index.signature import positional
from migrator.index.written import written
from migrator.plan.edits import RUNTIME
from migrator.plan.handing_sessions import HandingSessions
from migrator.plan.stepping import Stepping
from migrator.queries.connections import DRIVER_TEXT
from migrator.queries.expressions import SPREAD_WHENS
from migrator.queries.removed import STATEMENT
from migrator.queries.rows import MAPPING
from migrator.queries.step import Action
from migrator.queries.types import Query
from migrator.types.event_loops import KEPT, RUNNING
from migrator.types.externals import ACLOSING
from migrator.types.facts import ON_ITS_VALUE, ROWS, Fact
from migrator.types.giving import chosen_from
from migrator.types.lattice import holds_convertible, holds_query, join_all
from migrator.types.operators import UNDERNEATH

#: What SQLAlchemy 1.x took and 2.x takes in another form, whatever becomes of the queries around it.
_EARLIER = frozenset({DRIVER_TEXT.rule, MAPPING.rule, SPREAD_WHENS.rule, STATEMENT.rule})
#: What awaits a call in sync code, by the rule.
_UNBRIDGING = {"unbridge_call": "unbridge", "call_sync": "call_sync"}
#: Of what may be a session: the sync one underneath.
SYNC_SIDE = Action("sync_side", imports=((RUNTIME, "sync_side"),))
#: What a `scoped_session` has beside what a session has.
_OF_REGISTRIES = frozenset({"remove", "registry"})


class Bridged(Stepping, HandingSessions):
    """Edits inside a bridge, be it a function's or one expression's."""

    def bridged(self, decision: Decision) -> None:
        assert self.info is not None
        self.session_annotations()
        if decision.asynchronous:
            self.add(
                self.info.node,
                Action(
                    "wrap_function",
                    {"parameters": _parameter_names(self.info)},
                    imports=((RUNTIME, "bridge"),),
                    awaits=True,
                ),
            )
        for fact in self.facts:
            self.inside_bridge(fact, converts=decision.converts)
        seen = {id(n) for n, _ in self.edits.values()}
        for owner in self.facts.sessions.values():
            if id(owner) not in seen and id(owner) in self._receivers:
                self._turn_sync(owner)

    def inside_bridge(self, fact: Fact, converts: bool) -> None:
        """In sync code that runs in the bridge, an async callee is awaited through unbridge.

        With `converts`, its queries become selects on the sync session.
        """
        if fact.kind == "stale" and id(fact.node) in self._given_to_native:
            # Native code can't reload what it is given when it reads a column.
            imports = ((RUNTIME, "reload"), (RUNTIME, "unbridge"))
            self.add(fact.node, Action("reload", imports=imports, sync=True))
        if fact.action is not None and fact.action.args.get("everywhere"):
            self.add(fact.node, Action("unbridge_call", imports=((RUNTIME, "unbridge"),)))
            return
        if converts and fact.kind == "step" and fact.action is not None:
            if fact.action.rule == "async_with" or fact.action == ACLOSING:
                return  # The sync session underneath is entered as it was.
            if fact.action.rule == "run_sync_method":
                self._sync_session(fact)
                return  # It has that method.
            self.add(fact.node, self._sync_action(fact.action), first=fact.name not in ON_ITS_VALUE)
            return
        if fact.action is not None and fact.action in RUNNING:
            # No loop can be run in sync code.
            self.add(fact.node, self._sync_action(fact.action))
        self.earlier_form(fact)
        if converts and fact.kind == "listed":
            self.add(fact.node, Action("listed"))
        targets = [t for t in map(self.decisions.get, fact.callees) if t is not None]
        awaited = {t.awaited for t in targets}
        if fact.kind in ("call", "property") and any(t.streams for t in targets):
            self.step_by_step(fact)
        elif fact.kind == "call" and awaited == {True} and not fact.mixed:
            rule = "call_sync" if self.hands_sync_session(fact.node) else "unbridge_call"
            self.add(fact.node, Action(rule, imports=((RUNTIME, _UNBRIDGING[rule]),)))
        elif fact.kind == "call" and (True in awaited or any(map(self._wraps, targets))):
            self.add(fact.node, Action("call_sync", imports=((RUNTIME, "call_sync"),)))
        if converts and fact.kind in ("call", "property"):
            self.kept_query(fact)
        unsure = (
            fact.kind == "unresolved"
            and fact.name != ROWS
            and isinstance(fact.node, ast.Call)
            and self.reaching.does_io(fact)
        )
        if unsure and id(fact.node) not in self.edits:
            self.add(fact.node, Action("call_sync", imports=((RUNTIME, "call_sync"),)))
        if not converts:
            self.statements_given(fact)
        if fact.kind == "step" and fact.site:
            self._sync_session(fact)
        unknown = fact.refusal is not None and fact.refusal.code == "MIG517"
        if unknown and self.decisions.library:
            # The receiver of a query, or what a `with` enters: a factory's call, or an attribute.
            func = getattr(fact.node, "func", None)
            session = func.value if fact.site and isinstance(func, ast.Attribute) else fact.node
            self.add(session, SYNC_SIDE)

    def statements_given(self, fact: Fact) -> None:
        """A native function takes selects: a legacy query gives its statement."""
        if fact.kind != "call" or not self._natives(fact):
            return
        for argument in self.facts.query_arguments.get(id(fact.node), ()):
            if (id(argument), "externalquery") not in self.facts.facts:
                self.add(argument, Action("query_statement"))
        for step in self.facts:
            if step.node is fact.node and step.action and step.action.rule == "query_method":
                args = {**step.action.args, "statement": ""}
                self.add(fact.node, replace(step.action, args=args), first=True)

    def _wraps(self, target: Decision) -> bool:
        """Whether this is a decorator's inner function, and what it calls there is a coroutine function.

        To all others that is what the decorator makes of it.
        """
        around = self.decisions.wrapped_by.get(target.key, ())
        found = map(self.decisions.get, (target.key, *around))
        return self.key in around and any(f is not None and f.asynchronous for f in found)

    def earlier_form(self, fact: Fact) -> None:
        """What changes in sync code as well, be it in the bridge or a module's own.

        That is what SQLAlchemy 1.x took in another form, and which session one is.
        """
        if fact.action is None:
            return
        if fact.action.rule in _EARLIER or fact.action in (KEPT, UNDERNEATH):
            self.add(fact.node, self._sync_action(fact.action))

    def kept_query(self, fact: Fact, *before: Action) -> bool:
        """What a keeper of legacy queries gives, gives its statement to all others; whether it is one."""
        around = self.decisions.wrapped_by
        giving = [giver(self.state, around, self.key, c) for c in fact.callees]
        giving = [c for c in giving if holds_query(self.state.returns.get(c))]
        found = [self.decisions.get(c) for c in giving]
        returned = join_all(self.state.returns.get(c) for c in giving)
        if not any(f is not None and f.keeps_queries for f in found):
            return False
        sure = isinstance(returned, Query) and not self._may_be_rows(fact.node)
        imports = () if sure else ((RUNTIME, "statement_of"),)
        gives = Action("query_statement", {"unsure": not sure}, imports=imports)
        own = self.decisions.get(self.key)
        keeps = own is not None and own.keeps_queries
        followed = not keeps and holds_convertible(returned) and not gives_unknown(self.state, fact)
        statement = [gives] if followed else []
        for action in (*before, *statement):
            self.add(fact.node, action)
        return True

    def _may_be_rows(self, node: ast.AST) -> bool:
        """Whether it gives a relationship's objects as well, where it is asked of one of several classes."""
        same = [fact for fact in self.facts if fact.node is node]
        either = (f.action is not None and f.action.args.get("rows") == "either" for f in same)
        return any(either) or any(fact.kind == "lazy" for fact in same)

    @cached_property
    def _given_to_native(self) -> set[int]:
        """Ids of the arguments and receivers of the calls of functions with native bodies."""
        found: set[int] = set()
        for fact in self.facts:
            callees = [c for c in map(self.decisions.get, fact.callees) if c is not None]
            native = fact.kind == "call" and any(
                c.awaited or c.unbridged or c.streams for c in callees
            )
            if native and isinstance(fact.node, ast.Call):
                call = fact.node
                given = [*call.args, *(k.value for k in call.keywords)]
                if isinstance(call.func, ast.Attribute):
                    given.append(call.func.value)
                found.update(id(part) for argument in given for part in chosen_from(argument))
        return found

    def _sync_action(self, action: Action) -> Action:
        session = action.args.get("session")
        if isinstance(session, str) and not self._is_application_session(session):
            action = replace(action, args={**action.args, "session": f"{session}.sync_session"})
        if action.args.get("listed") or action.args.get("stream"):
            # A sync session's rows come in portions to whatever takes them.
            action = replace(action, args={**action.args, "listed": False, "stream": False})
        return replace(action, sync=True)

    def _is_application_session(self, text: str) -> bool:
        """The application's own session knows by itself that it is in the bridge."""
        return (
            bool(self.state.db_name) and text.endswith(".session") and not text.startswith("self.")
        )

    def _natives(self, fact: Fact) -> bool:
        found = [self.decisions.get(c) for c in fact.callees if not bilingual(self.state, c)]
        return any(f is not None and not f.keeps_queries for f in found)

    def _sync_session(self, fact: Fact) -> None:
        """`session.query(...)` on an AsyncSession at hand: on the sync session underneath."""
        match fact.node:
            case ast.Call(func=ast.Attribute(value=owner)):
                pass
            case ast.Call(func=ast.Name("getattr"), args=[owner, *_]):
                pass
            case ast.Call(
                func=ast.Call() | ast.Name(), args=[owner]
            ):  # methodcaller("commit")(session)
                pass
            case _:
                return
        if id(owner) in self.facts.sessions:
            self._turn_sync(owner)

    def _turn_sync(self, owner: ast.expr) -> None:
        if id(owner) in self.facts.maybe_sessions:
            self.add(owner, SYNC_SIDE)
        elif not self._is_application_session(written(owner)):
            self.add(owner, Action("sync_session"))

    @cached_property
    def _receivers(self) -> set[int]:
        """Ids of the expressions that are used here (`session.x`), rather than passed on.

        What only a registry has, is asked of it: it knows by itself that it is in the bridge. So is what code
        puts on sessions: on a registry it is the registry's.
        """
        assert self.info is not None
        used = [n for n in self.info.nodes if isinstance(n, ast.Attribute)]
        others = _OF_REGISTRIES | self.put_on_sessions({n.attr for n in used})
        return {id(n.value) for n in used if n.attr not in others}


def _parameter_names(info: FunctionInfo) -> list[str]:
    a = info.node.args
    names = [p.arg for p in positional(a)]
    if a.vararg is not None:
        names.append(f"*{a.vararg.arg}")
    names.extend(f"{p.arg}={p.arg}" for p in a.kwonlyargs)
    if a.kwarg is not None:
        names.append(f"**{a.kwarg.arg}")
    return names
