"""Generators and context managers that became asynchronous, and whoever takes or enters them."""

from __future__ import annotations

import ast

from migrator.colour.generators import CONTEXT_MANAGER
from migrator.index.definitions import dotted
from migrator.index.walk import names_of, walk
from migrator.plan.edits import RUNTIME, Edits
from migrator.plan.hints import generator_hint
from migrator.queries.step import Action
from migrator.types.facts import Fact
from migrator.types.generator_bodies import own_nodes
from migrator.types.giving import chosen_from


class Stepping(Edits):
    """Edits of what runs step by step."""

    def consume(self, fact: Fact) -> None:
        """What takes an async generator, or enters an async context manager."""
        found = self.decisions.generators.consumed(self.key, fact)
        assert found is not None
        asynchronous = all(self.decisions[c].streams for c in fact.callees)
        if found.form == "handed":
            return
        if found.form == "streamed":
            if asynchronous:
                self.across(fact.node, "unbridge_iter")
            return
        if not asynchronous:
            imports = ((RUNTIME, "bridge"),)
            if found.through is not None:
                self.across(fact.node, "bridge_iter")
            elif found.form in ("display", "next", "any"):
                self.add(found.node, Action("bridge_call", imports=imports, awaits=True))
                return
            elif found.form == "listed":
                self.add(found.node, Action("bridge_list", imports=imports, awaits=True))
                return
            else:
                helper = "bridge_with" if found.form == "entered" else "bridge_iter"
                self.across(fact.node, helper)
        if found.through is not None and not self._goes_through(found.through):
            return
        match found.form:
            case "loop":
                self.add(found.node, Action("async_for", awaits=True))
            case "entered":
                assert isinstance(found.node, ast.With)
                self._beside(found.node)
                self.add(found.node, Action("async_with", awaits=True))
            case "comprehension":
                action = Action("async_comprehension", {"index": found.index}, awaits=True)
                self.add(found.node, action, first=True)
                if isinstance(found.node, ast.GeneratorExp):
                    self.lists[id(found.node)] = found.node
            case "display" | "listed":
                display = found.form == "display"
                self.add(found.node, Action("async_list", {"display": display}, awaits=True))
            case "next":
                self.add(found.node, Action("await_next", awaits=True))
            case "any":
                self.add(found.node, Action("await_any", awaits=True))
            case "delegated":
                self.delegated.add(id(found.node))

    def _goes_through(self, call: ast.Call) -> bool:
        """`enumerate` and `zip` become their twins; False where another generator has done so."""
        assert isinstance(call.func, ast.Name)
        _, known = self.edits.get(id(call.func), (None, []))
        if known:
            return False
        args = {"module": RUNTIME, "name": f"{call.func.id}_async"}
        self.add(call.func, Action("use_name", args))
        return True

    def _beside(self, statement: ast.With) -> None:
        """The managers of a `with` that have nothing to await are entered in the bridge as well."""
        reaching = {
            id(fact.node)
            for fact in self.facts
            if fact.kind in ("call", "property") and any(map(self.reaching.reaches, fact.callees))
        }
        for item in statement.items:
            expression = item.context_expr
            parts = {id(part) for part in chosen_from(expression)}
            if reaching.isdisjoint(parts) and parts.isdisjoint(self.edits):
                self.across(expression, "bridge_with")

    def _delegations(self) -> None:
        """`yield from` in an async generator is a loop that yields."""
        assert self.info is not None
        names = names_of(self.info.node) | {
            a.arg for a in walk(self.info.node) if isinstance(a, ast.arg)
        }
        name = "item"
        while name in names:
            name += "_"
        for node in own_nodes(self.info.node):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.YieldFrom):
                awaits = id(node) in self.delegated
                action = Action("yield_each", {"name": name, "async": awaits}, awaits=True)
                self.add(node, action)

    def asynchronous_generator(self) -> None:
        """The decorator, the type hint and the delegations of an async generator."""
        assert self.info is not None
        self._delegations()
        for decorator in self.info.node.decorator_list:
            if dotted(decorator).rpartition(".")[2] == CONTEXT_MANAGER:
                args = {"module": "contextlib", "name": "asynccontextmanager"}
                self.add(decorator, Action("use_name", args))
        self.generator_hints()

    def generator_hints(self) -> None:
        """What the function says that it returns, where that is asynchronous."""
        assert self.info is not None
        for node, action in generator_hint(self.state.project, self.info):
            self.add(node, action)

    def step_by_step(self, fact: Fact) -> None:
        """Sync code takes an async generator, or enters an async context manager."""
        managers = any(map(self.decisions.generators.makes_manager, fact.callees))
        name = "unbridge_with" if managers else "unbridge_iter"
        self.across(fact.node, name)

    def across(self, node: ast.AST, helper: str) -> None:
        """A generator or context manager is on the other side of the bridge."""
        self.add(node, Action("bridge_steps", {"name": helper}, imports=((RUNTIME, helper),)))
