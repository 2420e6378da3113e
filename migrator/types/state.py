"""The analysis' tables over the whole project: what flows in and out of each function."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from migrator.index.bodies import Bodies, Seen
from migrator.index.by_name import (
    functions_by_name,
    names_of_foreign_bases,
    properties_by_name,
    variables_by_name,
)
from migrator.index.definitions import ClassInfo, FunctionInfo, Module
from migrator.index.models import Models
from migrator.index.names import Names, names_in_code
from migrator.index.open_bases import overriding_methods
from migrator.index.project import Project
from migrator.index.query_classes import QueryClasses
from migrator.index.templates import Templates
from migrator.queries.types import Db, Function, Unknown
from migrator.surface.machine import FLASK
from migrator.types.escapes import functions_in, mapped_in
from migrator.types.facts import FunctionFacts
from migrator.types.given_classes import Returned
from migrator.types.journal import Entry, Journal
from migrator.types.lattice import Value, holds_instance, holds_query, join
from migrator.types.patched import patched
from migrator.types.tables import HELD
from migrator.types.waiting import Waiting

#: How a signal is connected with its receiver: `@saved.connect`, `saved.connect(f)`.
CONNECTING = (".connect", ".connect_via")
#: As the owner of attributes: what unknown callables are given, by their names, the number of arguments and the place.
#: As a name: that of a callable of unknown type.
UNSEEN = "()"
#: Stands for every hook among what commits: who asks for them doesn't ask for each.
_ANY_HOOK = "<hooks>"
#: Tables whose readers are evaluated again when what they have read has changed.
WATCHED = frozenset({
    "returns", "mapped_given", "functions_given", "attributes", "variables", "commits", "hung", "late", "closures", "is_open", "receivers",
    "foreign", "strange", "params",
})  # fmt: skip


def _in_place_of(old: Any, new: Any) -> Any:
    """The new entry of a table; nothing in it is as good as none."""
    return new if new or old else old


@dataclass(slots=True)
class State:
    """Types of parameters, results, attributes and module variables, and who depends on them.

    A function is queued again when something that it read has changed. What is looped over is a
    dict and no set, so that the order of the evaluations is the same in every process.

    While a function is evaluated, entries are read by `read` and changed by `put` and `mark` alone, so
    that the journal has it all.
    """

    project: Project
    models: Models
    templates: Templates
    #: Kinds of the functions that the framework calls: view, hook, loader, ...
    entries: dict[str, str] = field(default_factory=dict)
    #: Names of modules that are not looked at: tests, migrations.
    apart: Container[str] = ()
    #: What the converted application is one of: "fastapi" or "flask".
    frame: str = "fastapi"
    #: Whether it is no application: others may call its functions.
    library: bool = True
    #: Which calls of other distributions wait for something else than the database.
    waiting: Waiting = field(default_factory=Waiting)
    params: dict[tuple[str, str], Value] = field(default_factory=dict)
    #: Parameters that a call was seen to leave at their default.
    left: dict[tuple[str, str], bool] = field(default_factory=dict)
    returns: dict[str, Value] = field(default_factory=dict)
    #: Of what each function returns, the keys of the mapped classes and the functions: who asks for no more of it
    #: is not evaluated again when the rest changes.
    mapped_given: dict[str, frozenset[str]] = field(default_factory=dict)
    functions_given: dict[str, tuple[Function, ...]] = field(default_factory=dict)
    attributes: dict[tuple[str, str], Value] = field(default_factory=dict)
    variables: dict[tuple[str, str], Value] = field(default_factory=dict)
    facts: dict[str, FunctionFacts] = field(default_factory=dict)
    #: The functions that put a query into an attribute.
    query_writers: dict[Entry, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    commits: dict[str, bool] = field(default_factory=dict)
    #: Functions that read mapped objects which hang on the request: a commit may have expired them.
    hung: dict[str, bool] = field(default_factory=dict)
    #: Functions that are called after a commit: what they don't get as arguments has expired.
    late: dict[str, bool] = field(default_factory=dict)
    readers: dict[Entry, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    #: Keys of the properties of each name, whatever their class.
    properties: dict[str, tuple[str, ...]] = field(init=False)
    #: Keys of the methods and module-level functions of each name.
    named: Mapping[str, tuple[str, ...]] = field(init=False)
    queue: dict[str, None] = field(default_factory=dict)
    current: str = ""
    #: How many functions and modules were evaluated, each as often as it was.
    evaluations: int = 0
    #: What the function under evaluation does, where that is to be known.
    journal: Journal | None = None
    #: Functions that were used as values anywhere: an unknown callable may be one of them.
    taken: set[str] = field(default_factory=set)
    #: Of these, the ones that were named as values, or looked up on what is known.
    looked_up: set[str] = field(default_factory=set)
    #: Of these, the ones that a name of the run finds, and that are called there.
    called_by_name: set[str] = field(default_factory=set)
    #: Attributes that are read of who knows what, by ("", name), or by a name of the run, by (class, "").
    read_unseen: set[tuple[str, str]] = field(default_factory=set)
    #: Modules that were used as values: an unknown receiver may be one of them.
    taken_modules: set[str] = field(default_factory=set)
    #: Functions that are applied as decorators: Python calls them where the decorated is defined.
    applied: set[str] = field(default_factory=set)
    #: Functions that were handed to code that we can't follow.
    escaped: dict[str, bool] = field(default_factory=dict)
    #: Classes whose objects such code has.
    exposed: set[str] = field(default_factory=set)
    #: Functions that a signal calls.
    receivers: set[str] = field(init=False)
    #: Methods that bases from elsewhere have as well: `super()` is asked for them, and nothing of ours.
    foreign: dict[str, bool] = field(default_factory=dict)
    #: By "": whether an extension that nobody knows gives the application sessions.
    strange: dict[str, bool] = field(default_factory=dict)
    #: Functions that `event.listen()` was given.
    listeners: dict[str, bool] = field(default_factory=dict)
    #: The parameters of each function that are sessions without saying so.
    session_parameters: dict[str, tuple[tuple[frozenset[str], frozenset[str]], set[Seen]]] = field(
        default_factory=dict
    )
    #: What each function returns, as its text says.
    returned: dict[str, tuple[Returned, set[Seen]]] = field(default_factory=dict)
    #: The parameter whose refinement it returns.
    refined: dict[str, tuple[str, set[Seen]]] = field(default_factory=dict)
    #: `module:db.session` of the application's extension, "" without one.
    db_name: str = ""
    #: The names that the repository's code says at all.
    names: Names = field(init=False)
    #: What the repository makes of its queries: classes of their own, listeners.
    query_classes: QueryClasses = field(init=False)
    #: The modules that have a variable of each name.
    homes: Mapping[str, tuple[str, ...]] = field(init=False)
    patched: frozenset[str] = field(init=False)
    #: The repository's own classes of applications.
    applications: tuple[ClassInfo, ...] = field(init=False)
    #: Keys of the methods, by name, whose class may be below any other.
    overriding: dict[str, tuple[str, ...]] = field(init=False)
    #: Whether parameters that nobody was seen to fill count as unknown: ask `is_open`.
    open_world: bool = False
    _foreign_bases: frozenset[str] = field(init=False)
    #: What the program was asked about names already, by the table of the question.
    asked: dict[Entry, Any] = field(default_factory=dict)
    _hooks: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._hooks = frozenset(key for key, kind in self.entries.items() if kind == "hook")
        self.properties = properties_by_name(self.project)
        self.named = functions_by_name(self.project)
        self.homes = variables_by_name(self.project, self.apart)
        self.patched = patched(self.project)
        self._foreign_bases = names_of_foreign_bases(self.project)
        self.query_classes = QueryClasses(self.project)
        self.overriding = overriding_methods(self.project)
        self.applications = tuple(
            cls
            for cls in self.project.classes.values()
            if not FLASK.isdisjoint(self.project.external_bases(cls))
        )
        self.names = names_in_code(self.project.modules.values())
        self.receivers = {
            key
            for key, info in self.project.functions.items()
            if any(d.endswith(CONNECTING) for d in info.decorators())
        }

    def all_receivers(self) -> tuple[str, ...]:
        """The functions that a signal may call; the function under analysis depends on them."""
        keys: tuple[str, ...] = self.read("receivers", "")
        return keys

    def receive(self, key: str) -> None:
        """A signal is connected with the function."""
        if self.journal is not None:
            self.journal.found(("receivers", ""), self.held(("receivers", "")))
        if key not in self.receivers:
            self.put("receivers", "", key)

    @property
    def bodies(self) -> Bodies:
        return self.project.bodies

    def module(self, name: str) -> Module:
        return self.project.modules[name]

    def has_below(self, name: str) -> bool:
        """Whether a class of the repository derives from a class of another distribution."""
        return name.rpartition(".")[2] in self._foreign_bases

    def read(self, table: str, key: Any) -> Any:
        """An entry, None where there is none; what is under analysis depends on it now."""
        entry = (table, key)
        value = HELD[table](self, key)
        if table in WATCHED:
            self.readers[entry][self.current] = None
        if self.journal is not None:
            self.journal.saw(entry, value)
        return value

    def held(self, entry: Entry) -> Any:
        """What an entry holds now; nothing depends on it for that."""
        table, key = entry
        return HELD[table](self, key)

    def put(self, table: str, key: Any, value: Any) -> None:
        """Change an entry, and queue the functions that this concerns."""
        entry = (table, key)
        if self.journal is not None:
            self.journal.effects.append((entry, value))
        if table == "db_name":
            self.db_name = value
            self.queue |= dict.fromkeys((*self.facts, *self.project.functions))
        elif table == "receivers":
            self.receivers.add(value)
        elif table not in ("closures", "known"):
            getattr(self, table)[key] = value
        if table in ("params", "left"):
            self.queue[key[0]] = None
        elif table in ("escaped", "known"):
            self.queue[key] = None
        for reader in self.readers.get(entry, ()):
            self.queue[reader] = None

    def mark(self, table: str, keys: Iterable[Any]) -> None:
        """Add to a set whose readers are not queued for it: `taken`, `exposed`, `query_writers`..."""
        for key in keys:
            if self.journal is not None:
                self.journal.marks[table, key] = None
            if table == "query_writers":
                self.query_writers[key][self.current] = None
            else:
                getattr(self, table).add(key)

    def _flow(
        self, table: str, key: Any, value: Any, join: Callable[[Any, Any], Any] = join
    ) -> bool:
        """Join an entry with something; whether that changes it."""
        old = getattr(self, table).get(key)
        if self.journal is not None:
            self.journal.found((table, key), old)
        new = join(old, value)
        if new == old:
            return False
        self.put(table, key, new)
        return True

    def _set(self, table: str, key: Any) -> None:
        self._flow(table, key, True, _in_place_of)

    @property
    def is_open(self) -> bool:
        """Whether what nobody was seen to fill counts as unknown; the function depends on it now."""
        return bool(self.read("is_open", ""))

    def begin(self, key: str) -> None:
        """The function is evaluated from now on; that it asked for `is_open` before counts no more."""
        self.current = key
        self.readers["is_open", ""].pop(key, None)

    def asks_for_world(self, key: str) -> bool:
        """Whether anything that a function has come to depends on `is_open`."""
        return key in self.readers["is_open", ""]

    def param(self, key: str, name: str) -> Value:
        value: Value = self.read("params", (key, name))
        return value

    def flow_param(self, key: str, name: str, value: Value) -> None:
        self._flow("params", (key, name), value)

    def flow_unseen(self, name: str, count: int, index: int, value: Value) -> None:
        """What an unknown callable gets, or an unknown object's method of that name."""
        if isinstance(value, Unknown) or holds_instance(value):
            self._flow("attributes", (UNSEEN, f"{name}.{count}.{index}"), value)

    def leave_param(self, key: str, name: str) -> None:
        """A call does not fill the parameter."""
        self._set("left", (key, name))

    def result(self, key: str) -> Value:
        value: Value = self.read("returns", key)
        return value

    def flow_result(self, key: str, value: Value) -> None:
        if self._flow("returns", key, value):
            result = self.returns[key]
            self._flow("mapped_given", key, frozenset(mapped_in(result)), _in_place_of)
            self._flow("functions_given", key, tuple(functions_in(result)), _in_place_of)

    def mapped_in_result(self, key: str) -> frozenset[str]:
        """The keys of the mapped classes in what a function returns."""
        return self.read("mapped_given", key) or frozenset()

    def functions_in_result(self, key: str) -> tuple[Function, ...]:
        """The functions in what a function returns."""
        return self.read("functions_given", key) or ()

    def attribute(self, owner: str, name: str) -> Value:
        """The type of an attribute, for the function under analysis, which depends on it now."""
        value: Value = self.read("attributes", (owner, name))
        return value

    def flow_attribute(self, owner: str, name: str, value: Value) -> None:
        self._flow_query("attributes", (owner, name), value)

    def flow_commits(self, key: str) -> None:
        self._set("commits", key)
        if key in self._hooks:
            self._set("commits", _ANY_HOOK)

    def does_commit(self, key: str) -> bool:
        return bool(self.read("commits", key))

    def hooks_commit(self) -> bool:
        """Whether a hook commits before the function runs: what hangs on the request has expired."""
        return self.current not in self._hooks and self.does_commit(_ANY_HOOK)

    def flow_hung(self, key: str) -> None:
        """The function reads mapped objects that hang on the request, itself or below."""
        self._set("hung", key)

    def flow_late(self, key: str) -> None:
        """The function is called after a commit: what it reaches by itself may have expired."""
        self._set("late", key)

    def stays_late(self, key: str) -> bool:
        """Whether that is known already, and says nothing new: nobody waits for it."""
        known = bool(self.late.get(key))
        if self.journal is not None:
            self.journal.found(("late", key), self.late.get(key))
        return known

    def is_late(self, key: str) -> bool:
        return bool(self.read("late", key))

    def hangs_on_requests(self) -> bool:
        """Whether any code puts mapped objects on the request, as far as has been seen."""
        return any(
            owner == "flask.request" and holds_instance(value)
            for (owner, _), value in self.attributes.items()
        )

    def reads_hung(self, key: str) -> bool:
        return bool(self.read("hung", key))

    def escape(self, key: str) -> None:
        """The function is called by code that we can't follow, with what we can't see."""
        self._set("escaped", key)

    def has_above(self, key: str) -> None:
        """A base from elsewhere has a method that overrides, too."""
        self._set("foreign", key)

    def flow_strange(self) -> None:
        """An extension that nobody knows gives the application sessions."""
        self._set("strange", "")

    def listen(self, key: str) -> None:
        """`event.listen()` was given the function."""
        self._set("listeners", key)

    def flow_variable(self, module: str, name: str, value: Value) -> None:
        self._flow_query("variables", (module, name), value)
        if isinstance(value, Db):
            self.know_extension(module, name)

    def know_extension(self, module: str, name: str) -> None:
        """The application's extension is that variable; the first one that is found is meant."""
        if not self.read("db_name", ""):
            self.put("db_name", "", f"{module}:{name}.session")

    def _flow_query(self, table: str, key: tuple[str, str], value: Value) -> None:
        """Into what others read besides: those who put queries there, and they, have to agree."""
        if holds_query(value):
            self.mark("query_writers", [(table, key)])
        self._flow(table, key, value)

    def closure(self, outer: str, name: str) -> tuple[Value] | None:
        """The type of a name of a function around the one under analysis, if it has such a name."""
        found: tuple[Value] | None = self.read("closures", (outer, name))
        return found

    def function(self, key: str) -> FunctionInfo | None:
        return self.project.functions.get(key)
