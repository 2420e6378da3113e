"""Which generators over the database become async generators, and `@contextmanager` functions with them.

Calling one gives an object that only `async for` or `async with` can take. So every call must be
known; where one has no async form, its function stays sync code in the bridge, which takes the object
through `unbridge_iter` or `unbridge_with`. What a generator holds from one step to the next must not
expire meanwhile: its own code would read it where nothing can be awaited.

A generator that stays sync is taken step by step from the bridge, by `bridge_iter` and `bridge_with`.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from migrator.colour.forwarders import Forwarders
from migrator.colour.taken_later import TakenLater, outlives
from migrator.index.definitions import ExternalName, FunctionInfo
from migrator.index.names import is_special
from migrator.index.signature import parameters
from migrator.index.walk import names_of, parents_in
from migrator.queries.types import UNKNOWN, Instance, Object, Unknown
from migrator.types.consumption import Consumption, Form, chosen_among, consumption
from migrator.types.facts import ON_THE_RESULT, Fact
from migrator.types.generator_bodies import after_a_step, against_async, cleans_up, own_nodes
from migrator.types.giving import chosen_from
from migrator.types.lattice import Value, holds, holds_query
from migrator.types.state import State

CONTEXT_MANAGER = "contextmanager"
_RESPONSES = frozenset({"flask.Response", "flask.wrappers.Response"})
_PLAIN = frozenset({"staticmethod", "classmethod"})


#: Facts by which a function runs: a property that is a context manager is made where it is read.
_RUNS = frozenset({"call", "property"})


def is_context_manager(info: FunctionInfo) -> bool:
    """Whether `@contextmanager` makes a context manager of the generator."""
    return any(name.rpartition(".")[2] == CONTEXT_MANAGER for name in info.decorators())


class Generators:
    """`accepted`: the keys of those that become asynchronous; `reasons`: why the others don't."""

    def __init__(
        self,
        state: State,
        does_io: Callable[[Fact], bool],
        opaque: Iterable[str],
        decorated: Iterable[str],
    ) -> None:
        """`opaque` and `decorated` have something around them that takes plain functions only."""
        self.state = state
        self.reasons: dict[str, str] = {}
        found = [key for key, facts in state.facts.items() if facts.is_generator]
        own = {k: state.project.functions[k] for k in found if k in state.project.functions}
        self._managers = frozenset(k for k, info in own.items() if is_context_manager(info))
        self._parents: dict[str, dict[int, ast.AST]] = {}
        self._unclear()
        self.forwarders = Forwarders(state, own, self._managers, self._mixed)
        self.forwarders.drop(does_io)
        self.accepted = {*own, *self.forwarders.handed}
        self._calls = self._called()
        self._own = frozenset(own)
        self.gives = TakenLater(state, self._own, self._parents_of).gives
        self._opaque, self._decorated = frozenset(opaque), frozenset(decorated)
        self._in_templates = state.templates.words.members if self.accepted else ()
        self._async_names: set[str] = set()
        if self.accepted:
            asynchronous = [
                i.node
                for i in state.project.functions.values()
                if isinstance(i.node, ast.AsyncFunctionDef)
            ]
            self._async_names = {name for node in asynchronous for name in names_of(node)}
        for key in sorted(self.accepted):
            reason = self._against(state.project.functions[key])
            if reason:
                self.reasons[key] = reason
        self.accepted -= self.reasons.keys()
        self._together()

    def refuse(self, key: str, reason: str) -> None:
        """It stays as it is after all, and so does whatever a call may mean instead of it."""
        self.accepted.discard(key)
        self.reasons[key] = reason
        self._together()

    def reconsider(self, does_io: Callable[[Fact], bool]) -> bool:
        """Whether what hands on a generator turns out to reach the database besides."""
        dropped = self.forwarders.drop(does_io)
        for key in dropped:
            self.accepted.discard(key)
        self._together()
        return bool(dropped)

    def makes(self, key: str) -> bool:
        """Whether a call of the function gives a generator or a context manager of one."""
        return key in self._own or key in self.forwarders

    def makes_manager(self, key: str) -> bool:
        return key in self._managers or key in self.forwarders.managers

    def consumed(self, key: str, fact: Fact) -> Consumption | None:
        """What the function `key` does to the generator that a call gives it.

        None where async code can't do that.
        """
        assert isinstance(fact.node, ast.expr)
        asked = self.state.facts[key].asked
        parents = self._parents_of(key)
        found = consumption(fact.node, parents, self._shadowed(key), asked)
        if found is None:
            found = self._streamed(key, fact.node, parents)
        if id(fact.node) in self._mixed or not all(map(self.makes, fact.callees)):
            return None
        if id(fact.node) in self.forwarders.handed.get(key, ()):
            return Consumption("handed", fact.node)
        if found is None:
            return None
        if not self.accepted.issuperset(fact.callees) and not all(
            self._steppable(callee, "loop" if found.through is not None else found.form)
            for callee in fact.callees
        ):
            return None
        managers = set(map(self.makes_manager, fact.callees))
        if managers != {found.form == "entered"}:
            return None
        if isinstance(found.node, ast.With) and not self._all_managers(key, found.node):
            return None
        return found

    def _streamed(
        self, key: str, node: ast.expr, parents: Mapping[int, ast.AST]
    ) -> Consumption | None:
        """The body of a response: the framework takes it when the function is done."""
        module = self.state.project.modules[key.partition(":")[0]]
        outer = parents.get(id(node))
        while isinstance(outer, ast.Call) and outer.args[:1] == [node]:
            callee = self.state.project.resolve(module, outer.func)
            name = callee.dotted if isinstance(callee, ExternalName) else ""
            if name in _RESPONSES:
                return Consumption("streamed", outer)
            if name != "flask.stream_with_context":
                return None
            node, outer = outer, parents.get(id(outer))
        return None

    def _steppable(self, key: str, form: Form) -> bool:
        """Whether async code may take a sync generator from the bridge."""
        handed = self.forwarders.handed.get(key)
        if handed is not None:
            called = {c for fact in handed.values() for c in fact.callees}
            return all(self._steppable(c, form) for c in called)
        info = self.state.project.functions[key]
        if _wrapping(info):
            return False
        if holds_query(self.state.returns.get(key)):
            return False
        if form not in ("loop", "comprehension", "delegated"):
            return True
        own = own_nodes(info.node)
        parents = parents_in(info.node)
        return key not in self.state.commits and not any(
            cleans_up(n, parents) for n in own if isinstance(n, ast.Yield | ast.YieldFrom)
        )

    def _all_managers(self, key: str, statement: ast.With) -> bool:
        """Whether each of the items of a `with` is a context manager of this kind, whichever is chosen."""
        entered = {
            id(fact.node)
            for fact in self.state.facts[key]
            if fact.kind in _RUNS and fact.callees and all(map(self.makes_manager, fact.callees))
        }
        info = self.state.function(key)
        return all(
            id(part) in entered or (info is not None and self.forwarders.is_null(info, part))
            for item in statement.items
            for part in chosen_from(item.context_expr)
        )

    # -- every call --------------------------------------------------------------------------

    def _unclear(self) -> None:
        """The calls of which nobody knows what they call."""
        #: The names of what is called where nobody knows what has them.
        self.unresolved: set[str] = set()
        #: Ids of calls whose callee may be something that is not known.
        self._mixed: set[int] = set()
        for facts in self.state.facts.values():
            for fact in facts:
                if fact.kind == "unresolved":
                    self.unresolved.add(fact.name or getattr(fact.node, "attr", ""))
                if fact.kind == "unresolved" or (
                    fact.kind == "external" and fact.name not in ON_THE_RESULT
                ):
                    self._mixed.add(id(fact.node))

    def _called(self) -> dict[str, list[tuple[str, Fact]]]:
        """The facts that name each generator, with the function that they are of."""
        found: dict[str, list[tuple[str, Fact]]] = defaultdict(list)
        for key, facts in self.state.facts.items():
            for fact in facts:
                for callee in fact.callees:
                    if callee in self.accepted:
                        found[callee].append((key, fact))
        return found

    def _together(self) -> None:
        """A call may mean one of several functions: all of them are asynchronous, or none.

        So is what hands a generator on: what it gives is what it got.
        """
        of_calls = {
            frozenset(fact.callees): "a call of it may mean a plain function as well"
            for facts in self._calls.values()
            for _, fact in facts
        }
        handed_on = {
            frozenset(
                {key, *fact.callees}
            ): "what hands it on, or what that gives besides, stays as it is"
            for key, facts in self.forwarders.handed.items()
            for fact in facts.values()
        }
        alike = {**of_calls, **handed_on}
        changed = True
        while changed:
            changed = False
            for keys, reason in alike.items():
                inside = self.accepted & keys
                if inside and inside != keys:
                    self.reasons.update(dict.fromkeys(inside, reason))
                    self.accepted -= inside
                    changed = True

    def _parents_of(self, key: str) -> dict[int, ast.AST]:
        if key not in self._parents:
            module, _, name = key.partition(":")
            info = self.state.function(key)
            node: ast.AST | None = info.node if info is not None else None
            if node is None and name == "<module>":
                node = self.state.project.modules[module].source.tree
            self._parents[key] = parents_in(node) if node is not None else {}
        return self._parents[key]

    def _shadowed(self, key: str) -> frozenset[str]:
        found: set[str] = set()
        info = self.state.function(key)
        while info is not None:
            found.update(info.locals)
            facts = self.state.facts.get(info.key)
            found.update(facts.environment if facts is not None else ())
            info = info.parent
        return frozenset(found.union(self.state.project.modules[key.partition(":")[0]].bindings))

    # -- one generator -------------------------------------------------------------------------

    def _against(self, info: FunctionInfo) -> str:
        """Why a generator stays as it is, or ""."""
        return next(self._reasons(info), "")

    def _reasons(self, info: FunctionInfo) -> Iterator[str]:
        manager = self.makes_manager(info.key)
        forwards = info.key in self.forwarders
        names = _wrapping(info)
        if names and not forwards:
            yield f"@{min(names)} takes a plain function"
        if info.key in self._opaque or (info.key in self._decorated and not manager):
            yield "something around it takes a plain function"
        if is_special(info.name):
            yield f"Python calls {info.name} itself"
        if info.key in self.state.entries:
            yield "it is not called by the code at hand alone"
        if info.key in self.state.taken or any(
            fact.kind not in _RUNS for _, fact in self._calls[info.key]
        ):
            yield "it is passed on as a value"
        if any(id(fact.node) in self._mixed for _, fact in self._calls[info.key]):
            yield "a call of it may mean something else"
        if info.owner is not None and info.name in self.unresolved:
            yield "a receiver of unknown type has a method of that name"
        if manager and any(map(self._kept, self._calls[info.key])):
            yield "it is not entered where it is called"
        if info.name in self._async_names:
            yield "async code uses its name"
        if info.owner is not None and info.name in self._in_templates:
            yield "a template may call it"
        if holds_query(self.state.returns.get(info.key)):
            yield "it gives query objects"
        if forwards:
            return
        yield from against_async(info.node, manager)
        yield from self._in_between(info, manager)

    def _kept(self, call: tuple[str, Fact]) -> bool:
        """Whether a context manager may be a decorator: each call of the function enters another."""
        key, fact = call
        if id(fact.node) in self.forwarders.handed.get(key, ()):
            return False
        assert isinstance(fact.node, ast.expr)
        parents = self._parents_of(key)
        match parents.get(id(chosen_among(fact.node, parents))):
            case ast.withitem():
                return False
            case ast.Call(func=ast.Attribute(attr="enter_context"), args=[entered]):
                return entered is not fact.node
            case ast.Assign(targets=[ast.Name(id=name)]):
                return not self._stays(key, name)
        return True

    def _stays(self, key: str, name: str) -> bool:
        """Whether a variable is entered, or asked for an attribute, and nothing else is done with it."""
        info, parents = self.state.function(key), self._parents_of(key)
        if info is None or outlives(name, info):
            return False
        return all(
            isinstance(parents.get(id(n)), ast.withitem | ast.Attribute)
            for n in info.nodes
            if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)
        )

    def _in_between(self, info: FunctionInfo, manager: bool) -> Iterator[str]:
        """What may happen between two steps."""
        if not manager and info.key in self.state.commits:
            yield "it commits between its steps"
        if self._interrupted(info.key, set()) and (not manager or self._keeps(info)):
            yield "what it holds may expire between its steps: its consumer commits, or a hook before a response is sent"
        if any(isinstance(n, ast.YieldFrom) for n in own_nodes(info.node)) and any(
            self.consumed(key, fact) is None for key, fact in self._calls[info.key]
        ):
            yield "what is sent into it may go to another generator"

    def _interrupted(self, key: str, seen: set[str]) -> bool:
        """Whether a consumer may commit while the generator waits."""
        if key in seen:
            return False
        seen.add(key)
        for consumer, fact in self._calls[key]:
            facts = self.state.facts[consumer]
            found = self.consumed(consumer, fact)
            if found is None:
                if facts.commits:
                    return True
            elif found.form == "handed":
                if self._interrupted(consumer, seen):
                    return True
            elif found.form == "streamed":
                # What it has from its function, a hook may let expire before it begins.
                if self._has_from_outside(self.state.project.functions[key]):
                    return True
            elif id(found.through or fact.node) in facts.commits_in:
                return True
            if facts.is_generator and self._interrupted(consumer, seen):
                return True
        return False

    def _has_from_outside(self, info: FunctionInfo) -> bool:
        """Whether a parameter of it may be a mapped object, or a variable of a function around it."""
        known = self.state.facts[info.key].environment
        given = [known.get(a.arg, UNKNOWN) for a in parameters(info.node.args)]
        return any(map(_may_expire, given)) or self._closes_over(info)

    def _keeps(self, info: FunctionInfo) -> bool:
        """Whether it may use mapped objects after a step."""
        known = self.state.facts[info.key].environment
        used = {n.id for n in after_a_step(info.node) if isinstance(n, ast.Name)}
        return any(_may_expire(known.get(name)) for name in used) or self._closes_over(info)

    def _closes_over(self, info: FunctionInfo) -> bool:
        """Whether it uses a variable of a function around it that may be a mapped object."""
        names, outer = names_of(info.node), info.parent
        while outer is not None:
            known = self.state.facts.get(outer.key)
            for name, value in known.environment.items() if known is not None else ():
                if name in names and _may_expire(value):
                    return True
            outer = outer.parent
        return False


def _may_expire(value: Value) -> bool:
    return holds(value, (Instance, Object, Unknown))


def _wrapping(info: FunctionInfo) -> set[str]:
    """The decorators of a generator that make something else of it."""
    names = {name.rpartition(".")[2] for name in info.decorators()} - _PLAIN
    return names - {CONTEXT_MANAGER, "property"} if is_context_manager(info) else names
