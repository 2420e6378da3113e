"""The legacy Query with Flask-SQLAlchemy's four helpers; it works inside the bridge."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.orm import Query as OrmQuery
from werkzeug.exceptions import NotFound

from migrator.runtime.db.pagination import Pagination, QueryPagination

T = TypeVar("T")


def not_found(description: str | None) -> NoReturn:
    """End the request as `abort(404, description=...)` does."""
    raise NotFound(description=description)


class Query(OrmQuery[T]):
    """The class of `Model.query`, `db.session.query()` and dynamic relationships."""

    def get_or_404(self, ident: Any, description: str | None = None) -> T:
        """The row with this primary key. Raises NotFound."""
        found = self.get(ident)
        if found is None:
            not_found(description)
        return found

    def first_or_404(self, description: str | None = None) -> T:
        """The first row. Raises NotFound."""
        found = self.first()
        if found is None:
            not_found(description)
        return found

    def one_or_404(self, description: str | None = None) -> T:
        """The only row. Raises NotFound when there is none, or more than one."""
        try:
            return self.one()
        except (NoResultFound, MultipleResultsFound):
            not_found(description)

    def paginate(
        self,
        *,
        page: int | None = None,
        per_page: int | None = None,
        max_per_page: int | None = None,
        error_out: bool = True,
        count: bool = True,
    ) -> Pagination:
        """One page of the rows; without arguments, the page that the request asks for."""
        return QueryPagination(
            query=self,
            page=page,
            per_page=per_page,
            max_per_page=max_per_page,
            error_out=error_out,
            count=count,
        )


# Flask-SQLAlchemy 2's name
BaseQuery = Query
