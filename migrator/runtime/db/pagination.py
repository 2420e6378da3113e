"""One page of a query's results, with Flask-SQLAlchemy's arithmetic and attributes.

https://flask-sqlalchemy.readthedocs.io/en/stable/pagination/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Query as OrmQuery
from sqlalchemy.orm import Session
from sqlalchemy.sql import Select
from werkzeug.exceptions import NotFound

from migrator.runtime.db.legacy import count_rows, fetch_all

# Gives the query arguments of the current request, or None outside one.
RequestArgs = Callable[[], Mapping[str, str] | None]

# Each once, the latest first: compat's and AsyncFlask's, where a process has both.
_sources: list[RequestArgs] = []


def install_request_args(args: RequestArgs) -> None:
    """Let `paginate` read `page` and `per_page` from the request that `args()` finds, if any."""
    if args in _sources:
        _sources.remove(args)
    _sources.insert(0, args)


def _request_args() -> Mapping[str, str] | None:
    for source in _sources:
        args = source()
        if args is not None:
            return args
    return None


class Pagination:
    """The items of one page, and what a widget needs to lead to the others.

    Iterating gives the items. `total` is None when the rows weren't counted; `prev()` and `next()`
    query again, so they belong in sync code that the bridge runs.
    """

    def __init__(
        self,
        page: int | None = None,
        per_page: int | None = None,
        max_per_page: int | None = 100,
        error_out: bool = True,
        count: bool = True,
        **kwargs: Any,
    ) -> None:
        self._query_args = kwargs
        self.page, self.per_page = page_and_size(page, per_page, max_per_page, error_out)
        self.max_per_page = max_per_page
        self.items: list[Any] = self._query_items()
        if not self.items and self.page != 1 and error_out:
            raise NotFound
        self.total: int | None = self._query_count() if count else None

    def _query_items(self) -> list[Any]:
        raise NotImplementedError

    def _query_count(self) -> int:
        raise NotImplementedError

    @property
    def _query_offset(self) -> int:
        return (self.page - 1) * self.per_page

    @property
    def first(self) -> int:
        """The number of the page's first item, from 1; 0 on an empty page."""
        return self._query_offset + 1 if self.items else 0

    @property
    def last(self) -> int:
        """The number of the page's last item; 0 on an empty page."""
        return self._query_offset + len(self.items) if self.items else 0

    @property
    def pages(self) -> int:
        """How many pages there are; 0 when the rows weren't counted."""
        return -(-self.total // self.per_page) if self.total else 0

    @property
    def has_prev(self) -> bool:
        return self.page > 1

    @property
    def has_next(self) -> bool:
        return self.page < self.pages

    @property
    def prev_num(self) -> int | None:
        return self.page - 1 if self.has_prev else None

    @property
    def next_num(self) -> int | None:
        return self.page + 1 if self.has_next else None

    def prev(self, *, error_out: bool = False) -> Pagination:
        """The page before this one."""
        # Flask-SQLAlchemy hands max_per_page on to the next page only; here its default of 100
        # counts again.
        return self._turned(self.page - 1, error_out=error_out)

    def next(self, *, error_out: bool = False) -> Pagination:
        """The page after this one."""
        return self._turned(self.page + 1, error_out=error_out, max_per_page=self.max_per_page)

    def _turned(self, page: int, **kwargs: Any) -> Pagination:
        turned = type(self)(
            page=page, per_page=self.per_page, count=False, **kwargs, **self._query_args
        )
        turned.total = self.total
        return turned

    def iter_pages(
        self,
        *,
        left_edge: int = 2,
        left_current: int = 2,
        right_current: int = 4,
        right_edge: int = 2,
    ) -> Iterator[int | None]:
        """The page numbers of a widget: both edges and around the current page, None for a gap."""
        end = self.pages + 1
        left_end = min(1 + left_edge, end)
        yield from range(1, left_end)
        if left_end == end:
            return
        middle_start = max(left_end, self.page - left_current)
        middle_end = min(self.page + right_current + 1, end)
        if middle_start > left_end:
            yield None
        yield from range(middle_start, middle_end)
        if middle_end == end:
            return
        right_start = max(middle_end, end - right_edge)
        if right_start > middle_end:
            yield None
        yield from range(right_start, end)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)


class QueryPagination(Pagination):
    """A page of a legacy Query."""

    def _query_items(self) -> list[Any]:
        query: OrmQuery[Any] = self._query_args["query"]
        return query.limit(self.per_page).offset(self._query_offset).all()

    def _query_count(self) -> int:
        query: OrmQuery[Any] = self._query_args["query"]
        return query.order_by(None).count()


class SelectPagination(Pagination):
    """A page of a select(), with the rows that a legacy Query of the same shape gives."""

    def _query_items(self) -> list[Any]:
        statement: Select[Any] = self._query_args["statement"]
        session: Session = self._query_args["session"]
        page = statement.limit(self.per_page).offset(self._query_offset)
        if self._query_args["first_column"]:
            return list(session.execute(page).unique().scalars())
        return fetch_all(session, page)

    def _query_count(self) -> int:
        session: Session = self._query_args["session"]
        return count_rows(session, self._query_args["statement"].order_by(None))


def page_and_size(
    page: int | None, per_page: int | None, max_per_page: int | None, error_out: bool
) -> tuple[int, int]:
    """The page and its size from the arguments, else from the request, else 1 and 20.

    A value that is no number or below 1 raises NotFound, or gives the default if not `error_out`.
    """
    args = _request_args()
    if page is None:
        page = _from_request(args, "page", 1, error_out)
    if per_page is None:
        per_page = _from_request(args, "per_page", 20, error_out)
    if max_per_page is not None:
        per_page = min(per_page, max_per_page)
    if page < 1:
        if error_out:
            raise NotFound
        page = 1
    if per_page < 1:
        if error_out:
            raise NotFound
        per_page = 20
    return page, per_page


def _from_request(args: Mapping[str, str] | None, name: str, default: int, error_out: bool) -> int:
    try:
        return default if args is None else int(args.get(name, default))
    except (TypeError, ValueError):
        if error_out:
            raise NotFound from None
        return default
