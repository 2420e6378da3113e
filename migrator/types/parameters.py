"""What the parameters of a function are, by what is handed over, annotated or asked of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.index.definitions import ClassInfo, FunctionInfo
from migrator.index.signature import parameters, positional
from migrator.index.walk import walk
from migrator.index.written import written
from migrator.queries.types import (
    APART,
    GIVEN,
    NONE,
    OPAQUE,
    STRANGE,
    UNKNOWN,
    ClassType,
    Db,
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
    SessionFactory,
    Type,
    Unknown,
)
from migrator.types.annotated_dicts import says_dict
from migrator.types.around import always_filled
from migrator.types.lattice import Value, join, join_all, options
from migrator.types.names import (
    SESSION_NAMES,
    annotation_type,
    class_type,
    instance_type,
    is_query_class,
    mapped_below,
    mapped_root,
)
from migrator.types.query_methods import takes_selects, unseen_queries
from migrator.types.session_calls import asked_as_sessions
from migrator.types.state import UNSEEN, State
from migrator.types.statements import Statements

#: By kind of what the framework calls: its first parameters, where their types are the framework's.
_HANDED: dict[str, tuple[Type, ...]] = {
    "hook": (OPAQUE,),
    "url_processor": (OPAQUE, DictOf(Opaque("str"), UNKNOWN)),
}


def bind_parameters(state: State, info: FunctionInfo, reader: Statements) -> None:
    node = info.node
    arguments = node.args
    by_position = positional(arguments)
    defaults: dict[str, ast.expr] = dict(
        zip(
            (a.arg for a in by_position[len(by_position) - len(arguments.defaults) :]),
            arguments.defaults,
            strict=True,
        )
    )
    for keyword, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            defaults[keyword.arg] = default
    for index, parameter in enumerate(parameters(arguments)):
        value = _parameter(state, info, parameter, index, reader, defaults.get(parameter.arg))
        reader.query_lost(parameter, state.param(info.key, parameter.arg), value)
        reader.env[parameter.arg] = value
        reader.remember(parameter.arg, value)
    for extra, otherwise in (
        (arguments.vararg, ListOf(UNKNOWN)),
        (arguments.kwarg, DictOf(Opaque("str"), UNKNOWN)),
    ):
        if extra is not None:
            value = state.param(info.key, extra.arg)
            if value is None and not _is_to_come(state, info):
                value = otherwise
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
        return _receiver(state, info, owner, flow, reader)
    flow = join(flow, _relatives(state, info, index, flow))
    annotated = annotation_type(state, info.module, parameter.annotation, name)
    sessions = [o for o in options(flow) if isinstance(o, Session)]
    # What a listener hands on is a sync session, and the application's own is one in the bridge. In
    # a library others may call it, with a session of theirs.
    if any(o.name == APART for o in sessions):
        return Session(name, APART)
    handed_on = bool(state.read("db_name", "")) and any(o.given for o in sessions)
    if handed_on or (
        _is_listener(state, info) and (isinstance(annotated, Session) or name in SESSION_NAMES)
    ):
        return Session(name, GIVEN)
    if flow == STRANGE:
        return flow
    if (flow is None or isinstance(flow, Unknown)) and state.read("strange", ""):
        # Who fills it may have it from the extension.
        certain, likely = _session_names(state, info)
        if isinstance(annotated, Session) or name in certain | likely:
            return None if flow is None and _is_to_come(state, info) else STRANGE
    if annotated is not None:
        return _annotated(state, flow, annotated)
    if says_dict(state, info.module, parameter.annotation):
        unseen = UNKNOWN if flow is None and not _is_to_come(state, info) else flow
        if isinstance(unseen, Unknown):
            return DictOf(OPAQUE, unseen)
    certain, likely = _session_names(state, info)
    against = [o for o in options(flow) if not isinstance(o, Session | Unknown)]
    if name in certain and not any(isinstance(o, Object) for o in against):
        return Session(name)
    if name in likely and not against:
        # Its callers, who have not been seen yet, may hand over something else.
        return None if flow is None and _is_to_come(state, info) else Session(name)
    handed = _handed(state, info, index)
    bounded = always_filled(state, info, name)
    if handed is not None or (flow is not None and not bounded and state.read("entries", info.key)):
        # Nobody else's parameters are bounded: a converter, a hook that changes the values of the
        # URL, a decorator from elsewhere or an exception may bring a mapped object.
        flow = join(flow, handed or OPAQUE)
    if info.locals and state.read("escaped", info.key):
        # A decorator that others apply: to whatever they have.
        flow = join(flow, UNKNOWN)
    if flow is None and default is not None and _only_left(state, info, name):
        with reader.elsewhere():
            return reader.eval(default)
    if flow is None and not _is_to_come(state, info):
        return UNKNOWN
    if default is not None and flow is not None:
        with reader.elsewhere():
            flow = join(flow, reader.eval(default))
    return flow


def _receiver(
    state: State, info: FunctionInfo, owner: ClassInfo, flow: Value, reader: Statements
) -> Value:
    """The first parameter of a method: an object of its class, the class, a query."""
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


def _annotated(state: State, flow: Value, annotated: Type) -> Value:
    """What an annotation says, and the flow beside it."""
    if isinstance(annotated, ListOf | DictOf):
        return annotated
    # The flow knows more than the annotation of what is loaded, when it agrees.
    if flow is not None and type(flow) is type(annotated) and not isinstance(flow, Session):
        return flow
    if any(isinstance(o, Query) for o in options(annotated)):
        if any(isinstance(o, Query) for o in options(flow)):
            # Queries of several kinds, or None: which ones, only the flow knows.
            return join_all([flow, *(o for o in options(annotated) if o == NONE)])
        if not state.is_open:
            # What it selects comes from its callers, who have not been seen yet.
            return None
    if isinstance(annotated, SessionFactory):
        # A function of the repository's own may be one, and says more.
        functions = [o for o in options(flow) if isinstance(o, Function | Object | ClassType)]
        return join_all(functions) if functions else annotated
    if isinstance(annotated, Object):
        # An object of a class that only looks like the one that is written there.
        others = [o for o in options(flow) if isinstance(o, Object | Instance)]
        return join_all([annotated, *others])
    if isinstance(annotated, Db):
        # The application has one; what is another distribution's is known by the flow.
        known = [o for o in options(flow) if not isinstance(o, Unknown)]
        return join_all([annotated, *known])
    if isinstance(annotated, Opaque):
        # A class of another distribution, from which one of ours may derive.
        ours = [o for o in options(flow) if not isinstance(o, Unknown | Opaque | External)]
        return join_all([annotated, *ours])
    return annotated


def _relatives(state: State, info: FunctionInfo, index: int, flow: Value) -> Value:
    """The base classes of the objects at hand, where calls that can't be followed may bring others of those.

    The callers that are known hand over a receipt, say, and an unknown one whatever movement it has.
    """
    given = [o for o in options(flow) if isinstance(o, Instance)]
    bases = {o: mapped_root(state, o.key) for o in given}
    if all(base == o.key for o, base in bases.items()):
        return None
    arguments = info.node.args
    bound = int(info.owner is not None and "staticmethod" not in info.decorators())
    most = len(positional(arguments))
    least = max(index + 1, most - len(arguments.defaults))
    places = [f"{n - bound}.{index - bound}" for n in range(least, most + 1)]
    named = bound and any(state.attribute(UNSEEN, f"{info.name}.{place}") for place in places)
    unknown = any(state.attribute(UNSEEN, f"{UNSEEN}.{place}") for place in places)
    # What has been taken as a value is known when all has been seen.
    if named or (unknown and state.is_open and state.read("taken", info.key)):
        return join_all(Instance(base, stale=o.stale) for o, base in bases.items())
    return None


def _is_to_come(state: State, info: FunctionInfo) -> bool:
    """Whether callers of a function may still be found."""
    return bool(state.read("said", info.name)) and not state.is_open


def _handed(state: State, info: FunctionInfo, index: int) -> Value:
    """What the framework itself is known to hand over as the parameter at `index`; else None."""
    types = _HANDED.get(state.read("entries", info.key), ())
    return types[index] if index < len(types) and info.owner is None else None


def _only_left(state: State, info: FunctionInfo, name: str) -> bool:
    """Whether all calls are seen and leave the parameter at its default."""
    own = not state.library or state.read("db_name", "")
    if not own or not state.read("left", (info.key, name)) or not state.is_open:
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
        parameters = positional(info.node.args)
        if isinstance(value, ModelType) and parameters:
            return ModelType(value.key, parameters[0].arg)
        return value if value is not None else ClassType(info.owner.key)
    return instance_type(state, info.owner)


def _session_names(state: State, info: FunctionInfo) -> tuple[frozenset[str], frozenset[str]]:
    return state.bodies.once(
        state.session_parameters, info.key, lambda: _session_parameters(state, info)
    )


def _session_parameters(state: State, info: FunctionInfo) -> tuple[frozenset[str], frozenset[str]]:
    """The parameters that query a mapped class, and those of the usual names that look like sessions."""
    names = {a.arg for a in parameters(info.node.args)}
    if names.isdisjoint(SESSION_NAMES) and not info.module.source.says("query"):
        return frozenset(), frozenset()
    names -= _made_of_itself(info.nodes)
    usual = names & SESSION_NAMES
    certain = names & _given_mapped_classes(state, info, info.nodes, usual)
    likely = usual & asked_as_sessions(info.nodes)
    for node in info.nodes:
        match node:
            case ast.Assign(targets=targets, value=ast.Name(id=name)) if name in usual:
                kept = {written(t) for t in targets if isinstance(t, ast.Attribute)}
                if info.owner is not None and kept:
                    around = walk(info.owner.node)
                    if kept & _given_mapped_classes(state, info, around, kept):
                        certain.add(name)
                    elif kept & asked_as_sessions(around):
                        likely.add(name)
            case ast.Call(args=args, keywords=keywords):
                # Handed on as `session`: to a function that takes one.
                given = (*args, *(k.value for k in keywords))
                likely |= {a.id for a in given if isinstance(a, ast.Name) and a.id in usual}
    return frozenset(certain), frozenset(likely)


def _made_of_itself(code: Iterable[ast.AST]) -> set[str]:
    """The names that get something of what they stood for: `db = db.session`, `session = session()`."""
    found: set[str] = set()
    for node in code:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Attribute() | ast.Call() as made
            ):
                if _begins_with(made) == name:
                    found.add(name)
    return found


def _begins_with(node: ast.expr) -> str:
    """The name that a chain of attributes and calls begins with; "" where it is an item of it."""
    inner = node
    while isinstance(inner, ast.Attribute | ast.Call | ast.Subscript):
        node, inner = inner, inner.func if isinstance(inner, ast.Call) else inner.value
    return inner.id if isinstance(inner, ast.Name) and not isinstance(node, ast.Subscript) else ""


def _given_mapped_classes(
    state: State, info: FunctionInfo, code: Iterable[ast.AST], usual: set[str]
) -> set[str]:
    """What the code asks to `query` a mapped class, as it is written; or to `get`, where `usual`."""
    found: set[str] = set()
    for node in code:
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name() | ast.Attribute() as of, attr=attr),
                args=[first, *_],
            ) if attr == "query" or (attr == "get" and written(of) in usual):
                target = state.project.resolve(info.module, first)
                if getattr(target, "key", "") in state.models.by_key:
                    found.add(written(of))
    return found


def _is_listener(state: State, info: FunctionInfo) -> bool:
    """Whether SQLAlchemy's events call it, inside a flush or a load."""
    return bool(state.read("listeners", info.key)) or any(
        d.rpartition(".")[2] == "listens_for" for d in info.decorators()
    )
