"""What a Flask application offers to the outside and plugs into the framework: frozen data."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from migrator.frozen import frozen
from migrator.queries.step import Action, Refusal

EntryKind: TypeAlias = Literal[
    "view",
    "hook",
    "teardown",
    "error_handler",
    "loader",
    "context_processor",
    "template_helper",
    "url_processor",
    "command",
    "setup",
    "shell",
    "signal",
    "task",
    "operation",
]


@frozen
class Endpoint:
    """One rule of the application's URL map, as Flask would build it.

    `rule` is the full rule string in Flask's syntax; `methods` are the declared ones, sorted,
    without the HEAD and OPTIONS that Flask adds. `function` is the view function's key, or "" where
    it is not a function of the repository (static files, an extension's own view). `path` and
    `line` are those of the registration. `certain` is False where a part of the rule could not be
    read statically; the rule then shows `?` in its place. `refusal` says why the rule has to stay
    on the mount, where it does.
    """

    endpoint: str
    rule: str
    methods: tuple[str, ...]
    function: str
    path: str
    line: int
    certain: bool = True
    static: bool = False
    refusal: Refusal | None = None


@frozen
class Entry:
    """A function that the framework calls.

    `scope` is the dotted blueprint name it is registered on, "" for the application. `kinds` holds
    every way in which it is registered, `kind` the first of them.
    """

    function: str
    kind: EntryKind
    scope: str
    path: str
    line: int
    kinds: tuple[EntryKind, ...] = ()


@frozen
class TransparentWrapper:
    """A decorator that returns an inner function which calls the decorated one.

    `wrapper` is the inner function's key; `calls` are the calls of the decorated function in it
    (`f(*args, **kwargs)`; `current_app.ensure_sync(f)(...)` too). When that becomes `async def`,
    `wrapper` becomes `async def` and each of `calls` becomes `await call(f, ...)`, which serves sync
    and async functions alike (a sync one runs in the bridge).
    """

    wrapper: str
    calls: tuple[ast.Call, ...] = field(compare=False, default=())
    wraps: bool = True


@frozen
class AsyncSafe:
    """A decorator that works on sync and async functions alike.

    `waits`: on Flask it awaits an async one itself, and gives its callers the result.
    """

    reason: str
    waits: bool = False


@frozen
class Registers:
    """A decorator that hands the function over and returns it as it was."""

    reason: str


@frozen
class Opaque:
    """A decorator about which nothing can be promised: the function below must stay sync.

    `given`: functions of the repository that it may put in its place, whose callers can't know them.
    """

    reason: str
    given: tuple[str, ...] = ()


DecoratorKind: TypeAlias = TransparentWrapper | AsyncSafe | Registers | Opaque

#: What the converted application is an application of.
Frame: TypeAlias = Literal["fastapi", "flask"]
#: What can be asked for: "auto" is "fastapi" where that serves everything, else "flask".
FrameChoice: TypeAlias = Literal["auto", "fastapi", "flask"]


@frozen
class Finding:
    """Something about the application that the reader has to know: `level` is info or warning."""

    path: str
    line: int
    column: int
    code: str
    message: str
    symbol: str
    hint: str = ""
    level: Literal["info", "warning"] = "warning"


@frozen
class Extension:
    """An extension object: its class's dotted name, where it is made, the names it is bound to.

    `names` are `module:NAME`. `effect` is what leaving it out means, see `extensions.py`. With
    `by_class` it is no object, but a class that puts itself on the application.
    """

    dotted: str
    effect: str
    path: str
    line: int
    names: tuple[str, ...] = ()
    by_class: bool = False


@frozen
class ApplicationSite:
    """Where the application comes from.

    `kind` "factory": `attribute` is a function of `module`, called with `arguments`; "filler": one
    that is given an application of the class `fills`; "object": a module-level name. `node` is the
    `Flask(...)` call. `imports` are modules that add routes to the application and that neither
    `module` nor what it imports imports. `starts` are the keys of the functions that make it or
    register its blueprints: they run before any request. `connexion` says whether it is made by
    connexion's application. `static` are the endpoints of its static files that stay on the mount.
    `entry` is the module that serves it.
    """

    module: str
    attribute: str
    kind: Literal["factory", "filler", "object"]
    node: ast.Call | None = field(compare=False, default=None)
    imports: tuple[str, ...] = ()
    fills: str = ""
    arguments: str = ""
    starts: frozenset[str] = frozenset()
    connexion: bool = False
    static: tuple[str, ...] = ()
    entry: str = "asgi"


PlannedActions: TypeAlias = Mapping[str, list[tuple[ast.AST, Action]]]


@frozen
class Surface:
    """The application's surface.

    `endpoints` in the order of registration. `entries` by function key. `left` are the functions
    that have to stay on the mount whatever their queries look like. `decorators` by the decorator's
    function key (a function of the repository) or dotted external name. `decorated` gives for each
    decorated function of the repository, and for each class-based view, its decorators' keys, outermost first. `actions` rewrite
    the Flask parts of each module, `left` taken into account; `leaving` does it for a larger set.
    `flask` says why the converted application stays a Flask application; None where it is one of
    FastAPI.
    """

    site: ApplicationSite
    endpoints: tuple[Endpoint, ...]
    entries: Mapping[str, Entry]
    left: Mapping[str, Refusal]
    decorators: Mapping[str, DecoratorKind]
    decorated: Mapping[str, tuple[str, ...]]
    extensions: tuple[Extension, ...]
    findings: tuple[Finding, ...]
    actions: PlannedActions
    #: Modules that are run when the application is made.
    modules: frozenset[str] = frozenset()
    flask: Refusal | None = None
    #: Functions that the framework calls and does not await, and why.
    plain: Mapping[str, Refusal] = field(default_factory=dict)
    replan: Callable[[Surface, Mapping[str, Refusal]], Surface] | None = field(
        compare=False, repr=False, default=None
    )
    #: Where the other applications of the repository come from, which are converted with it.
    others: tuple[ApplicationSite, ...] = ()

    @property
    def frame(self) -> Frame:
        """What the converted application is an application of."""
        return "fastapi" if self.flask is None else "flask"

    def leaving(self, more: Mapping[str, Refusal]) -> Surface:
        """The surface, actions included, when the functions of `more` stay on the mount too."""
        return self.replan(self, more) if more and self.replan is not None else self
