"""Steps that build a list's query one after the other, and the page at the end."""

from datetime import timedelta

from migrator.runtime.compat import current_app, request
from werkzeug.exceptions import BadRequest

from target_app.utils import date_arg
from target_app.extensions import db


def search(query, term, *columns):
    """Rows where one of the columns contains the term, whatever its case."""
    if not term:
        return query
    pattern = "%" + term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    condition = columns[0].ilike(pattern, escape="\\")
    for column in columns[1:]:
        condition = condition | column.ilike(pattern, escape="\\")
    return query.where(condition)


def between_dates(query, column):
    """Rows in `?from=…&to=…`, both days included."""
    start, end = date_arg("from"), date_arg("to")
    if start is not None:
        query = query.where(column >= start)
    if end is not None:
        query = query.where(column < end + timedelta(days=1))
    return query


def sort(query, model, allowed, default="id"):
    """Order by `?sort=name` or `?sort=-name`; the id breaks ties."""
    key = request.args.get("sort", default)
    descending = key.startswith("-")
    name = key.lstrip("-")
    if name not in allowed:
        raise BadRequest("sort must be one of " + ", ".join(sorted(allowed)) + ".")
    column = getattr(model, name)
    if descending:
        return query.order_by(column.desc(), model.id.desc())
    return query.order_by(column, model.id)


async def page_of(query, dump):
    """The page that the request asks for, as a dict for jsonify."""
    pagination = await db.paginate(query, per_page=request.args.get("per_page", current_app.config["ITEMS_PER_PAGE"], type=int), max_per_page=current_app.config["MAX_ITEMS_PER_PAGE"])
    return {
        "items": [await dump(item) for item in pagination.items],
        "page": pagination.page,
        "per_page": pagination.per_page,
        "pages": pagination.pages,
        "total": pagination.total,
        "next": pagination.next_num if pagination.has_next else None,
        "previous": pagination.prev_num if pagination.has_prev else None,
    }
