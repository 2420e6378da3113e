"""Which functions others call as plain functions, whatever their bodies do.

Where only the callers can't await, the body may be native under `@unbridged`; where the body
depends on it too (it runs inside a flush, its result is kept for the next caller, a query would
change its kind on the way out), the function stays as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy

from migrator.colour.exposed import exposed_methods
from migrator.colour.frames import Frames
from migrator.colour.generators import CONTEXT_MANAGER, Generators
from migrator.colour.plain_decorators import PlainDecorators
from migrator.colour.reaching import Reaching
from migrator.colour.starting import Starting
from migrator.index.definitions import FunctionInfo, Import
from migrator.index.session_classes import SESSION_CLASSES
from migrator.index.signature import positional
from migrator.index.spoken import Spoken
from migrator.queries.custom import KNOWN_BASES, is_own
from migrator.queries.step import Refusal
from migrator.queries.types import Session
from migrator.types.bases import calling_base
from migrator.types.escapes import ANY_FUNCTION, ANY_KEY_FUNCTION, functions_in
from migrator.types.facts import Fact
from migrator.types.lattice import holds, holds_convertible, holds_query
from migrator.types.query_methods import takes_selects
from migrator.types.state import State

_SYNC_DECORATORS = (
    "property", "cached_property", "hybrid_property", "hybrid_method", "validates", "listens_for",
    "listens_for_decorator", "lru_cache", "cache", "declared_attr", ".setter",
    ".expression", ".comparator", ".deleter", "total_ordering", "reconstructor", "event.listens_for",
    "overload", "abstractproperty",
)  # fmt: skip
#: Of those, the ones that call the function and do no more: at an instance, outside of a flush.
_CALL_ONLY = frozenset({"property", "cached_property", "abstractproperty", "setter", "deleter"})
#: Decorators that give what the function returns, whatever it is.
_ATTRIBUTES = frozenset(
    {"property", "cached_property", "abstractproperty", "staticmethod", "classmethod"}
)
#: Special methods that only run where the code says so; `str()` and `==` may run anywhere.
_EXPLICIT = frozenset(
    {
        "__init__", "__call__", "__enter__", "__exit__", "__getitem__", "__setitem__",
        "__delitem__", "__contains__",
    }
)  # fmt: skip
#: Who gets a function and calls it inside a flush, or keeps what it returned.
_INSIDE = frozenset(
    {
        "listen", "listens_for", "Column", "mapped_column", "column_property", "hybrid_property",
        "validates", "lru_cache", "cache",
    }
)  # fmt: skip
#: References by which a function leaves our sight, whatever else it is registered for.
_STORED = frozenset({"an assignment", "an attribute of a class", "what the framework gets"})
#: Codes of reasons that lie with whoever calls the function by its name.
_BY_CALLERS = frozenset({"MIG501", "MIG502", "MIG503", "MIG504"})
_LOOKED_UP = Refusal(
    "MIG502", "what looks it up, or has such an object, gets its query", "Ask for it directly."
)
#: A base from elsewhere calls it; it is used as a value.
_UNSEEN = frozenset({"MIG501", "MIG502"})
_TRANSPARENT = frozenset({"staticmethod", "classmethod", "abstractmethod", "abc.abstractmethod"})


class Forced:
    """`sync`: functions that stay sync, with the reason; `shown`: that only look so to callers."""

    def __init__(
        self,
        state: State,
        reaching: Reaching,
        generators: Generators,
        *,
        opaque: Mapping[str, Refusal],
        decorated: Mapping[str, Refusal],
        wrappers: frozenset[str],
        starts: Collection[str] = (),
    ) -> None:
        self.state = state
        self.reaching = reaching
        self.generators = generators
        self.opaque = opaque
        self.decorated = decorated
        self.wrappers = wrappers
        self._decorators = PlainDecorators(state.project)
        #: Functions that code which we can't follow has: what they return, it has as well.
        self._given = {callee for _, _, callee in self._used_as_values()}
        self._spoken = Spoken(state.project, state.apart)
        #: What any template takes from a value, be it a file or a text in the code.
        self.template_words = state.templates.words.members | self._spoken.in_templates
        #: What templates call that no application renders: as Jinja calls it, without an await.
        self._in_templates = self.template_words if _renders_itself(state) else frozenset()
        #: The methods of the objects that other code has.
        self._exposed = exposed_methods(state)
        self._start = Starting(state, reaching, wrappers, starts)
        #: Functions that run before there is an event loop, and at no other time.
        self.starting = self._start.keys
        self._frames = Frames(state)
        self.sync: dict[str, Refusal] = {}
        self.shown: dict[str, Refusal] = {}
        self.update()

    def __contains__(self, key: str) -> bool:
        return key in self.sync or key in self.shown

    def calls_unseen(self, key: str) -> bool:
        """Whether code that we can't follow calls a function, which stays sync for that."""
        if key not in self.sync:
            return False
        return self.sync[key].code in _UNSEEN or key in self.opaque or key in self.decorated

    def supposing(self, reaching: Reaching) -> Forced:
        """What would be, if that reached the database."""
        other = copy(self)
        other.reaching, other._start = reaching, self._start.supposing(reaching)
        other.starting = other._start.keys
        other.sync, other.shown = dict(self.sync), dict(self.shown)
        other.update()
        return other

    def update(self) -> None:
        """Look at every function that does I/O, as far as that is known by now."""
        for key in sorted(self.reaching.io):
            info = self.state.function(key)
            # A test's override shares the colour of what it overrides, and has no facts.
            if info is None or key in self.wrappers or key not in self.state.facts:
                continue
            for reason, callers_only in self._by_form(info):
                self._force(info, reason, callers_only=callers_only)
            self._around(info)
        for key, returned in self.state.returns.items():
            info = self.state.function(key)
            if info is not None and key not in self.reaching.io and holds_query(returned):
                # It only builds a query, and callers out of sight want a legacy one.
                foreign = self._calling_base(info)
                if foreign:
                    self._force(info, _called_by(foreign), callers_only=foreign not in KNOWN_BASES)
                properties = self.state.properties.get(info.name, ())
                looked_up = key in properties and key in self.state.looked_up
                exposed = key in self._exposed and _is_special(info.name)
                if looked_up or exposed or key in self.state.called_by_name:
                    self._force(info, _LOOKED_UP, callers_only=True)
                if not _ATTRIBUTES.issuperset(d.rpartition(".")[2] for d in info.decorators()):
                    self._around(info)
        self._applied()
        self._passed_on()
        self._imported()
        self._handed_out()
        self._in_place()

    def _around(self, info: FunctionInfo) -> None:
        """What stands around the function's definition."""
        if info.key in self.opaque:
            self._force(info, self.opaque[info.key], callers_only=False)
        if info.key in self.decorated and info.key not in self.generators.accepted:
            self._force(info, self.decorated[info.key], callers_only=True)

    def _force(self, info: FunctionInfo, reason: Refusal, *, callers_only: bool) -> None:
        """The first reason counts; one that lies in the body outweighs those of the callers."""
        if info.is_async:
            return  # whatever there is around it lives with that already
        if info.key not in self.state.facts:
            return  # a test's or a migration's, which stays as it is
        if callers_only and self._may_be_native(info):
            self.shown.setdefault(info.key, reason)
        else:
            self.sync.setdefault(info.key, reason)

    def _may_be_native(self, info: FunctionInfo) -> bool:
        """Whether the callers of a function can't tell a native body from the old one."""
        if self.generators.makes(info.key):
            return False
        if self._frames.looked_at_by(info):
            return False
        if self.reaching.only_guessed(info.key):
            # Middleware, say, whose `environ.get` is no method of ours: it is to stay plain.
            return False
        # A query or a session would be one of the async kind; a dynamic relationship's is not.
        returned = self.state.returns.get(info.key)
        if holds_convertible(returned) or holds(returned, Session):
            return False
        return not any(info.key in writers for writers in self.state.query_writers.values())

    def _by_form(self, info: FunctionInfo) -> Iterator[tuple[Refusal, bool]]:
        """The reasons that a function's definition gives, and whether they are the callers' alone."""
        generator = self.state.facts[info.key].is_generator
        reason = self.generators.reasons.get(info.key, "")
        for name in info.decorators():
            if name.endswith(CONTEXT_MANAGER):
                if reason or not generator:
                    why = reason or "it gets what is no generator function"
                    hint = "Make it an @asynccontextmanager and enter it with `async with`."
                    yield Refusal("MIG503", f"@{name}: {why}", hint), False
            elif info.key in self.generators.accepted:
                continue
            elif name not in _TRANSPARENT and name.endswith(_SYNC_DECORATORS):
                yield (
                    Refusal(
                        "MIG503",
                        f"@{name} needs a plain function",
                        "Turn it into an async method and await it where it is used.",
                    ),
                    name.rpartition(".")[2] in _CALL_ONLY,
                )
        if _is_special(info.name):
            yield (
                Refusal(
                    "MIG504",
                    f"Python calls {info.name} itself and can't await it",
                    "Move the database work into a method of its own.",
                ),
                info.name in _EXPLICIT,
            )
        elif generator and reason:
            yield (
                Refusal(
                    "MIG505",
                    f"it is a generator: {reason}",
                    "Return a list, or make it an async generator and use `async for`.",
                ),
                False,
            )
        why = self._found_by_others(info)
        if why:
            yield Refusal("MIG502", why, "Call it directly."), True
        if foreign := self._calling_base(info):
            inside = foreign.startswith("sqlalchemy") or foreign in KNOWN_BASES | SESSION_CLASSES
            yield _called_by(foreign), not inside
        if info.parent is not None and not isinstance(info.node, ast.AsyncFunctionDef):
            outer = self.sync.get(info.parent.key)
            if outer is not None and info.parent.key not in self.starting:
                yield outer, False

    def _found_by_others(self, info: FunctionInfo) -> str:
        """How code that we can't follow comes by a function without being given it; ""."""
        if self._registered(info.key):
            return ""
        state = self.state
        owner = info.owner.key if info.owner is not None else ""
        mapped = owner in state.models.by_key or owner in state.models.mixins
        if not owner or mapped:
            if self._spoken.says(info.key):
                return "a string holds its name: what looks it up by that calls it plainly"
            if info.owner is not None and info.name in self._in_templates:
                return "a template calls it, which Jinja renders for the repository itself"
        if "<locals>" in owner and not mapped and not info.name.startswith("__"):
            return "its class is made inside of a function: who has its objects is not followed"
        if info.key in self._exposed and not info.name.startswith("__"):
            if calling_base(state.project, info.owner) in KNOWN_BASES:
                return ""  # SQLAlchemy calls none of what a query class adds
            return "an object of its class is handed to other code, which may call it"
        return ""

    def _calling_base(self, info: FunctionInfo) -> str:
        """A base of the method's class from elsewhere that may call the method, or ""."""
        base = calling_base(self.state.project, info.owner, info.name)
        # What a query class adds is called by the repository alone; what takes selects knows both.
        apart = not is_own(info.name) or takes_selects(self.state, info)
        return "" if base in KNOWN_BASES and apart else base

    def _applied(self) -> None:
        """Decorators: Python calls them where the function below is defined."""
        for key in sorted(self.state.applied & self.reaching.io):
            info = self.state.function(key)
            if info is not None and key not in self.wrappers:
                reason = Refusal(
                    "MIG503",
                    "it is applied as a decorator, by Python itself",
                    "Do its work in the function that it returns.",
                )
                self._force(info, reason, callers_only=False)

    def _used_as_values(self) -> Iterator[tuple[str, str, str]]:
        """Functions that code which we can't follow has: by whom, to whom, which."""
        for key, facts in self.state.facts.items():
            for fact in facts:
                if fact.kind != "reference" or self._decorators.copies_for(key, fact.name):
                    continue
                for callee in self._meant(fact):
                    if not self._registered(callee) or fact.name in _STORED:
                        yield key, fact.name, callee

    def _passed_on(self) -> None:
        """Functions that are used as values, by code that we can't follow."""
        for key, consumer, callee in self._used_as_values():
            info = self.state.function(callee)
            if info is None or not self._concerned(callee):
                continue
            reason = Refusal(
                "MIG502",
                f"it is passed on as a value (to {consumer or 'other code'}) "
                f"in {key.partition(':')[2]}",
                "Call it directly, or pass an async callable where one is taken.",
            )
            inside = consumer.rpartition(".")[2] in _INSIDE
            self._force(info, reason, callers_only=not inside)

    def _meant(self, fact: Fact) -> Iterable[str]:
        """The functions that a reference hands over, or may hand over."""
        if fact.name not in (ANY_FUNCTION, ANY_KEY_FUNCTION):
            return fact.callees
        found = sorted(self.state.looked_up)
        return found if fact.name == ANY_FUNCTION else filter(self._takes_one, found)

    def _takes_one(self, key: str) -> bool:
        """Whether a function can be called with one argument, or a method on one object."""
        info = self.state.function(key)
        if info is None:
            return False
        arguments = info.node.args
        names = positional(arguments)
        needed = len(names) - len(arguments.defaults)
        return needed <= (1 if info.owner is None else 2) and bool(names or arguments.vararg)

    def _concerned(self, key: str) -> bool:
        """Whether it does I/O or gives a query to whoever calls it."""
        return key in self.reaching.io or holds_query(self.state.returns.get(key))

    def _imported(self) -> None:
        """Functions that run when a module is imported or the application is made."""
        for info, reason in self._start.in_lambdas():
            self._force(info, reason, callers_only=True)
        for key, reason in self._start.found():
            self.sync.setdefault(key, reason)

    def _handed_out(self) -> None:
        """What a function returns to callers out of sight, they call as they call it."""
        seen: set[str] = set()
        work = [*self.shown, *sorted(self._given)]
        while work:
            key = work.pop()
            if key in seen:
                continue
            seen.add(key)
            for function in functions_in(self.state.returns.get(key)):
                work.append(function.key)
                info = self.state.function(function.key)
                if info is None or not self._concerned(function.key) or function.key in self:
                    continue
                reason = Refusal(
                    "MIG502",
                    f"it is passed on as a value (returned by {key.partition(':')[2]})",
                    "Call it directly, or pass an async callable where one is taken.",
                )
                self._force(info, reason, callers_only=True)

    def _in_place(self) -> None:
        """A decorator's inner function is called in place of each function that it decorates."""
        for key, wrappers in self.reaching.wrapped_by.items():
            info = self.state.function(key)
            if info is None:
                continue
            foreign = calling_base(self.state.project, info.owner)
            reason = self.shown.get(key) or self.sync.get(key)
            if foreign and not foreign.startswith("sqlalchemy"):
                reason = _called_by(foreign)
            if reason is None or reason.code not in _BY_CALLERS:
                continue
            for wrapper in wrappers:
                inner = self.state.function(wrapper)
                if inner is None or wrapper not in self.reaching.io or wrapper in self.sync:
                    continue
                told = self.sync if self._frames.looked_at_by(inner) else self.shown
                told.setdefault(wrapper, reason)

    def _registered(self, key: str) -> bool:
        """Whether the converted framework calls it, and awaits it where it has to."""
        return self.state.entries.get(key, "task") not in ("task", "signal")


def _is_special(name: str) -> bool:
    """Whether Python, or its enum, calls methods of such a name: `__len__`, `_missing_`."""
    return len(name) > 2 and name.startswith("_") and name.endswith("_")


def _renders_itself(state: State) -> bool:
    """Whether the repository makes an environment of Jinja's, or a template, beside the application's."""
    for module in state.project.modules.values():
        for bound in module.bindings.values():
            if isinstance(bound, Import) and bound.module.partition(".")[0] == "jinja2":
                names = [bound.name] if bound.name else state.names.said
                if any(name.endswith(("Environment", "Template")) for name in names):
                    return True
    return False


def _called_by(base: str) -> Refusal:
    return Refusal(
        "MIG501",
        f"its class derives from {base}, which may call it and would not await it",
        "Move the database work into a function of its own.",
    )
