"""The analysis' tables over the whole project: what flows in and out of each function."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass, field

from migrator.colour.facts import FunctionFacts
from migrator.colour.lattice import Value, holds_query, join
from migrator.index.definitions import FunctionInfo, Import, Module, Variable, dotted
from migrator.index.models import Models
from migrator.index.project import Project
from migrator.index.query_classes import QueryClasses
from migrator.index.templates import Templates

#: How a signal is connected with its receiver: `@saved.connect`, `saved.connect(f)`.
CONNECTING = (".connect", ".connect_via")
#: What the readers of `State.is_open` depend on.
_WORLD = ("world",)


@dataclass(slots=True)
class State:
    """Types of parameters, results, attributes and module variables, and who depends on them.

    A function is queued again when something that it read has changed. What is looped over is a
    dict and no set, so that the order of the evaluations is the same in every process.
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
    params: dict[tuple[str, str], Value] = field(default_factory=dict)
    #: Parameters that a call was seen to leave at their default.
    left: set[tuple[str, str]] = field(default_factory=set)
    returns: dict[str, Value] = field(default_factory=dict)
    attributes: dict[tuple[str, str], Value] = field(default_factory=dict)
    variables: dict[tuple[str, str], Value] = field(default_factory=dict)
    facts: dict[str, FunctionFacts] = field(default_factory=dict)
    #: The functions that put a query into an attribute.
    query_writers: dict[tuple[str, str], dict[str, None]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    commits: set[str] = field(default_factory=set)
    #: Functions that read mapped objects which hang on the request: a commit may have expired them.
    hung: set[str] = field(default_factory=set)
    readers: dict[tuple[str, ...], dict[str, None]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    #: Keys of the properties of each name, whatever their class.
    properties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    queue: dict[str, None] = field(default_factory=dict)
    current: str = ""
    #: How many functions and modules were evaluated, each as often as it was.
    evaluations: int = 0
    #: Functions that were used as values anywhere: an unknown callable may be one of them.
    taken: set[str] = field(default_factory=set)
    #: Modules that were used as values: an unknown receiver may be one of them.
    taken_modules: set[str] = field(default_factory=set)
    #: Functions that are applied as decorators: Python calls them where the decorated is defined.
    applied: set[str] = field(default_factory=set)
    #: Functions that were handed to code that we can't follow.
    escaped: set[str] = field(default_factory=set)
    #: Classes, none of them mapped, whose objects such code has.
    exposed: set[str] = field(default_factory=set)
    #: Functions that a signal calls.
    receivers: set[str] = field(init=False)
    #: Functions that `event.listen()` was given.
    listeners: set[str] = field(default_factory=set)
    #: The parameters of each function that are sessions without saying so.
    session_parameters: dict[str, frozenset[str]] = field(default_factory=dict)
    #: `module:db.session` of the application's Flask-SQLAlchemy extension, "" without one.
    db_name: str = ""
    #: The attributes that the repository gives to `request`.
    set_on_requests: frozenset[str] = field(init=False)
    #: What the repository makes of its queries: classes of their own, listeners.
    query_classes: QueryClasses = field(init=False)
    #: Whether parameters that nobody was seen to fill count as unknown: ask `is_open`.
    open_world: bool = False
    _names_of_db: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.properties = self._find_properties()
        self.query_classes = QueryClasses(self.project)
        self.set_on_requests = self._find_set_on_requests()
        self.receivers = {
            key
            for key, info in self.project.functions.items()
            if any(d.endswith(CONNECTING) for d in info.decorators())
        }

    def all_receivers(self) -> tuple[str, ...]:
        """The functions that a signal may call; the function under analysis depends on them."""
        self.read("receivers")
        return tuple(sorted(self.receivers))

    def receive(self, key: str) -> None:
        """A signal is connected with the function."""
        if key not in self.receivers:
            self.receivers.add(key)
            self.changed("receivers")

    def names_of_db(self, module: Module, root: str) -> list[str]:
        """The names in a module that stand for the repository's `db`, which it calls `root`."""
        if module.name not in self._names_of_db:
            self._names_of_db[module.name] = [
                name
                for name in (root, *module.bindings)
                if isinstance(module.bindings.get(name), Import | Variable)
                and getattr(self.project.lookup(module, name), "name", "") == root
            ]
        return self._names_of_db[module.name]

    def read(self, *what: str) -> None:
        """The function under analysis depends on this entry."""
        self.readers[what][self.current] = None

    def changed(self, *what: str) -> None:
        for reader in self.readers.get(what, ()):
            self.queue[reader] = None

    @property
    def is_open(self) -> bool:
        """Whether what nobody was seen to fill counts as unknown; the function depends on it now."""
        self.read(*_WORLD)
        return self.open_world

    def asks_for_world(self, key: str) -> bool:
        """Whether anything of a function depends on `is_open`."""
        return key in self.readers[_WORLD]

    def param(self, key: str, name: str) -> Value:
        return self.params.get((key, name))

    def flow_param(self, key: str, name: str, value: Value) -> None:
        old = self.params.get((key, name))
        new = join(old, value)
        if new != old:
            self.params[(key, name)] = new
            self.queue[key] = None

    def leave_param(self, key: str, name: str) -> None:
        """A call does not fill the parameter."""
        if (key, name) not in self.left:
            self.left.add((key, name))
            self.queue[key] = None

    def result(self, key: str) -> Value:
        self.read("returns", key)
        return self.returns.get(key)

    def flow_result(self, key: str, value: Value) -> None:
        old = self.returns.get(key)
        new = join(old, value)
        if new != old:
            self.returns[key] = new
            self.changed("returns", key)

    def attribute(self, owner: str, name: str) -> Value:
        """The type of an attribute, for the function under analysis, which depends on it now."""
        self.read("attribute", owner, name)
        return self.attributes.get((owner, name))

    def flow_attribute(self, owner: str, name: str, value: Value) -> None:
        if holds_query(value):
            self.query_writers[(owner, name)][self.current] = None
        old = self.attributes.get((owner, name))
        new = join(old, value)
        if new != old:
            self.attributes[(owner, name)] = new
            self.changed("attribute", owner, name)

    def flow_commits(self, key: str) -> None:
        if key not in self.commits:
            self.commits.add(key)
            self.changed("commits", key)

    def does_commit(self, key: str) -> bool:
        self.read("commits", key)
        return key in self.commits

    def flow_hung(self, key: str) -> None:
        """The function reads mapped objects that hang on the request, itself or below."""
        if key not in self.hung:
            self.hung.add(key)
            self.changed("hung", key)

    def reads_hung(self, key: str) -> bool:
        self.read("hung", key)
        return key in self.hung

    def escape(self, key: str) -> None:
        """The function is called by code that we can't follow, with what we can't see."""
        if key not in self.escaped:
            self.escaped.add(key)
            self.queue[key] = None

    def flow_variable(self, module: str, name: str, value: Value) -> None:
        old = self.variables.get((module, name))
        new = join(old, value)
        if new != old:
            self.variables[(module, name)] = new
            self.changed("variable", module, name)

    def _find_set_on_requests(self) -> frozenset[str]:
        return frozenset(
            node.attr
            for module in self.project.modules.values()
            for node in module.nodes
            if isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and dotted(node.value).rpartition(".")[2] == "request"
        )

    def _find_properties(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for info in self.project.functions.values():
            if info.owner is not None and any(
                d.endswith(("property", "hybrid_property")) for d in info.decorators()
            ):
                found[info.name].append(info.key)
        return {name: tuple(keys) for name, keys in found.items()}

    def function(self, key: str) -> FunctionInfo | None:
        return self.project.functions.get(key)


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.arg]:
    """Positional and keyword parameters in order; not *args and **kwargs."""
    a = node.args
    return [*a.posonlyargs, *a.args, *a.kwonlyargs]
