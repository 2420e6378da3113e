"""The fixpoint: every function is evaluated until no type that flows between them changes."""

from __future__ import annotations

import ast
from collections.abc import Container, Mapping

from migrator.colour.facts import FunctionFacts
from migrator.colour.generator_bodies import is_generator
from migrator.colour.lattice import Value, holds_instance, join, join_all, options
from migrator.colour.names import (
    SESSION_NAMES,
    annotation_type,
    class_type,
    instance_type,
    is_query_class,
    mapped_below,
)
from migrator.colour.query_methods import takes_selects, unseen_queries
from migrator.colour.replay import Kept, Replay, frame_of
from migrator.colour.state import State
from migrator.colour.statements import Statements
from migrator.index.definitions import FunctionInfo, Module
from migrator.index.models import Models
from migrator.index.project import Project
from migrator.index.templates import Templates
from migrator.queries.types import (
    GIVEN,
    NONE,
    OPAQUE,
    UNKNOWN,
    ClassType,
    DictOf,
    External,
    Function,
    Instance,
    ListOf,
    ModelType,
    Object,
    Opaque,
    Query,
    Session,
    Type,
    Unknown,
)
from migrator.surface import class_views

#: A function whose types still change after this many rounds is evaluated no more.
_MAX_ROUNDS = 24
#: By kind of what the framework calls: its first parameters, where their types are the framework's.
_HANDED: dict[str, tuple[Type, ...]] = {
    "hook": (OPAQUE,),
    "url_processor": (OPAQUE, DictOf(Opaque("str"), UNKNOWN)),
}
#: How the key of a module's own code ends.
_MODULE = ":<module>"
_TELLING = frozenset(
    {"query", "scalars", "scalar", "add", "add_all", "commit", "flush", "rollback"}
)
_SESSION_METHODS = frozenset(
    {
        "query", "execute", "scalar", "scalars", "add", "add_all", "commit", "flush", "rollback",
        "get", "delete", "merge", "refresh", "begin", "begin_nested", "no_autoflush", "expunge",
        "expire", "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings",
    }
)  # fmt: skip


def analyse(
    project: Project,
    models: Models,
    entries: Mapping[str, str] | None = None,
    apart: Container[str] = (),
    frame: str = "fastapi",
    kept: Kept | None = None,
) -> State:
    """Evaluate the whole project. `entries` are the kinds of what the framework calls, by key.

    `apart` are names of modules that are not looked at: tests, migrations. `frame` is what the
    converted application is one of. `kept` has the evaluations of an earlier run, and gets those
    of this one.
    """
    state = State(project, models, Templates(project), dict(entries or {}), apart, frame)
    listed = [module for name, module in project.modules.items() if name not in apart]
    # What makes the extension comes first: everything else asks for it.
    listed.sort(key=lambda module: "SQLAlchemy(" not in module.source.text)
    functions = [k for k, f in project.functions.items() if f.module.name not in apart]
    every = dict.fromkeys((*(f"{module.name}{_MODULE}" for module in listed), *functions))
    rounds: dict[str, int] = {}
    replay = None
    if kept is not None:
        replay = Replay(state, evaluate, kept.evaluations(), frame_of(state))
    for open_world in (False, True):
        state.open_world = open_world
        state.queue = dict.fromkeys(k for k in every if not open_world or state.asks_for_world(k))
        rounds.clear()
        while state.queue:
            key = next(iter(state.queue))
            del state.queue[key]
            rounds[key] = rounds.get(key, 0) + 1
            if key in every and rounds[key] <= _MAX_ROUNDS:
                if replay is not None:
                    replay.evaluate(key)
                else:
                    evaluate(state, key)
    if kept is not None and replay is not None:
        made = replay.finish()
        if made is not None:
            kept.keep_evaluations(made)
    order = (*(f"{name}{_MODULE}" for name in project.modules), *functions)
    state.facts = {key: state.facts[key] for key in order if key in state.facts}
    return state


def evaluate(state: State, key: str) -> None:
    """Evaluate a function, or the code of a module, with what is known so far."""
    state.begin(key)
    state.evaluations += 1
    info = state.project.functions.get(key)
    if info is not None:
        _function(state, info)
    else:
        _module(state, state.project.modules[key.removesuffix(_MODULE)], key)


def _module(state: State, module: Module, key: str) -> None:
    facts = FunctionFacts(key)
    state.facts[key] = facts
    reader = Statements(state, module, None, facts)
    assert module.source.tree is not None
    reader.run(module.source.tree.body)
    for name, value in reader.env.items():
        if type(value).__name__ == "Db" and not state.read("db_name", ""):
            state.put("db_name", "", f"{module.name}:{name}.session")


def _function(state: State, info: FunctionInfo) -> None:
    old = state.facts.get(info.key)
    facts = FunctionFacts(
        info.key,
        environment=dict(state.read("environments", info.key) or ()),
        is_generator=old.is_generator if old else is_generator(info),
    )
    state.facts[info.key] = facts
    reader = Statements(state, info.module, info, facts)
    _bind_parameters(state, info, reader)
    _decorated(state, info, reader)
    if info.is_async and facts.is_generator:
        # Asynchronous already; how it is looped over is not ours to change.
        state.flow_result(info.key, UNKNOWN)
        return
    if reader.run(info.node.body) and not facts.is_generator:
        state.flow_result(info.key, NONE)
    if facts.commits:
        state.flow_commits(info.key)
    if state.read("entries", info.key) == "loader":
        result = state.read("returns", info.key)
        if holds_instance(result):
            state.flow_attribute("flask_login", "user", result)


def _decorated(state: State, info: FunctionInfo, reader: Statements) -> None:
    """A decorator of the repository gets the function as its first parameter."""
    around = [(info.module, d) for d in info.node.decorator_list]
    for module, decorator in (*around, *_around_view(state, info)):
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        found = info.around(target) or state.project.resolve(module, target)
        if not isinstance(found, FunctionInfo):
            continue
        if isinstance(decorator, ast.Call):
            inner = [f for f in found.locals.values() if _parameters(f)]
            if not inner:
                continue
            if module is info.module:
                with reader.elsewhere():
                    reader.bind(decorator, found, None)
            found = inner[0]
        names = _parameters(found)
        if found.owner is not None and "staticmethod" not in found.decorators():
            names = names[1:]
        if names:
            state.flow_param(found.key, names[0].arg, Function(info.key))


def _around_view(state: State, info: FunctionInfo) -> list[tuple[Module, ast.expr]]:
    """The `decorators` lists of class-based views that have this method: they get its view."""
    owner = info.owner
    if owner is None or info.name not in {"dispatch_request", *class_views.HTTP_METHODS}:
        return []
    found = []
    for cls in (owner, *state.project.subclasses(owner)):
        if class_views.is_view(state.project, cls):
            listed = class_views.decorators(state.project, cls)
            if listed is not None:
                found += [(listed[0].module, decorator) for decorator in listed[1]]
    return found


def _parameters(info: FunctionInfo) -> list[ast.arg]:
    a = info.node.args
    return [*a.posonlyargs, *a.args]


def _bind_parameters(state: State, info: FunctionInfo, reader: Statements) -> None:
    node = info.node
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: dict[str, ast.expr] = dict(
        zip(
            (a.arg for a in positional[len(positional) - len(arguments.defaults) :]),
            arguments.defaults,
            strict=True,
        )
    )
    for keyword, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            defaults[keyword.arg] = default
    for index, parameter in enumerate([*positional, *arguments.kwonlyargs]):
        value = _parameter(state, info, parameter, index, reader, defaults.get(parameter.arg))
        reader.env[parameter.arg] = value
        reader.remember(parameter.arg, value)
    for extra, otherwise in (
        (arguments.vararg, ListOf(UNKNOWN)),
        (arguments.kwarg, DictOf(Opaque("str"), UNKNOWN)),
    ):
        if extra is not None:
            value = state.param(info.key, extra.arg) or otherwise
            reader.env[extra.arg] = value
            reader.remember(extra.arg, value)


def _parameter(
    state: State,
    info: FunctionInfo,
    parameter: ast.arg,
    index: int,
    reader: Statements,
    default: ast.expr | None,
) -> Value:
    name = parameter.arg
    flow = state.param(info.key, name)
    owner = info.owner
    if owner is not None and index == 0 and "staticmethod" not in info.decorators():
        if is_query_class(state, owner):
            # Its methods get the queries that they are called on.
            queries = [o for o in options(flow) if isinstance(o, Query)]
            if takes_selects(state, info):
                queries += unseen_queries(state, owner, reader.application_session())
            unseen = Query((), cls=owner.key) if state.is_open else None
            return join_all(queries) if queries else unseen
        own = _self_type(state, info)
        if flow is None or mapped_below(state, owner):
            return own
        # What a decorator's wrapper hands over as `*args` says nothing of `self`.
        known = [o for o in options(flow) if not isinstance(o, Unknown | Opaque)]
        if len(known) < len(options(flow)) or state.read("entries", info.key):
            return join_all([own, *known])
        return flow
    annotated = annotation_type(state, info.module, parameter.annotation, name)
    sessions = [o for o in options(flow) if isinstance(o, Session)]
    # In a library others may call it, with a session of theirs.
    always = bool(sessions and state.read("db_name", "")) and all(o.given for o in sessions)
    if always or (
        _is_listener(state, info) and (isinstance(annotated, Session) or name in SESSION_NAMES)
    ):
        return Session(name, GIVEN)
    if annotated is not None and not isinstance(annotated, ListOf | DictOf):
        # The flow knows more than the annotation of what is loaded, when it agrees.
        if flow is not None and type(flow) is type(annotated) and not isinstance(flow, Session):
            return flow
        if isinstance(annotated, Query) and not state.is_open:
            # What it selects comes from its callers, who have not been seen yet.
            return None
        if isinstance(annotated, Object):
            # An object of a class that only looks like the one that is written there.
            others = [o for o in options(flow) if isinstance(o, Object | Instance)]
            return join_all([annotated, *others])
        if isinstance(annotated, Opaque):
            # A class of another distribution, from which one of ours may derive.
            ours = [o for o in options(flow) if not isinstance(o, Unknown | Opaque | External)]
            return join_all([annotated, *ours])
        return annotated
    if annotated is not None:
        return annotated
    if _is_session(state, info, name):
        return Session(name)
    handed = _handed(state, info, index)
    if handed is not None or (flow is not None and state.read("entries", info.key)):
        # Nobody else's parameters are bounded: a converter, a hook that changes the values of the
        # URL, a decorator from elsewhere or an exception may bring a mapped object.
        flow = join(flow, handed or OPAQUE)
    if info.locals and state.read("escaped", info.key):
        # A decorator that others apply: to whatever they have.
        flow = join(flow, UNKNOWN)
    if flow is None and default is not None and _only_left(state, info, name):
        with reader.elsewhere():
            return reader.eval(default)
    if flow is None and (not state.read("said", info.name) or state.is_open):
        return UNKNOWN
    if default is not None and flow is not None:
        with reader.elsewhere():
            flow = join(flow, reader.eval(default))
    return flow


def _handed(state: State, info: FunctionInfo, index: int) -> Value:
    """What the framework itself is known to hand over as the parameter at `index`; else None."""
    types = _HANDED.get(state.read("entries", info.key), ())
    return types[index] if index < len(types) and info.owner is None else None


def _only_left(state: State, info: FunctionInfo, name: str) -> bool:
    """Whether all calls are seen and leave the parameter at its default."""
    left = state.read("db_name", "") and state.read("left", (info.key, name))
    if not left or not state.is_open:
        # Others call a library; what has been taken as a value is known when all has been seen.
        return False
    keys = (info.key,) if info.owner is None else (info.key, info.owner.key)
    return not any(
        state.read(table, key)
        for key in keys
        for table in ("entries", "taken", "escaped", "exposed")
    )


def _self_type(state: State, info: FunctionInfo) -> Value:
    assert info.owner is not None
    decorators = info.decorators()
    if any(
        d.endswith(("classmethod", "declared_attr", ".expression", ".comparator"))
        for d in decorators
    ) or info.name in ("__init_subclass__", "__new__"):
        value = class_type(state, info.owner, "cls")
        parameters = _parameters(info)
        if isinstance(value, ModelType) and parameters:
            return ModelType(value.key, parameters[0].arg)
        return value if value is not None else ClassType(info.owner.key)
    return instance_type(state, info.owner)


def _is_session(state: State, info: FunctionInfo, name: str) -> bool:
    """A parameter used as a session: by its usual name, or because it queries a mapped class."""
    return name in state.bodies.once(
        state.session_parameters, info.key, lambda: _session_parameters(state, info)
    )


def _session_parameters(state: State, info: FunctionInfo) -> frozenset[str]:
    names = {a.arg for a in (*_parameters(info), *info.node.args.kwonlyargs)}
    found: set[str] = set()
    nodes = info.nodes
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in names:
                if name in SESSION_NAMES and attr in _SESSION_METHODS:
                    found.add(name)
            case _:
                pass
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="query"), args=[first, *_]
            ) if name in names:
                target = state.project.resolve(info.module, first)
                key = getattr(target, "key", "")
                if key in state.models.by_key:
                    found.add(name)
            case ast.Call(args=arguments, keywords=keywords):
                # Handed on as `session`: to a function that takes one.
                for argument in (*arguments, *(k.value for k in keywords)):
                    if isinstance(argument, ast.Name) and argument.id in names & SESSION_NAMES:
                        found.add(argument.id)
            case _:
                pass
    if info.owner is not None:
        found |= {
            value.id
            for node in nodes
            if isinstance(node, ast.Assign)
            and isinstance(value := node.value, ast.Name)
            and value.id in names & SESSION_NAMES
            and any(
                isinstance(t, ast.Attribute) and _used_as_session(info.owner.node, t.attr)
                for t in node.targets
            )
        }
    return frozenset(found)


def _used_as_session(cls: ast.ClassDef, attribute: str) -> bool:
    """Whether a class uses `self.<attribute>` as nothing but a SQLAlchemy session is used."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in _TELLING
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == attribute
        for node in ast.walk(cls)
    )


def _is_listener(state: State, info: FunctionInfo) -> bool:
    """Whether SQLAlchemy's events call it, inside a flush or a load."""
    return bool(state.read("listeners", info.key)) or any(
        d.rpartition(".")[2] == "listens_for" for d in info.decorators()
    )
