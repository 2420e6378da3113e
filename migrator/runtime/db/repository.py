"""A repository with a sync and an async implementation over the same statements.

Phase two of the playbook: an area of the legacy application goes through `SyncRepository`; when it
is migrated, the class's base becomes `AsyncRepository` and its calls get an `await`. Both have the
same public methods, which a test enforces; rows and uniqueness are those of a legacy Query.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, scoped_session
from werkzeug.exceptions import NotFound

from migrator.errors import UsageError
from migrator.runtime.db import queries
from migrator.runtime.db.legacy import as_query

M = TypeVar("M")
S = TypeVar("S")
SyncSession = Session | scoped_session[Any]


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of rows. `pages` is 0 when there are no rows."""

    items: list[M]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        return -(-self.total // self.per_page)

    @property
    def has_prev(self) -> bool:
        return self.page > 1

    @property
    def has_next(self) -> bool:
        return self.page < self.pages


class Repository(Protocol[M]):
    """What both kinds offer. In `AsyncRepository`, all but the builders and `add` are awaited."""

    model: type[M]

    def select(self, *criteria: Any, **equal: Any) -> Select[Any]: ...
    def get(self, ident: Any, **options: Any) -> Any: ...
    def get_one(self, ident: Any, **options: Any) -> Any: ...
    def get_or_404(self, ident: Any, description: str | None = None) -> Any: ...
    def list(self, statement: Select[Any] | None = None) -> Any: ...
    def first(self, statement: Select[Any] | None = None) -> Any: ...
    def one(self, statement: Select[Any]) -> Any: ...
    def one_or_none(self, statement: Select[Any]) -> Any: ...
    def scalar(self, statement: Select[Any]) -> Any: ...
    def count(self, statement: Select[Any] | None = None) -> Any: ...
    def exists(self, statement: Select[Any] | None = None) -> Any: ...
    def page(
        self, statement: Select[Any] | None = None, page: int = 1, per_page: int = 20
    ) -> Any: ...
    def execute(self, statement: Any) -> Any: ...
    def add(self, instance: M) -> M: ...
    def add_all(self, instances: Iterable[M]) -> None: ...
    def delete(self, instance: M) -> Any: ...
    def refresh(self, instance: M) -> Any: ...
    def flush(self) -> Any: ...
    def commit(self) -> Any: ...
    def rollback(self) -> Any: ...


class _Base(Generic[M, S]):
    """What needs no database: the model, the session, the statements."""

    model: ClassVar[Any] = None

    def __init__(self, session: S, model: type[M] | None = None) -> None:
        self.session = session
        if model is not None:
            # the instance's own model goes before a subclass's `model`
            self.__dict__["model"] = model
        if self.model is None:
            raise UsageError(
                f"{type(self).__name__} was made without a model.",
                "A repository holds the rows of one model.",
                "Set the class attribute `model`, or pass the model after the session.",
            )

    def select(self, *criteria: Any, **equal: Any) -> Select[Any]:
        """The statement for the rows that meet the criteria; for `list`, `first` and the others."""
        return queries.matching(self.model, *criteria, **equal)

    def _given(self, statement: Select[Any] | None) -> Select[Any]:
        return queries.every(self.model) if statement is None else statement


class SyncRepository(_Base[M, SyncSession]):
    """Over a sync session: a Session, a scoped_session, or Flask-SQLAlchemy's `db.session`."""

    def get(self, ident: Any, **options: Any) -> M | None:
        """The row with this primary key, or None. `options` go to `session.get`."""
        return self.session.get(cast("type[M]", self.model), ident, **options)

    def get_one(self, ident: Any, **options: Any) -> M:
        """The row with this primary key. Raises NoResultFound."""
        return self.session.get_one(cast("type[M]", self.model), ident, **options)

    def get_or_404(self, ident: Any, description: str | None = None) -> M:
        """The row with this primary key. Raises werkzeug's NotFound."""
        found = self.get(ident)
        if found is None:
            raise NotFound(description=description)
        return found

    def list(self, statement: Select[Any] | None = None) -> list[Any]:
        """All rows, without duplicates."""
        return list(as_query(self.session.execute(self._given(statement))).all())

    def first(self, statement: Select[Any] | None = None) -> Any:
        """The first row, or None."""
        return as_query(self.session.execute(queries.first_of(self._given(statement)))).first()

    def one(self, statement: Select[Any]) -> Any:
        """The only row. Raises NoResultFound or MultipleResultsFound."""
        return as_query(self.session.execute(statement)).one()

    def one_or_none(self, statement: Select[Any]) -> Any:
        """The only row, or None. Raises MultipleResultsFound."""
        return as_query(self.session.execute(statement)).one_or_none()

    def scalar(self, statement: Select[Any]) -> Any:
        """The first column of the first row, or None."""
        return self.session.scalar(statement)

    def count(self, statement: Select[Any] | None = None) -> int:
        """How many rows there are."""
        return int(self.session.scalars(queries.count_of(self._given(statement))).one())

    def exists(self, statement: Select[Any] | None = None) -> bool:
        """Whether there is a row."""
        return bool(self.session.scalars(queries.exists_in(self._given(statement))).one())

    def page(
        self, statement: Select[Any] | None = None, page: int = 1, per_page: int = 20
    ) -> Page[Any]:
        """The rows on `page` (from 1), and the count of all."""
        every = self._given(statement)
        items = self.list(queries.page_of(every, page, per_page))
        return Page(items, self.count(every), page, per_page)

    def execute(self, statement: Any) -> Any:
        """Run any statement; gives SQLAlchemy's Result."""
        return self.session.execute(statement)

    def add(self, instance: M) -> M:
        """Have `instance` inserted by the next flush; gives it back."""
        self.session.add(instance)
        return instance

    def add_all(self, instances: Iterable[M]) -> None:
        """Have all inserted by the next flush."""
        self.session.add_all(instances)

    def delete(self, instance: M) -> None:
        """Have `instance` deleted by the next flush."""
        self.session.delete(instance)

    def refresh(self, instance: M) -> None:
        """Load its columns anew."""
        self.session.refresh(instance)

    def flush(self) -> None:
        """Send what is pending to the database."""
        self.session.flush()

    def commit(self) -> None:
        """End the transaction and keep its work."""
        self.session.commit()

    def rollback(self) -> None:
        """End the transaction and undo its work."""
        self.session.rollback()


class AsyncRepository(_Base[M, AsyncSession]):
    """Over an AsyncSession, such as `db.session` of a converted application."""

    async def get(self, ident: Any, **options: Any) -> M | None:
        """The row with this primary key, or None. `options` go to `session.get`."""
        return await self.session.get(cast("type[M]", self.model), ident, **options)

    async def get_one(self, ident: Any, **options: Any) -> M:
        """The row with this primary key. Raises NoResultFound."""
        return await self.session.get_one(cast("type[M]", self.model), ident, **options)

    async def get_or_404(self, ident: Any, description: str | None = None) -> M:
        """The row with this primary key. Raises werkzeug's NotFound."""
        found = await self.get(ident)
        if found is None:
            raise NotFound(description=description)
        return found

    async def list(self, statement: Select[Any] | None = None) -> list[Any]:
        """All rows, without duplicates."""
        return list(as_query(await self.session.execute(self._given(statement))).all())

    async def first(self, statement: Select[Any] | None = None) -> Any:
        """The first row, or None."""
        limited = queries.first_of(self._given(statement))
        return as_query(await self.session.execute(limited)).first()

    async def one(self, statement: Select[Any]) -> Any:
        """The only row. Raises NoResultFound or MultipleResultsFound."""
        return as_query(await self.session.execute(statement)).one()

    async def one_or_none(self, statement: Select[Any]) -> Any:
        """The only row, or None. Raises MultipleResultsFound."""
        return as_query(await self.session.execute(statement)).one_or_none()

    async def scalar(self, statement: Select[Any]) -> Any:
        """The first column of the first row, or None."""
        return await self.session.scalar(statement)

    async def count(self, statement: Select[Any] | None = None) -> int:
        """How many rows there are."""
        counted = await self.session.execute(queries.count_of(self._given(statement)))
        return int(counted.scalar_one())

    async def exists(self, statement: Select[Any] | None = None) -> bool:
        """Whether there is a row."""
        found = await self.session.execute(queries.exists_in(self._given(statement)))
        return bool(found.scalar_one())

    async def page(
        self, statement: Select[Any] | None = None, page: int = 1, per_page: int = 20
    ) -> Page[Any]:
        """The rows on `page` (from 1), and the count of all."""
        every = self._given(statement)
        items = await self.list(queries.page_of(every, page, per_page))
        return Page(items, await self.count(every), page, per_page)

    async def execute(self, statement: Any) -> Any:
        """Run any statement; gives SQLAlchemy's Result."""
        return await self.session.execute(statement)

    def add(self, instance: M) -> M:
        """Have `instance` inserted by the next flush; gives it back."""
        self.session.add(instance)
        return instance

    def add_all(self, instances: Iterable[M]) -> None:
        """Have all inserted by the next flush."""
        self.session.add_all(instances)

    async def delete(self, instance: M) -> None:
        """Have `instance` deleted by the next flush."""
        await self.session.delete(instance)

    async def refresh(self, instance: M) -> None:
        """Load its columns anew."""
        await self.session.refresh(instance)

    async def flush(self) -> None:
        """Send what is pending to the database."""
        await self.session.flush()

    async def commit(self) -> None:
        """End the transaction and keep its work."""
        await self.session.commit()

    async def rollback(self) -> None:
        """End the transaction and undo its work."""
        await self.session.rollback()
