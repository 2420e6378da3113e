"""SQLAlchemy's events, turned into evidence.

`do_orm_execute` sees every statement of every session; the execution option that it leaves there
arrives with the context at the `load` event of each object, which so knows its query. A lazy load
names the object that it is for, and so its query as well.
https://docs.sqlalchemy.org/en/20/orm/session_events.html#do-orm-execute
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.orm import Mapper, Session, dynamic

from .evidence import Origin, Query, Run
from .places import Place, Places
from .tracefile import document

if TYPE_CHECKING:
    from .evidence import Path

_OPTION = "_migrator_trace"  # on the execution of a statement, and on the state of an object
_DYNAMIC = "_migrator_trace_dynamic"  # on what a dynamic relationship gives
_KINDS = {"MANYTOONE": "many-to-one", "ONETOMANY": "one-to-many", "MANYTOMANY": "many-to-many"}
_APPENDER: Any = getattr(dynamic, "_AppenderMixin", None) or getattr(dynamic, "AppenderMixin")  # noqa: B009


class Recorder:
    """Listens to all sessions of the process between `start` and `stop`."""

    def __init__(self, root: FilePath) -> None:
        self._places = Places(root)
        self._queries: dict[tuple[Place, str], Query] = {}
        self._lock = threading.Lock()
        self._generate: Callable[..., Any] | None = None

    def start(self) -> None:
        """Listen; what a dynamic relationship gives has no event, so its making is wrapped."""
        event.listen(Session, "do_orm_execute", self._executing)
        event.listen(Mapper, "load", self._loaded)
        self._generate = original = _APPENDER._generate

        def generate(appender: Any, *args: Any, **keywords: Any) -> Any:
            query = original(appender, *args, **keywords)
            state = appender.instance._sa_instance_state
            origin = getattr(state, _OPTION, None)
            if origin is not None:
                options = {_DYNAMIC: (origin, state.mapper.attrs[appender.attr.key])}
                query._execution_options = query._execution_options.union(options)
            return query

        _APPENDER._generate = generate

    def stop(self) -> None:
        event.remove(Session, "do_orm_execute", self._executing)
        event.remove(Mapper, "load", self._loaded)
        _APPENDER._generate = self._generate

    def evidence(self) -> dict[str, Any]:
        """What was recorded up to now, as the file holds it."""
        with self._lock:
            return document(self._places.root, self._queries.values())

    # -- events ----------------------------------------------------------------------------

    def _executing(self, state: Any) -> None:
        if not state.is_select:
            return
        with self._lock:
            origin = self._origin(state)
        # SQLAlchemy 1.4 hands no execution options on to what an eager loader sends.
        state.session.info[_OPTION] = origin
        # Also where there is none: a statement on behalf of another inherits that one's options.
        state.update_execution_options(**{_OPTION: origin})

    def _loaded(self, target: Any, context: Any) -> None:
        origin = context.execution_options.get(_OPTION)
        if origin is None:
            return
        state = target._sa_instance_state
        if state.load_options and len(state.load_path.path) > 1:
            origin = _beginning(origin, state.load_path)
            path = _continued(origin.path, _names(state.load_path))
        else:
            found = [o for o in (origin, *origin.beside) if isinstance(target, o.entity)]
            origin = found[0] if found else origin
            path = origin.path if found else None  # eager by the mapping
        if path != origin.path:
            origin = Origin(origin.run, path, type(target))
        setattr(state, _OPTION, origin)
        if path is not None:
            origin.run.gave(path)

    # -- what a statement is for -----------------------------------------------------------

    def _origin(self, state: Any) -> Origin | None:
        lazy = state.lazy_loaded_from
        if lazy is not None:
            return self._lazy(state, lazy)
        if state.is_column_load:
            return self._columns(state)
        if state.is_relationship_load:
            return self._eager(state)
        appended = state.execution_options.get(_DYNAMIC)
        if appended is not None:
            origin, prop = appended
            return self._record(origin, _name(prop), "dynamic", prop.mapper.class_)
        return self._query(state)

    def _query(self, state: Any) -> Origin | None:
        mapper = state.bind_mapper
        chain = self._places.chain() if mapper is not None else ()
        if not chain:
            return None
        origins = []
        for entity in _entities(state.statement) or [mapper.class_]:
            key = (chain[0], _class_name(entity))
            query = self._queries.get(key)
            if query is None:
                query = self._queries[key] = Query(*key)
            origins.append(Origin(Run(query), (), entity))
        origins[0].beside = tuple(origins[1:])
        return origins[0]

    def _lazy(self, state: Any, owner: Any) -> Origin | None:
        origin = getattr(owner, _OPTION, None)
        prop = _relationship(state.loader_strategy_path)
        if origin is None or prop is None or state.session._flushing:
            return None
        kind = _KINDS[prop.direction.name]
        if kind == "one-to-many" and not prop.uselist:
            kind = "one-to-one"
        return self._record(origin, _name(prop), kind, prop.mapper.class_)

    def _eager(self, state: Any) -> Origin | None:
        """A loader's further statement (selectinload, ...): for the query that is running."""
        origin = state.execution_options.get(_OPTION) or state.session.info.get(_OPTION)
        prop = _relationship(state.loader_strategy_path)
        if origin is None or prop is None:
            return None
        origin = _beginning(origin, state.loader_strategy_path)
        path = _continued(origin.path, _names(state.loader_strategy_path))
        return Origin(origin.run, path, prop.mapper.class_)

    def _columns(self, state: Any) -> Origin | None:
        """Columns of an object in memory: deferred ones, or what a commit has expired."""
        owner = state.load_options._refresh_state
        names = state.statement._compile_options._only_load_props
        origin: Origin | None = getattr(owner, _OPTION, None)
        if origin is None or not names or state.session._flushing:
            return origin
        if owner.expired_attributes.isdisjoint(names):
            kind, attribute = "deferred", ",".join(sorted(names))
        else:
            kind, attribute = "expired", "*"
        self._record(origin, f"{_class_name(owner.class_)}.{attribute}", kind, origin.entity)
        return origin

    def _record(self, origin: Origin, name: str, kind: str, entity: type) -> Origin | None:
        chain = self._places.chain()
        if not chain or origin.path is None:
            return None
        path = (*origin.path, name)
        # What happens within the query's own expression is SQLAlchemy's doing (immediateload).
        if chain[0] != origin.run.query.place or chain[0].column < 0:
            origin.run.loaded(path, kind, chain)
        return Origin(origin.run, path, entity)


def _entities(statement: Any) -> list[type]:
    """The classes of which a statement gives objects, each once."""
    described = getattr(statement, "column_descriptions", ())
    return list(dict.fromkeys(d["type"] for d in described if isinstance(d["type"], type)))


def _beginning(origin: Origin, path: Any) -> Origin:
    """The origin, of those in a row, that a loader's path begins at."""
    root = getattr(path.path[0], "class_", object)
    return next((o for o in (origin, *origin.beside) if issubclass(root, o.entity)), origin)


def _relationship(path: Any) -> Any:
    """The last relationship of a loader's path."""
    elements = path.path if path is not None else ()
    return next((e for e in reversed(elements) if hasattr(e, "direction")), None)


def _names(path: Any) -> Path:
    return tuple(_name(e) for e in path.path if hasattr(e, "direction"))


def _continued(path: Path | None, names: Path) -> Path | None:
    """`path`, and what `names` has beyond it: `names` may begin anywhere in it."""
    if not path:
        return names if path is not None else None
    for count in range(min(len(path), len(names)), 0, -1):
        if path[-count:] == names[:count]:
            return path + names[count:]
    return None


def _name(prop: Any) -> str:
    return f"{_class_name(prop.parent.class_)}.{prop.key}"


def _class_name(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"
