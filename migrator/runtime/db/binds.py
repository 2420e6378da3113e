"""Models of other databases: they may be declared, and are refused where they are used.

Flask-SQLAlchemy sends a model with `__bind_key__` to the engine of that name. The converted
application has one database; the endpoints that use the others stay on the mount, and their models
have to be importable all the same. Each key has a MetaData of its own, as in Flask-SQLAlchemy, so that
two tables of one name don't mix.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from migrator.runtime.db.errors import Unsupported

_INFO = "bind_key"


class Metadatas(dict[str | None, sa.MetaData]):
    """The MetaData of each bind key; the main one's is None."""

    def of(self, key: str | None) -> sa.MetaData:
        """The MetaData of a key, made at its first use."""
        if key not in self:
            convention = self[None].naming_convention
            self[key] = sa.MetaData(naming_convention=convention, info={_INFO: key})
        return self[key]


def refuse(what: str) -> NoReturn:
    """Raise Unsupported for the use of another database."""
    raise Unsupported(
        f"{what} lies in another database.",
        "The converted application has one database; a second one is not supported.",
        "Leave the endpoints that use it on the mount.",
    )


def refusing(kind: type[Session], metadatas: Mapping[str | None, sa.MetaData]) -> type[Session]:
    """The session class, refusing what belongs to another key than None.

    Sent to the main database, such a statement would fail there, or read a table of the same name.
    """

    class OneDatabase(kind):  # type: ignore[misc, valid-type]  # the user's own class may be it
        def get_bind(self, mapper: Any = None, *, clause: Any = None, **others: Any) -> Any:
            if len(metadatas) > 1:
                _check(mapper, clause)
            return super().get_bind(mapper, clause=clause, **others)

    OneDatabase.__name__ = OneDatabase.__qualname__ = kind.__name__
    return OneDatabase


def _check(mapper: Any, clause: Any) -> None:
    tables = list(sa.inspect(mapper).tables) if mapper is not None else []
    if clause is not None:
        tables += [found for found in visitors.iterate(clause) if isinstance(found, sa.Table)]
        if isinstance(getattr(clause, "table", None), sa.Table):
            tables.append(clause.table)
    for table in tables:
        if table.metadata.info.get(_INFO) is not None:
            refuse(f"The table {table.name!r} (bind key {table.metadata.info[_INFO]!r})")
