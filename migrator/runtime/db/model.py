"""`db.Model`: Flask-SQLAlchemy's model base, with `awaitable_attrs` for async code."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import (
    DeclarativeBase,
    DeclarativeBaseNoMeta,
    DeclarativeMeta,
    declarative_base,
)

from migrator.runtime.db.bridge import in_bridge, in_greenlet
from migrator.runtime.db.errors import OutsideBridge
from migrator.runtime.db.names import legacy_names
from migrator.runtime.db.naming import give_table_name, make_table, settle_table
from migrator.runtime.db.query import Query
from migrator.runtime.db.scope import Scope, SyncScope, current_scope
from migrator.runtime.db.session import SessionProxy

if TYPE_CHECKING:
    from migrator.runtime.db.extension import SQLAlchemy


def _sync_session(db: SQLAlchemy) -> Any:
    """The session for a legacy Query; None in async code that no greenlet lets wait."""
    if in_bridge() or not isinstance(db.session, SessionProxy):
        return db.session()  # type: ignore[operator]  # a registry: ours, or one that a test put there
    scope = current_scope(db)
    if isinstance(scope, Scope) and in_greenlet():
        return scope.session.sync_session  # implicit I/O, as a lazy load is
    return scope.session if isinstance(scope, SyncScope) else None


class QueryProperty:
    """`Model.query`: the legacy Query, in sync code that the bridge runs."""

    def __get__(self, instance: object | None, cls: Any) -> Any:
        session = _sync_session(cls.__fsa__)
        if session is None:
            raise OutsideBridge(
                f"{cls.__name__}.query was used outside the bridge.",
                "A legacy Query does its I/O in sync calls, which async code can't await.",
                f"Write `await db.session.scalars(select({cls.__name__}))`, or run the function by"
                " `await bridge(...)`.",
            )
        return cls.query_class(cls, session=session)


class Model(AsyncAttrs):
    """What every model has besides its columns."""

    __fsa__: ClassVar[SQLAlchemy]
    query_class: ClassVar[type[Query[Any]]] = Query
    query: ClassVar[Any] = QueryProperty()

    def __repr__(self) -> str:
        state = sa.inspect(self)
        if state.transient:
            key = f"(transient {id(self)})"
        elif state.pending:
            key = f"(pending {id(self)})"
        else:
            key = ", ".join(map(str, state.identity))
        return f"<{type(self).__name__} {key}>"


def place_in_bind(cls: Any, *, always: bool = False) -> None:
    """Give a model with `__bind_key__` the MetaData of that key.

    As Flask-SQLAlchemy's metaclass does, `always`: without a key it is the main one, whatever MetaData
    `db.Model` has been given since.
    """
    own = vars(cls)
    key = getattr(cls, "__bind_key__", None)
    if (always or key is not None) and "metadata" not in own and "__table__" not in own:
        metadata = cls.__fsa__.metadatas.of(key)
        if metadata is not cls.metadata:
            cls.metadata = metadata


class BindMixin:
    """For a DeclarativeBase: knows `__bind_key__`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        place_in_bind(cls)
        super().__init_subclass__(**kwargs)


class NameMixin:
    """For a DeclarativeBase: names tables."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        give_table_name(cls)
        super().__init_subclass__(**kwargs)
        settle_table(cls)

    __table_cls__ = classmethod(make_table)


class BindMetaMixin(type):
    """For the metaclass of a declarative_base(): knows `__bind_key__`."""

    def __init__(cls, name: str, bases: tuple[type, ...], body: Any, **kwargs: Any) -> None:
        place_in_bind(cls, always=True)
        super().__init__(name, bases, body, **kwargs)

    def __dir__(cls) -> list[str]:
        return legacy_names(super().__dir__())


class NameMetaMixin(type):
    """For the metaclass of a declarative_base(): names tables."""

    def __init__(cls, name: str, bases: tuple[type, ...], body: Any, **kwargs: Any) -> None:
        give_table_name(cls)
        super().__init__(name, bases, body, **kwargs)
        settle_table(cls)

    def __table_cls__(cls, *args: Any, **kwargs: Any) -> sa.Table | None:
        return make_table(cls, *args, **kwargs)


class DefaultMeta(BindMetaMixin, NameMetaMixin, DeclarativeMeta):
    """What `declarative_base()` is given as its metaclass."""


class DefaultMetaNoName(BindMetaMixin, DeclarativeMeta):
    """The same for models that name their tables themselves."""


# Made for the class itself; SQLAlchemy 2.1 refuses a base that is "already a dataclass".
_MADE_ANEW = {"__dict__", "__weakref__", "__dataclass_params__", "__dataclass_fields__"}


def make_base(
    db: SQLAlchemy, model_class: type, metadata: MetaData | None, *, autonaming: bool
) -> Any:
    """The class `db.Model`, from whatever was given as `model_class`.

    That is a plain class to mix in, a subclass of DeclarativeBase, or a finished declarative base.
    """
    modern = [
        base
        for base in model_class.__bases__
        if issubclass(base, DeclarativeBase | DeclarativeBaseNoMeta)
    ]
    base: Any
    if modern:
        mixins = (BindMixin, NameMixin, Model) if autonaming else (BindMixin, Model)
        body = {name: value for name, value in vars(model_class).items() if name not in _MADE_ANEW}
        body["__fsa__"] = db
        base = types.new_class(
            "Model",
            (*mixins, *model_class.__bases__),
            {"metaclass": type(modern[0])},
            lambda namespace: namespace.update(body),
        )
    elif isinstance(model_class, DeclarativeMeta):
        base = model_class
        base.awaitable_attrs = AsyncAttrs.awaitable_attrs
        base.__dir__ = AsyncAttrs.__dir__
        if metadata is not None:
            base.metadata = metadata
    else:
        base = declarative_base(
            metadata=metadata if metadata is not None else MetaData(),
            cls=model_class if issubclass(model_class, Model) else _mixed(model_class),
            name="Model",
            metaclass=DefaultMeta if autonaming else DefaultMetaNoName,
        )
    base.query_class = db.Query
    base.query = QueryProperty()
    base.__fsa__ = db
    return base


def _mixed(cls: type) -> type:
    return type(cls.__name__, (cls, Model), {})
