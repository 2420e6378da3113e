"""`db.get_or_404` and its like: queries of the current session that end in a 404, and pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.sql import Select
from sqlalchemy.util.concurrency import greenlet_spawn

from migrator.runtime.db.legacy import fetch_first, fetch_one
from migrator.runtime.db.own_sessions import OwnSession, async_scoped_session, is_sync_code
from migrator.runtime.db.pagination import Pagination, SelectPagination
from migrator.runtime.db.query import not_found
from migrator.runtime.db.session import SessionProxy

M = TypeVar("M")
T = TypeVar("T")


class Lookups:
    """Awaited in async code; in sync code, in the bridge above all, they give the result itself.

    Where `first_column` isn't given, sync code gets what flask_sqlalchemy gives: nobody has
    rewritten that code.
    """

    session: AsyncSession

    def get_or_404(
        self, entity: type[M], ident: Any, *, description: str | None = None, **kwargs: Any
    ) -> Awaitable[M]:
        """The row with this primary key; `kwargs` go to `session.get`. Raises NotFound."""

        def get(session: Session) -> M:
            found = session.get(entity, ident, **kwargs)
            if found is None:
                not_found(description)
            return found

        return self._ask(get)

    def first_or_404(
        self,
        statement: Select[Any],
        *,
        description: str | None = None,
        first_column: bool | None = None,
    ) -> Awaitable[Any]:
        """What `Query.first_or_404` gives for this statement. Raises NotFound.

        With `first_column`, what flask_sqlalchemy's `db.first_or_404` gives: no LIMIT is put in and
        of several columns the first is returned.
        """

        columns_first = self._first_column(first_column)

        def first(session: Session) -> Any:
            if columns_first:
                found = session.execute(statement).scalar()
            else:
                found = fetch_first(session, statement)
            if found is None:
                not_found(description)
            return found

        return self._ask(first)

    def one_or_404(
        self,
        statement: Select[Any],
        *,
        description: str | None = None,
        first_column: bool | None = None,
    ) -> Awaitable[Any]:
        """What `Query.one_or_404` gives for this statement. Raises NotFound.

        With `first_column`, what flask_sqlalchemy's `db.one_or_404` gives: of several columns the
        first, and duplicates from a join count as several rows.
        """

        columns_first = self._first_column(first_column)

        def one(session: Session) -> Any:
            try:
                if columns_first:
                    return session.execute(statement).scalar_one()
                return fetch_one(session, statement)
            except (NoResultFound, MultipleResultsFound):
                not_found(description)

        return self._ask(one)

    def paginate(
        self,
        statement: Select[Any],
        *,
        page: int | None = None,
        per_page: int | None = None,
        max_per_page: int | None = None,
        error_out: bool = True,
        count: bool = True,
        first_column: bool | None = None,
    ) -> Awaitable[Pagination]:
        """What `Query.paginate` gives for this statement.

        With `first_column`, what flask_sqlalchemy's `db.paginate` gives: of several columns the
        first. Without `page` and `per_page`, the request's arguments of that name count.
        """

        columns_first = self._first_column(first_column)

        def paginate(session: Session) -> Pagination:
            return SelectPagination(
                statement=statement,
                session=session,
                first_column=columns_first,
                page=page,
                per_page=per_page,
                max_per_page=max_per_page,
                error_out=error_out,
                count=count,
            )

        return self._ask(paginate)

    def _first_column(self, given: bool | None) -> bool:
        if given is not None:
            return given
        return not isinstance(_at_hand(self.session), AsyncSession)

    def _ask(self, question: Callable[[Session], T]) -> Awaitable[T]:
        return ask(self.session, question)


def ask(session: Any, question: Callable[[Session], T]) -> Awaitable[T]:
    """The answer of a session, or of a proxy's: to be awaited where that is an AsyncSession."""
    session = _at_hand(session)
    if isinstance(session, AsyncSession):
        return greenlet_spawn(question, session.sync_session)
    return cast(Awaitable[T], question(session))


def _at_hand(session: Any) -> Any:
    """The session itself, for the code at hand: a test may put one of its own in `db.session`."""
    if isinstance(session, SessionProxy | async_scoped_session):
        session = session()
    return session.sync_session if isinstance(session, OwnSession) and is_sync_code() else session
