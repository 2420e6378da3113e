"""Query classes and the methods of queries: SQLAlchemy's, those that a class adds, those that it replaces."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from migrator.index.compile_listeners import EVENT
from migrator.index.definitions import ClassInfo, ExternalName, FunctionInfo
from migrator.queries import tables
from migrator.queries.custom import (
    EVERYTHING,
    KNOWN_BASES,
    is_own,
    made_plainly,
    makers,
    may_hold_back,
    replaced,
)
from migrator.queries.listened import LISTENED, heard, hidden_by, listened_root
from migrator.queries.refusals import DYNAMIC, QUERY_CLASS, SET_OPERATION, refuse, refuse_classes
from migrator.queries.roots import made_root
from migrator.queries.step import Action, Step
from migrator.queries.types import Function, Query
from migrator.queries.unions import with_any_name
from migrator.types.classes_of_sessions import refused_by_sessions
from migrator.types.giving import Giving
from migrator.types.lattice import Value
from migrator.types.query_methods import takes_selects


def _sets_eagerloads(node: ast.Call) -> bool:
    """Whether it is `x.enable_eagerloads(False)`, or with another constant."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="enable_eagerloads"), args=[ast.Constant()], keywords=[]
        ):
            return True
    return False


class ClassesOfQueries(Giving):
    """Adds the calls of a query's methods, and what its class and its listeners make of them."""

    def of_class(self, step: Step, classes: list[ClassInfo | ExternalName]) -> Step:
        """A root of queries of these classes; refused where one changes what every query does."""
        query = step.result
        if not isinstance(query, Query):
            return step
        refusal = step.refusal or refused_by_sessions(self.state, "Query")
        known = self.state.query_classes
        listened = EVENT in known.events
        if listened and (query.dynamic or not known.adds_criteria):
            refusal = refusal or heard()
        keys = sorted({c.key for c in classes if isinstance(c, ClassInfo)})
        names = [c.dotted for c in classes if isinstance(c, ExternalName)]
        names += [b for k in keys for b in self.project.external_bases(self.project.classes[k])]
        unknown = [n for n in names if n not in KNOWN_BASES and not n.startswith("typing.")]
        if unknown or len(keys) > 1:
            refusal = refusal or refuse_classes(unknown, keys)
        query = replace(query, cls=keys[0] if keys else "")
        step = replace(step, result=query)
        makers = self.makers(query)
        plain = all(made_plainly(maker.node) for maker in makers) and not query.dynamic
        if listened and not makers and refusal is None:
            step = listened_root(step)
        plain = plain and not listened
        if EVERYTHING in self.replaced(query) or (makers and not plain):
            refusal = refusal or refuse(QUERY_CLASS, query.cls.partition(":")[2])
        elif makers:
            step = made_root(step, partial=any(may_hold_back(m.node) for m in makers))
        return replace(step, refusal=refusal)

    def makers(self, query: Query) -> list[FunctionInfo]:
        """The methods of the query's class that have a hand in each query of it."""
        cls = self.project.classes.get(query.cls)
        owners = self.project.mro(cls) if cls is not None else []
        return [maker for owner in owners for maker in makers(owner.methods)]

    def replaced(self, query: Query) -> frozenset[str]:
        """The methods that are not SQLAlchemy's on this query."""
        events = self.state.query_classes.events
        found = {verb for verb in ("update", "delete") if any(verb in e for e in events)}
        cls = self.project.classes.get(query.cls)
        if cls is not None:
            owners = self.project.mro(cls)
            found |= replaced(name for o in owners for name in (*o.methods, *o.attributes))
        return frozenset(found)

    def query_call(self, node: ast.Call, func: ast.Attribute, query: Query) -> Value:
        """A method of a query: SQLAlchemy's, or one that its class adds."""
        name = func.attr
        cls = self.project.classes.get(query.cls)
        method = self.project.method(cls, name) if cls is not None else None
        added = method is not None and (
            (not is_own(name) and not method.decorators()) or takes_selects(self.state, method)
        )
        if method is not None and added:
            return self.added_method(node, method, query)
        self.arguments(node)
        self.reference(node)
        query = self.at_hand(query)
        if name == "subquery" and id(node) in self.among:
            query = with_any_name(query)
        step = tables.query_step(query, name, node, self.typeof)
        if id(node) in self.existing and not query.dynamic and _sets_eagerloads(node):
            # `exists()` does the same itself.
            step = Step(query, Action("drop_method"))
        if step.io:
            self.facts.fetched.setdefault(id(node), (name, set()))[1].add(query)
        if self.iterables and step.action is not None and step.action.rule == "after_union":
            step = replace(step, action=None, refusal=refuse(SET_OPERATION, f"{name}()"))
        changed = hidden_by(query, name)
        if name in self.replaced(query):
            changed = refuse(QUERY_CLASS, f"{name}()")
        else:
            changed = changed or refused_by_sessions(self.state, f"Query.{name}")
        if changed is not None:
            step = replace(step, action=None, refusal=step.refusal or changed)
        return self.step(node, step)

    def added_method(self, node: ast.Call, method: FunctionInfo, query: Query) -> Value:
        """`Order.query.open()`: becomes `OrderQuery.open(select(Order))`.

        A dynamic relationship's query gives its statement. What no statement says, one that is new
        or of a session that nobody knows, makes the method keep legacy queries.
        """
        assert method.owner is not None
        module, _, name = method.owner.key.partition(":")
        args = {"module": module, "name": name}
        refusal = None
        if LISTENED in query.state:
            refusal = heard(f"{method.name}()")
        elif query.dynamic:
            if query.session is None or query.state & {"fresh", "set_op"}:
                refusal = refuse(DYNAMIC, f"{method.name}()")
            else:
                query, args["statement"] = replace(query, dynamic=False), "statement"
        result = self.function_call(node, Function(method.key, True, query))
        action = Action("query_method", args) if refusal is None else None
        step = Step(self.some(result), action, refusal=refusal)
        self.record("step", node, step=step, name="method")
        return result

    def arguments(self, node: ast.Call, item: Value = None) -> list[Value]:
        raise NotImplementedError

    def reference(self, node: ast.Call) -> None:
        raise NotImplementedError

    def function_call(
        self, node: ast.Call, callee: Function, targets: Sequence[FunctionInfo] = ()
    ) -> Value:
        raise NotImplementedError

    def at_hand(self, query: Query) -> Query:
        raise NotImplementedError
