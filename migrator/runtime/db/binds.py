"""Several databases: each bind key has a MetaData and engines of its own, and the session routes.

As Flask-SQLAlchemy's `Session.get_bind`: what a statement is about decides, a mapped class first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import URL, Engine
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import UnmappedClassError

INFO = "bind_key"
Find = Callable[[str | None], Engine]


class Metadatas(dict[str | None, sa.MetaData]):
    """The MetaData of each bind key; the main one's is None."""

    def of(self, key: str | None) -> sa.MetaData:
        """The MetaData of a key, made at its first use."""
        if key not in self:
            convention = self[None].naming_convention
            self[key] = sa.MetaData(naming_convention=convention, info={INFO: key})
        return self[key]

    def chosen(self, key: str | Iterable[str | None] | None) -> list[str | None]:
        """The keys that `create_all` and its like are asked for."""
        if key == "__all__":
            return list(self)
        return [key] if key is None or isinstance(key, str) else list(key)


def routed(kind: type[Session]) -> Callable[[Find], type[Session]]:
    """Makes the session class that asks `find` for the engine of a bind key.

    A class with a `get_bind` of its own keeps it, as with Flask-SQLAlchemy.
    """
    base = asked(kind)

    def made(find: Find) -> type[Session]:
        class Routed(base):  # type: ignore[misc, valid-type]  # the user's own class may be it
            def __init__(self, bind: Any = None, **options: Any) -> None:
                # Flask-SQLAlchemy's is bound to nothing: code asks `session.bind` and sees None.
                super().__init__(**options)

            def get_bind(
                self, mapper: Any = None, *, clause: Any = None, bind: Any = None, **others: Any
            ) -> Any:
                return find(_key(mapper, clause)) if bind is None else bind

        Routed.__name__ = Routed.__qualname__ = kind.__name__
        return Routed

    return made if kind.get_bind is Session.get_bind else lambda find: base


def asked(kind: type[Session]) -> type[Session]:
    """The class, whose sessions sync code may ask for their sync side under any name of theirs.

    `session = db.session()` is this one in the bridge, and an AsyncSession where a caller is native.
    """

    class Asked(kind):  # type: ignore[misc, valid-type]  # the user's own class may be it
        @property
        def sync_session(self) -> Session:
            return self

    Asked.__name__ = Asked.__qualname__ = kind.__name__
    return Asked


def _key(mapper: Any, clause: Any) -> str | None:
    """The bind key of a mapped class, else of a table; None for the main database."""
    if mapper is not None:
        try:
            table = sa.inspect(mapper).local_table
        except NoInspectionAvailable as error:
            if isinstance(mapper, type):
                raise UnmappedClassError(mapper) from error
            raise
        if _is_placed(table):
            return _placed(table)
    table = clause.table if isinstance(clause, sa.UpdateBase) else clause
    return _placed(table) if _is_placed(table) else None


def _is_placed(table: Any) -> bool:
    return isinstance(table, sa.Table) and INFO in table.metadata.info


def _placed(table: Any) -> str | None:
    key: str | None = table.metadata.info[INFO]
    return key


def settings(
    binds: Mapping[str | None, Any], engine_options: Mapping[str, Any]
) -> dict[str | None, dict[str, Any]]:
    """The engine options of each key of SQLALCHEMY_BINDS, its `url` among them."""
    return {
        key: {**engine_options, **({"url": value} if isinstance(value, str | URL) else value)}
        for key, value in binds.items()
    }
