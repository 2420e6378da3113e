"""Calls of other people's code: SQLAlchemy's and Flask's functions, the standard library's, the rest."""

from __future__ import annotations

import ast

from migrator.index.signature import positional
from migrator.index.written import written
from migrator.queries import extensions, tables
from migrator.queries.expressions import (
    SPREAD_WHENS,
    external_call,
    lists_whens,
    takes_no_more,
)
from migrator.queries.join import item_type
from migrator.queries.plain import is_data
from migrator.queries.types import (
    NONE,
    OPAQUE,
    UNKNOWN,
    Column,
    Db,
    Function,
    Instance,
    ListOf,
    Opaque,
    Query,
    Session,
    SessionFactory,
    TupleOf,
    Unknown,
)
from migrator.queries.unions import SET_OPERATIONS
from migrator.types.besides import besides, in_code
from migrator.types.escapes import functions_in
from migrator.types.event_loops import KEPT, RUN, RUNS, TO_SYNC, coroutine_of
from migrator.types.externals import (
    ACLOSING,
    CASTS,
    KEEPS_INSTANCES,
    SAFE,
    calls_later,
    constructed,
    is_column_builder,
    runs_callback,
)
from migrator.types.lattice import (
    Value,
    holds_instance,
    holds_query,
    join_all,
    may_give,
    options,
)
from migrator.types.members import OF_G
from migrator.types.names import annotation_type
from migrator.types.rendering import Rendering
from migrator.types.telling import shows

#: Functions that give a module by its name.
_IMPORTERS = frozenset(
    {
        "importlib.import_module", "pkgutil.resolve_name", "sys.modules.get",
        "werkzeug.utils.import_string",
    }
)  # fmt: skip
LOCAL_PROXY = "werkzeug.local.LocalProxy"
#: Functions that give all that an object or a class has.
_MEMBERS = frozenset({"inspect.getmembers", "inspect.getmembers_static"})
#: The same as `setattr(x, name, value)`, past a method of the class's own.
_SETS = "builtins.object.__setattr__"
#: What goes on in a second process, where no event loop runs.
_FORKING = frozenset({"os.fork", "os.forkpty"})
#: Functions that take what is listened to.
_LISTENING = frozenset(
    f"sqlalchemy.event.{name}" for name in ("contains", "listen", "listens_for", "remove")
)
#: SQLAlchemy's functions that make a statement.
_STATEMENTS = frozenset({"select", "update", "delete", "insert", *SET_OPERATIONS})


def _of_plain_rows(value: Value) -> bool:
    """Whether a value is a query whose rows hold columns alone."""
    return isinstance(value, Query) and not holds_instance(item_type(value))


def _only_hands_on(node: ast.Call, name: str, values: list[Value]) -> bool:
    """Whether items of lists come out as they went in, and itertools asks nothing of them.

    Without a key, `groupby` compares them, by a method of theirs maybe.
    """
    keyed = len(node.args) > 1 or any(k.arg == "key" for k in node.keywords)
    return (
        (name in ("chain", "islice") or (name == "groupby" and keyed))
        and not any(isinstance(a, ast.Starred) for a in node.args)
        and all(isinstance(value, ListOf) for value in values if holds_instance(value))
    )


class Foreign(Rendering):
    """Adds functions that are not the repository's."""

    def loop_run(self, node: ast.Call, coroutine: ast.expr) -> Value:
        """An event loop of its own, for one coroutine."""
        value = self.awaited(coroutine)
        self.step(node, RUNS)
        return value

    def earlier_expression(self, node: ast.Call, name: str) -> None:
        """What SQLAlchemy 1.x let be given to the makers of expressions and statements."""
        if lists_whens(name, node, self.typeof):
            self.record("step", node, action=SPREAD_WHENS, name="whens")
        elif detail := takes_no_more(name, node):
            self.gone(node, detail)

    def listened(self, node: ast.Call) -> None:
        """`event.listen(db.session(), ...)`: one session, as against the registry of them."""
        named = [k.value for k in node.keywords if k.arg == "target"]
        for target in (*node.args[:1], *named):
            value = self.typeof(target)
            if isinstance(value, Session):
                self.underneath(target, value)

    def external_call(self, node: ast.Call, name: str) -> Value:
        value = self.foreign_call(node, name)
        if self.state.waiting.call(name, bool(node.args or node.keywords)):
            self.record("blocks", node, name=name)
        if name in _FORKING:
            self.record("external", node, name="fork")
        cls = self.state.waiting.made(name)
        return Opaque(cls) if cls and value in (OPAQUE, UNKNOWN) else value

    def _tells_by(self, name: str) -> bool:
        """Whether it is `inspect()` in a function that asks for what is loaded, perhaps what that gives."""
        if name != "sqlalchemy.inspect" or self.function is None:
            return False
        return bool(self.state.read("telling", self.function.key))

    def foreign_call(self, node: ast.Call, name: str) -> Value:
        last = name.rpartition(".")[2]
        if name.startswith("sqlalchemy."):
            self.earlier_expression(node, name)
        if name in _LISTENING:
            self.listened(node)
        if name.startswith("sqlalchemy.") and last in _STATEMENTS:
            self.arguments(node)
            if self.is_to_come(node.args):
                return None
            statement = tables.select_call(name, node, self.typeof)
            if statement is not None:
                return self.step(node, statement)
        if extensions.asks(name):
            self.arguments(node)
            return self.step(node, extensions.function_call(name, node, self.typeof))
        made = constructed(self, node, name) or external_call(name, node, self.typeof)
        used = not (shows(name, node) or self._tells_by(name))
        if made is not None:
            self.arguments(node, reads=used)
            self.reference(node)
            return made
        if name.startswith("flask.") and last in ("render_template", "render_template_string"):
            self.arguments(node)
            self.reference(node)
            self.record("template", node, io=True)
            self.template_queries(node)
            return Opaque("str")
        if last == "__subclasses__":
            return UNKNOWN  # Classes of the repository are among those below.
        if name == RUN and (coroutine := coroutine_of(node)) is not None:
            return self.loop_run(node, coroutine)
        values = self.arguments(node, reads=used)
        self.reference(node)
        self.unseen_target(node)
        if name in TO_SYNC and self._makes_plain(node, values):
            self.record("step", node.func, action=KEPT)
        closes = name == "contextlib.closing" and self.entering is node and values
        if closes and isinstance(values[0], Session):
            # For a block, as the session itself.
            self.record("step", node.func, action=ACLOSING)
            return values[0]
        if name == "contextlib.nullcontext":
            # As what a generator makes one of: entered, it gives what it got.
            entered = values[0] if values else NONE
            return None if entered is None else ListOf(entered)
        if closes and isinstance(values[0], Opaque) and self.state.waiting.owns(values[0].name):
            return values[0]
        if name in OF_G:
            return self.g_by_name(node, last, values)
        if is_column_builder(name):
            return Column(written(node))
        if runs_callback(name) or calls_later(name):
            self.unseen_callback(node, values)
        if name.startswith("builtins."):
            return self.builtin(node, "setattr" if name == _SETS else last, values)
        if name == LOCAL_PROXY:
            return self._proxied(node, values)
        if name in _MEMBERS and values:
            self.look_up(values[0])
        if name in _IMPORTERS:
            self.state.mark("taken_modules", self.project.modules)
            return UNKNOWN
        queries = [*filter(holds_query, values)]
        plainly = (
            all(map(_of_plain_rows, queries)) if queries else _only_hands_on(node, last, values)
        )
        if name.startswith("itertools.") and plainly:
            return self.handed_on(node, last, values)
        if queries and (name == "functools.partial" or name in SAFE):
            self.handed_over(node, values)
        if name == "functools.partial":
            if values and isinstance(values[0], SessionFactory):
                return values[0]  # It makes what the factory makes.
            self._sessions_ahead(node, values)
            # It is called where we don't see it, with what we don't see.
            return self.made_with(values)
        if name == "flask_login.login_user":
            # Flask-Login reads these of the user.
            reads = [self.user_reads(v) for v in values[:1]]
            self.record("external", node, callees=reads[0] if reads else (), name="login")
            if any(isinstance(o, Unknown) for v in values[:1] for o in options(v)):
                # One that a commit has expired is loaded again, if it is a user at all.
                self.record("external", node, name="instance")
            return OPAQUE
        if name in SAFE or last == "__init__":
            # A base's constructor sets what it is given; a new instance loads nothing.
            return OPAQUE if last == "__init__" or is_data(name) else self.made_with(values)
        if name in CASTS and len(values) == 2:
            said = annotation_type(self.state, self.module, node.args[0])
            unsaid = isinstance(values[1], Unknown) and said is not None
            return said if unsaid else values[1]
        if name in KEEPS_INSTANCES:
            return values[0] if values else UNKNOWN
        if any(holds_instance(v) or holds_query(v) for v in values):
            self.handed_over(node, values)
            return self.made_with(values)
        if name == "flask.current_app._get_current_object":
            return Opaque("flask.Flask")
        return UNKNOWN if not is_data(name) or any(map(may_give, values)) else OPAQUE

    def _sessions_ahead(self, node: ast.Call, values: list[Value]) -> None:
        """`partial(f, session=session)`: its name alone would not say all that a session is asked for."""
        given = dict(zip((k.arg for k in node.keywords), values[len(node.args) :], strict=True))
        for function in functions_in(values[0]) if values else ():
            info = self.state.function(function.key)
            names = [a.arg for a in positional(info.node.args)] if info is not None else []
            ahead = dict(zip(names[function.bound :], values[1 : len(node.args)], strict=False))
            for name, value in (ahead | given).items():
                if name is not None and isinstance(value, Session):
                    self.state.flow_param(function.key, name, value)

    def _proxied(self, node: ast.Call, values: list[Value]) -> Value:
        """`LocalProxy(f)`: whatever `f` gives, anew at each use.

        A session or an extension is asked for what it has there and then; of all else, not even the class is sure.
        """
        making = [f.key for v in values for f in functions_in(v)]
        lambdas = [a.body for a in node.args if isinstance(a, ast.Lambda)]
        given = [*map(self.state.result, making), *(self.types.get(id(body)) for body in lambdas)]
        if given and None in given and not self.state.is_open:
            return None
        found = [option for value in given for option in options(value)]
        if not found or not all(isinstance(option, Session | Db) for option in found):
            return self.made_with(given)
        # Native code runs it on the event loop, where it can wait for nothing, or leaves it out.
        infos = filter(None, map(self.state.function, making))
        done = [in_code(self.state, self.module, self.function, body) for body in lambdas]
        done += (besides(self.state, info) for info in infos)
        return self.made_with(given) if any(done) else join_all(given)

    def _makes_plain(self, node: ast.Call, values: list[Value]) -> bool:
        """Whether what is made a plain function is a coroutine function of the repository's."""
        given = options(values[0]) if len(values) == 1 and not node.keywords else []
        functions = [self.state.function(o.key) for o in given if isinstance(o, Function)]
        return len(functions) == 1 and all(f is not None and f.is_async for f in functions)

    def handed_on(self, node: ast.Call, name: str, values: list[Value]) -> Value:
        """`groupby(query, key=...)`: itertools takes rows and lists once; that loads nothing."""
        taken = values if name == "chain" else values[:1]
        items = [
            self.iterated(argument, value)
            if isinstance(value, Query)
            else item_type(self.some(value))
            for argument, value in zip(node.args, taken, strict=False)
        ]
        group = ListOf(self.some(join_all(items)))
        if name == "groupby":
            return ListOf(TupleOf((UNKNOWN, group)))
        return group if name in ("chain", "islice") else UNKNOWN

    def user_reads(self, value: Value) -> tuple[str, ...]:
        """The user's own methods and properties that Flask-Login reads at a login."""
        found: list[str] = []
        for option in options(value):
            cls = self.project.classes.get(option.key) if isinstance(option, Instance) else None
            for name in ("is_active", "get_id", "is_authenticated"):
                method = self.project.method(cls, name) if cls is not None else None
                if method is not None:
                    self.flow_self(method, option)
                    found.append(method.key)
        return tuple(found)

    def handed_over(self, node: ast.Call, values: list[Value]) -> None:
        """Code that we can't see gets an instance: it may load, so it runs in the bridge."""
        name = "query" if any(holds_query(v) for v in values) else "instance"
        self.record("external", node, name=name)
