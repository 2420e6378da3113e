"""Loader options at 2.0-style statements: `session.execute(select(...))` and its like.

As for legacy queries: the same result on the sync driver and converted on the async one, on both
systems, and no statement more. Where the code says it nobody needs a trace; else a trace is
recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.codemod.lazy_shop import Shop, importable


@pytest.fixture
def make(tmp_path: Path, database_url: str) -> Iterator[Any]:
    with importable(tmp_path):
        yield lambda code: Shop(tmp_path, code, database_url)


#: What is placed, and how many statements of the legacy code's it saves.
PLACED = {
    "scalars in a loop": (
        """
        def run(session):
            names = []
            for order in session.scalars(select(Order).order_by(Order.id)):
                names.append(order.customer and order.customer.name)
            return names
        """,
        "select(Order).order_by(Order.id).options(selectinload(Order.customer))",
        3,
    ),
    "rows, their scalars, all of them": (
        """
        def run(session):
            found = session.execute(select(Customer).order_by(Customer.id)).scalars().all()
            return [[order.note for order in customer.orders] for customer in found]
        """,
        ".options(selectinload(Customer.orders))",
        3,
    ),
    "unique ones": (
        """
        def run(session):
            statement = select(Order).join(Order.tags).order_by(Order.id)
            found = session.execute(statement).unique().scalars().all()
            return [order.customer.name for order in found]
        """,
        "statement.options(selectinload(Order.customer))",
        3,
    ),
    "a statement that is refined on some ways": (
        """
        def newest(session, kind=None, size=None):
            statement = select(Order).order_by(Order.id.desc())
            if kind:
                statement = statement.where(Order.kind == kind)
            if size:
                statement = statement.limit(size)
            return session.scalars(statement).all()

        def run(session):
            return [
                [order.customer and order.customer.name for order in newest(session, *which)]
                for which in ((None,), ("rush", 5))
            ]
        """,
        "session.scalars(statement.options(selectinload(Order.customer)))",
        4,
    ),
    "the result in a variable": (
        """
        def run(session):
            result = session.execute(select(Order).order_by(Order.id))
            found = result.scalars().all()
            return [order.customer and order.customer.name for order in found]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "scalars in a variable": (
        """
        def run(session):
            result = session.scalars(select(Order).order_by(Order.id))
            return [order.customer and order.customer.name for order in result.all()]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "rows that are taken apart": (
        """
        def run(session):
            rows = session.execute(select(Order).order_by(Order.id))
            return [order.customer and order.customer.name for (order,) in rows]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "a list of scalars": (
        """
        def run(session):
            found = list(session.scalars(select(Order).order_by(Order.id)))
            return [order.customer and order.customer.name for order in found]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "one of them": (
        """
        def run(session):
            order = session.execute(select(Order).where(Order.note == "o3")).scalar_one()
            return order.customer.name
        """,
        ".options(joinedload(Order.customer))",
        1,
    ),
    "one of them, if any": (
        """
        def run(session):
            order = session.scalars(select(Order).filter_by(note="o3")).one_or_none()
            if order is None:
                return ""
            return order.customer.name
        """,
        ".options(joinedload(Order.customer))",
        1,
    ),
    "a scalar by its key": (
        """
        def find(session, order_id):
            return session.scalar(select(Order).where(Order.id == order_id))

        def run(session):
            return find(session, 3).customer.name
        """,
        ".options(joinedload(Order.customer))",
        1,
    ),
    "the first by its key": (
        """
        def run(session):
            order = session.scalars(select(Order).filter_by(id=3)).first()
            return order.customer.name
        """,
        ".options(joinedload(Order.customer))",
        1,
    ),
    "the first of a limit, and what is behind it": (
        """
        def run(session):
            order = session.scalars(select(Order).order_by(Order.id.desc()).limit(1)).first()
            return [line.product.name for line in order.lines]
        """,
        ".options(selectinload(Order.lines).selectinload(Line.product))",
        2,
    ),
    "by identity": (
        """
        def run(session):
            return session.get(Order, 3).customer.name
        """,
        "session.get(Order, 3, options=[joinedload(Order.customer)])",
        1,
    ),
    "the statement of a legacy query": (
        """
        def run(session):
            query = session.query(Order).order_by(Order.id)
            found = session.scalars(query.statement).all()
            return [order.customer and order.customer.name for order in found]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "a statement that loads the first step": (
        """
        def run(session):
            statement = select(Customer).options(selectinload(Customer.orders)).order_by(Customer.id)
            found = session.scalars(statement).all()
            return [[[tag.name for tag in o.tags] for o in c.orders] for c in found]
        """,
        "statement.options(defaultload(Customer.orders).selectinload(Order.tags))",
        6,
    ),
}


@pytest.mark.parametrize("name", PLACED)
def test_what_is_certainly_read_is_loaded_with_the_statement(name: str, make: Any) -> None:
    code, expected, saved = PLACED[name]
    conversion, fewer = make(code).compare()
    assert expected in conversion.texts["service.py"]
    assert fewer == saved


KEPT = {
    "the first of many": """
        def run(session):
            order = session.scalars(select(Order).where(Order.kind == "rush").order_by(Order.id)).first()
            return [line.product.name for line in order.lines]
        """,
    "a limit on some ways": """
        def find(session, size):
            statement = select(Order).order_by(Order.id.desc())
            if size:
                statement = statement.limit(size)
            return session.scalar(statement)

        def run(session):
            return [[line.product.name for line in find(session, n).lines] for n in (0, 1)]
        """,
    "a result that is taken by halves": """
        def run(session):
            result = session.scalars(select(Order).order_by(Order.id))
            first = result.fetchmany(2)
            return [o.customer and o.customer.name for o in [*first, *result.all()]]
        """,
    "several entities": """
        def run(session):
            statement = select(Order, Customer).join(Order.customer).order_by(Order.id)
            return [[line.id for line in order.lines] for order, _ in session.execute(statement)]
        """,
    "columns": """
        def run(session):
            return session.scalars(select(Order.note).order_by(Order.id)).all()
        """,
    "a lock": """
        def run(session):
            order = session.scalars(select(Order).where(Order.id == 2).with_for_update()).one()
            return order.customer.name
        """,
    "options of the execution": """
        def run(session):
            statement = select(Order).order_by(Order.id)
            found = session.scalars(statement, execution_options={"populate_existing": True})
            return [order.customer and order.customer.name for order in found]
        """,
    "portions": """
        def run(session):
            statement = select(Order).order_by(Order.id).execution_options(yield_per=2)
            return [order.customer and order.customer.name for order in session.scalars(statement)]
        """,
    "a statement's text": """
        def run(session):
            statement = select(Order).from_statement(text("SELECT * FROM orders ORDER BY id"))
            return [order.customer and order.customer.name for order in session.scalars(statement)]
        """,
    "another loader": """
        def run(session):
            statement = select(Order).options(raiseload(Order.tags)).order_by(Order.id)
            return [order.customer and order.customer.name for order in session.scalars(statement)]
        """,
    "an alias": """
        def run(session):
            other = aliased(Order)
            statement = select(other).order_by(other.id)
            return [order.customer and order.customer.name for order in session.scalars(statement)]
        """,
    "a write before the read": """
        def run(session):
            found = session.scalars(select(Order).order_by(Order.id)).all()
            found[3].customer_id = 1
            session.flush()
            return [order.customer and order.customer.name for order in found]
        """,
    "options by identity": """
        def run(session):
            order = session.get(Order, 3, options=[selectinload(Order.lines)])
            return len(order.lines), order.customer.name
        """,
    "statements of two classes": """
        def listed(session, statement):
            return session.scalars(statement).all()

        def run(session):
            orders = listed(session, select(Order).order_by(Order.id))
            customers = listed(session, select(Customer).order_by(Customer.id))
            return [o.customer and o.customer.name for o in orders], len(customers)
        """,
    "a set of statements": """
        def run(session):
            both = select(Order).where(Order.id < 3).union(select(Order).where(Order.id > 6))
            found = session.scalars(select(Order).from_statement(both.order_by("id"))).all()
            return [o.customer and o.customer.name for o in found]
        """,
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_not_certain_stays_lazy(name: str, make: Any) -> None:
    shop = make(KEPT[name])
    legacy, statements = shop.legacy()
    before = shop.convert("never").texts["service.py"]
    (shop.folder / "new").rename(shop.folder / "unused")
    conversion = shop.convert("static")
    assert conversion.texts["service.py"] == before
    converted, count = shop.run("new")
    assert converted == legacy
    assert count <= statements
