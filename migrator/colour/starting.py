"""Functions that run when a module is imported or the application is made.

Nothing can be awaited there. What only they call may as well stay as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Sequence
from copy import copy

from migrator.colour.made_later import is_made_later
from migrator.colour.reaching import Reaching
from migrator.index.definitions import MODULE_CODE, FunctionInfo
from migrator.index.lambdas import in_lambda
from migrator.index.scripts import in_script
from migrator.queries.step import Refusal
from migrator.types.escapes import COPIES_NAMES, functions_in
from migrator.types.facts import Fact
from migrator.types.state import State

#: The code of what runs in a script, which has no event loop.
_SCRIPT = "MIG527"


class Starting:
    """`keys` are the functions found so far.

    `starts` are the keys of those that make the application and set it up: servers, scripts and
    commands call these, or what calls them.
    """

    def __init__(
        self,
        state: State,
        reaching: Reaching,
        wrappers: frozenset[str],
        starts: Collection[str] = (),
    ) -> None:
        self.keys: set[str] = set()
        self._state = state
        self._reaching = reaching
        self._wrappers = wrappers
        self._starts = starts
        self._lambdas: dict[str, Callable[[ast.AST], bool]] = {}
        self._scripts: dict[str, Callable[[ast.AST], bool]] = {}

    def supposing(self, reaching: Reaching) -> Starting:
        """The same, over what would reach the database."""
        other = copy(self)
        other._reaching, other.keys = reaching, set(self.keys)
        return other

    def found(self) -> Iterator[tuple[str, Refusal]]:
        """Every function that reaches the database there, as far as that is known, and why."""
        state, io = self._state, self._reaching.io
        starts = dict.fromkeys(sorted(self._starts), _at_start("it makes the application"))
        for key in self._calling(self._starts):
            starts.setdefault(key, _at_start("it calls what makes the application"))
        for module, fact in self._of_modules():
            if fact.kind != "call" or self._is_later(module, fact):
                continue
            script = self._in_script(module, fact)
            why = _at_start(f"{module} calls it when it is imported")
            if script:
                why = _by_script(f"{module}, run as a script, calls it")
            for callee in fact.callees:
                shared = script and self._others_call(callee)
                if not shared and not is_made_later(state, io, callee):
                    starts.setdefault(callee, why)
        for key in self._mapping():
            starts.setdefault(key, _at_start("what maps its class calls it"))
        found = [key for key in starts if key in io]
        yield from ((key, starts[key]) for key in found)
        self.keys.update(found)
        scripts = {key for key in found if starts[key].code == _SCRIPT}
        taken = {
            callee
            for facts in state.facts.values()
            for fact in facts
            if fact.kind == "reference" and fact.name not in COPIES_NAMES
            for callee in fact.callees
        }
        work = sorted(io - taken - state.entries.keys() - self.keys)
        while found:
            found = [key for key in work if self._only_from_start(key)]
            below = {key for key in found if self._reaching.callers[key] <= scripts}
            for key in found:
                yield key, _ONLY_SCRIPTS if key in below else _ONLY_AT_START
            scripts |= below
            self.keys.update(found)
            work = [key for key in work if key not in self.keys]

    def in_lambdas(self) -> Iterator[tuple[FunctionInfo, Refusal]]:
        """What a lambda that a module keeps calls, for whoever calls the lambda: as a plain one."""
        for module, fact in self._of_modules():
            found: Sequence[str] = fact.callees if fact.kind == "call" else ()
            if fact.kind == "unresolved":
                found = self._reaching.by_name(fact)
            for key in found if self._is_later(module, fact) else ():
                info = self._state.function(key)
                if info is not None and key in self._reaching.io:
                    reason = Refusal(
                        "MIG502",
                        f"a lambda of {module} calls it, which awaits nothing",
                        "Make the lambda a function.",
                    )
                    yield info, reason

    def _of_modules(self) -> Iterator[tuple[str, Fact]]:
        """The facts of the code of modules, each with the module's name."""
        for key, facts in self._state.facts.items():
            if key.endswith(MODULE_CODE):
                yield from ((key.removesuffix(MODULE_CODE), fact) for fact in facts)

    def _is_later(self, module: str, fact: Fact) -> bool:
        """Whether it only runs when a lambda does."""
        if module not in self._lambdas:
            self._lambdas[module] = in_lambda(self._state.project.modules[module])
        return self._lambdas[module](fact.node)

    def _in_script(self, module: str, fact: Fact) -> bool:
        """Whether it only runs when the module is a script, which takes what is async by `unbridge`."""
        modules = self._state.project.modules
        if module not in self._scripts:
            self._scripts[module] = in_script(modules[module], modules.values())
        return self._scripts[module](fact.node)

    def _others_call(self, key: str) -> bool:
        """Whether a function calls it, too."""
        return any(not caller.endswith(MODULE_CODE) for caller in self._reaching.callers[key])

    def _mapping(self) -> Iterator[str]:
        """Functions that a class hands out while it is mapped, when its module is imported."""
        for key, returned in self._state.returns.items():
            info = self._state.function(key)
            if info is not None and any(d.endswith("declared_attr") for d in info.decorators()):
                yield from (function.key for function in functions_in(returned))

    def _calling(self, keys: Collection[str]) -> Iterator[str]:
        """What calls these, and what calls that, but for what Flask calls, and for what that calls.

        A script, an entry point of the distribution or a worker calls it, and awaits nothing.
        """
        callers, entries = self._reaching.callers, self._state.entries
        found: dict[str, None] = {}
        work = [*keys]
        while work:
            for caller in sorted(callers.get(work.pop(), set())):
                known = caller in found or caller in keys or caller in self._wrappers
                if not known and caller not in entries and not caller.endswith(MODULE_CODE):
                    found[caller] = None
                    work.append(caller)
        awaited = [key for key in found if not entries.keys().isdisjoint(callers.get(key, ()))]
        for key in awaited:
            awaited += [k for k in found if key in callers.get(k, ()) and k not in awaited]
        yield from (key for key in found if key not in awaited)

    def _only_from_start(self, key: str) -> bool:
        info = self._state.function(key)
        callers = self._reaching.callers.get(key, set())
        return (
            info is not None
            and info.owner is None
            and info.parent is None
            and key not in self._wrappers
            and bool(callers)
            and callers <= self.keys
        )


def _at_start(why: str) -> Refusal:
    return Refusal(
        "MIG513",
        f"{why}, where nothing can be awaited",
        "Call it from a function that the lifespan or a command calls.",
    )


def _by_script(why: str) -> Refusal:
    return Refusal(_SCRIPT, f"{why}, where sync code has a sync session", "Nothing has to be done.")


_ONLY_AT_START = _at_start("only what makes the application calls it")
_ONLY_SCRIPTS = _by_script("only a script calls it")
