"""Parameters that are annotated as queries: which queries, only their callers know."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
from typing import Optional, Tuple, Union
from sqlalchemy.orm import Query

def recent(query: Optional[Query] = None) -> Query:
    if query is None:
        query = Order.query
    return query.order_by(Order.id.desc())

def counted(query: Query) -> int:
    return query.count()

def page(query: "Query", size: int = 2) -> Tuple[list, int]:
    return query.limit(size).all(), query.count()

def either(query: Union[Query, None]):
    return [c.name for c in query] if query is not None else []

@bp.get("/recent")
def latest():
    found = recent(Order.query.filter(Order.amount > 10))
    return jsonify([o.number for o in recent()], [o.number for o in found])

@bp.get("/counted")
def numbers():
    columns = db.session.query(Order.id, Order.number)
    return jsonify(counted(Order.query), counted(Customer.query), counted(columns))

@bp.get("/pages")
def pages():
    orders, n = page(Order.query.order_by(Order.id))
    customers, m = page(Customer.query.order_by(Customer.id), size=1)
    return jsonify([o.number for o in orders], n, [c.name for c in customers], m)

@bp.get("/either")
def some():
    last = db.session.query(Customer).order_by(Customer.name.desc()).limit(1)
    return jsonify(either(Customer.query.order_by(Customer.id)), either(last), either(None))
"""
)


def test_queries_of_several_kinds(alike: Alike) -> None:
    sides = alike(VIEWS, ["/recent", "/counted", "/pages", "/either"])
    of_views = [s for s in sides.conversion.plan.sites if s.path.endswith("views.py")]
    assert {site.status for site in of_views} == {"native"}


@pytest.mark.parametrize("given", ["unseen(Order.query)", "loaded['query']"])
def test_another_callers_argument_is_not_known(alike: Alike, given: str) -> None:
    views = (
        VIEWS
        + f"""
loaded = {{}}

def unseen(query):
    return json_of("query", query)["query"]

def json_of(name, value):
    return dict([(name, value)])

@bp.get("/unseen")
def not_seen():
    loaded["query"] = Customer.query
    return jsonify(counted({given}), counted(Order.query))
"""
    )
    alike(views, ["/recent", "/counted", "/pages", "/unseen"])
