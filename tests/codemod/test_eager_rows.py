"""Loader options at queries of several entities, or of entities and columns.

As for the objects of one class: the same result on the sync driver and converted on the async one,
on both systems, and no statement more.
"""

from __future__ import annotations

import textwrap
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
    "a group's count beside its object": (
        """
        def run(session):
            rows = (
                session.query(Order, func.count(Line.id).label("size"))
                .outerjoin(Line, Line.order_id == Order.id)
                .group_by(Order.id)
                .order_by(Order.id)
                .all()
            )
            return [(order.customer and order.customer.name, size) for order, size in rows]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "a count without a label, in a loop over the query": (
        """
        def run(session):
            found = []
            query = session.query(Order, func.count(Line.id)).outerjoin(Order.lines)
            for order, size in query.group_by(Order.id).having(func.count(Line.id) > 0).order_by(Order.id):
                found.append((order.customer.name, size))
            return found
        """,
        ".options(selectinload(Order.customer))",
        2,
    ),
    "rows by name": (
        """
        def run(session):
            rows = session.query(Order, Line.price).join(Line.order).order_by(Line.id).all()
            return [(row.Order.customer.name, row.price) for row in rows]
        """,
        ".options(selectinload(Order.customer))",
        2,
    ),
    "rows by number": (
        """
        def run(session):
            rows = session.query(Line.price, Line).order_by(Line.id).all()
            return [(row[0], row[1].product.name, row[-1].order.note) for row in rows]
        """,
        ".options(selectinload(Line.order), selectinload(Line.product))",
        9,
    ),
    "both entities of a row": (
        """
        def run(session):
            rows = session.query(Customer, Line).join(Customer.orders).join(Order.lines).order_by(Line.id)
            result = []
            for customer, line in rows.all():
                result.append(([o.note for o in customer.orders], line.product.name))
            return result
        """,
        ".options(selectinload(Customer.orders), selectinload(Line.product))",
        6,
    ),
    "an entity that may be missing in a row": (
        """
        def run(session):
            rows = session.query(Tag.name, Customer).outerjoin(Customer, Customer.id == Tag.id + 2)
            result = []
            for name, customer in rows.order_by(Tag.id).all():
                if customer is None:
                    result.append((name, None))
                    continue
                result.append((name, [order.note for order in customer.orders]))
            return result
        """,
        ".options(selectinload(Customer.orders))",
        1,
    ),
    "a function that gets the rows": (
        """
        def shown(rows):
            return [{"customer": o.customer and o.customer.name, "n": n} for o, n in rows]

        def run(session):
            return shown(session.query(Order, Order.id + 1).order_by(Order.id).all())
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "a function that gets each object of the rows": (
        """
        def shown(order):
            return order.customer and order.customer.name

        def run(session):
            rows = session.query(Order, Order.id + 1).order_by(Order.id).all()
            return [(shown(row.Order), row[1]) for row in rows]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "rows that a function returns": (
        """
        def counted(session):
            return session.query(Order, func.count(Line.id)).outerjoin(Order.lines).group_by(Order.id).order_by(Order.id).all()

        def run(session):
            return [(o.customer and o.customer.name, n) for o, n in counted(session)]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "the objects are taken out of the rows first": (
        """
        def run(session):
            rows = session.query(Order, Order.id + 1).order_by(Order.id).all()
            orders = [row.Order for row in rows]
            return [(order.customer and order.customer.name) for order in orders]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "rows that are sorted and numbered": (
        """
        def run(session):
            rows = session.query(Line, Line.price).all()
            found = sorted(rows, key=lambda row: (row.Line.product.name, row.Line.id))
            return [(i, line.id, price) for i, (line, price) in enumerate(found)]
        """,
        ".options(selectinload(Line.product))",
        4,
    ),
    "numbered rows": (
        """
        def run(session):
            rows = session.query(Line, Line.price).order_by(Line.id).all()
            return [(i, line.product.name, price) for i, (line, price) in enumerate(rows)]
        """,
        ".options(selectinload(Line.product))",
        4,
    ),
    "behind a relationship": (
        """
        def run(session):
            rows = session.query(Line.price, Line).order_by(Line.id).all()
            return [(price, line.order.customer.name) for price, line in rows]
        """,
        ".options(selectinload(Line.order).selectinload(Order.customer))",
        7,
    ),
    "with_entities": (
        """
        def run(session):
            query = session.query(Order).filter(Order.id > 1).order_by(Order.id)
            return [(o.customer.name, n) for o, n in query.with_entities(Order, Order.id * 2)]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "add_columns": (
        """
        def run(session):
            query = session.query(Order).order_by(Order.id).add_columns(Order.id * 2)
            return [(o.customer and o.customer.name, n) for o, n in query.all()]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "distinct and limited rows": (
        """
        def run(session):
            rows = (
                session.query(Order, Customer.name)
                .join(Order.customer)
                .distinct()
                .order_by(Order.id)
                .limit(5)
                .all()
            )
            return [[t.name for t in order.tags] + [name] for order, name in rows]
        """,
        ".options(selectinload(Order.tags))",
        4,
    ),
    "rows that come several times": (
        """
        def run(session):
            rows = session.query(Order, Tag.id > 0).join(Order.tags).order_by(Order.id).all()
            return [(order.customer.name, n) for order, n in rows]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "a slice": (
        """
        def run(session):
            rows = session.query(Order, Order.id * 2).order_by(Order.id.desc())[:3]
            return [(order.customer.name, n) for order, n in rows]
        """,
        ".options(selectinload(Order.customer))",
        2,
    ),
    "a row of one joins what its object leads to": (
        """
        def run(session):
            row = session.query(Order, Order.id * 2).filter(Order.id == 3).one()
            return row.Order.customer.name, row[1]
        """,
        ".options(joinedload(Order.customer))",
        1,
    ),
    "2.0-style rows": (
        """
        def run(session):
            statement = select(Order, func.count(Line.id).label("size")).outerjoin(Order.lines)
            statement = statement.group_by(Order.id).order_by(Order.id)
            return [(r.Order.customer and r.Order.customer.name, r.size) for r in session.execute(statement)]
        """,
        "statement.options(selectinload(Order.customer))",
        3,
    ),
    "2.0-style rows in a variable": (
        """
        def run(session):
            result = session.execute(select(Order, Order.id * 2).order_by(Order.id))
            return [(o.customer and o.customer.name, n) for o, n in result.all()]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "2.0-style rows of one": (
        """
        def run(session):
            rows = session.execute(select(Order).order_by(Order.id)).all()
            return [row.Order.customer and row[0].customer.name for row in rows]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "2.0-style mappings": (
        """
        def run(session):
            statement = select(Order, Order.id * 2).order_by(Order.id)
            rows = session.execute(statement).mappings().all()
            return [row["Order"].customer and row["Order"].customer.name for row in rows]
        """,
        "statement.options(selectinload(Order.customer))",
        3,
    ),
    "the first of each row": (
        """
        def run(session):
            statement = select(Order, Order.id * 2).order_by(Order.id)
            return [o.customer and o.customer.name for o in session.scalars(statement)]
        """,
        "statement.options(selectinload(Order.customer))",
        3,
    ),
    "columns that are added to a statement": (
        """
        def run(session):
            statement = select(Order).add_columns(Order.id * 2).order_by(Order.id)
            return [o.customer and o.customer.name for o, _ in session.execute(statement)]
        """,
        "statement.options(selectinload(Order.customer))",
        3,
    ),
    "a class beside its alias": (
        """
        def run(session):
            other = aliased(Order)
            rows = session.query(Order, other.note).join(other, other.id == Order.id + 1)
            rows = rows.order_by(Order.id)
            return [(a.customer and a.customer.name, note) for a, note in rows]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "a join by the key of what is read": (
        """
        def run(session):
            found = session.query(Order).join(Customer, Order.customer_id == Customer.id)
            found = found.filter(Customer.name > "n0").order_by(Order.id).all()
            return [order.customer.name for order in found]
        """,
        ".options(selectinload(Order.customer))",
        2,
    ),
}


@pytest.mark.parametrize("name", PLACED)
def test_an_option_is_placed_and_saves_statements(name: str, make: Any) -> None:
    code, expected, saved = PLACED[name]
    conversion, fewer = make(code).compare()
    assert expected in conversion.texts["service.py"]
    messages = [f.message for f in conversion.findings]
    assert {f.code for f in conversion.findings} == {"MIG603"}
    assert len(messages) == len(set(messages))
    assert fewer == saved


@pytest.mark.parametrize("name", PLACED)
def test_a_trace_asks_for_the_same(name: str, make: Any) -> None:
    code, expected, _ = PLACED[name]
    shop = make(code)
    legacy = shop.record()
    service = shop.convert("trace").texts["service.py"]
    assert expected in service
    assert shop.run("new")[0] == legacy


KEPT = {
    "what comes in the same row": """
        def run(session):
            rows = session.query(Order, Customer).join(Order.customer).order_by(Order.id).all()
            return [(order.customer.name, customer.name) for order, customer in rows]
        """,
    "something shorter beside the rows": """
        def run(session):
            rows = session.query(Order, Order.id * 2).order_by(Order.id.desc()).all()
            return [(row.Order.customer.name, n) for row, n in zip(rows, range(2))]
        """,
    "some of the rows": """
        def run(session):
            rows = session.query(Order, Order.id * 2).order_by(Order.id).all()
            return [(order.customer.name if n > 8 else "") for order, n in rows]
        """,
    "rows behind a condition": """
        def run(session):
            rows = session.query(Order, Order.id * 2).order_by(Order.id).all()
            orders = [order for order, n in rows if n > 8]
            return [order.customer.name for order in orders]
        """,
    "another item of the rows": """
        def run(session):
            rows = session.query(Order, Line).join(Line, Line.order_id == Order.id).order_by(Line.id)
            return [(row[0].note, row[1].price) for row in rows]
        """,
    "an alias of the same class": """
        def run(session):
            other = aliased(Order)
            rows = session.query(Order, other).join(other, other.id == Order.id + 1).order_by(Order.id)
            return [(a.note, b.customer.name) for a, b in rows]
        """,
    "a class that comes twice": """
        def run(session):
            rows = session.query(Order, Order).order_by(Order.id)
            return [(a.customer and a.customer.name, b.note) for a, b in rows]
        """,
    "an error amid rows where an entity is missing": """
        def names(session):
            rows = session.query(Tag.name, Customer).outerjoin(Customer, Customer.id == Tag.id + 2)
            found = []
            for name, customer in rows.order_by(Tag.id).all():
                if customer is None:
                    raise LookupError(name)
                found.append(len(customer.orders))
            return found

        def run(session):
            try:
                return names(session)
            except LookupError as error:
                order = session.query(Order).filter(Order.note == "o3").one()
                order.customer_id = 4
                session.flush()
                return str(error), [len(c.orders) for c in session.query(Customer).order_by(Customer.id)]
        """,
    "a write amid the rows": """
        def run(session):
            names = []
            for order, n in session.query(Order, Order.id * 2).order_by(Order.id).all():
                names.append(order.customer and order.customer.name)
                order.customer_id = 1
            return names
        """,
    "a single row that joins nothing in a group": """
        def run(session):
            query = session.query(Order, func.count(Line.id)).join(Order.lines).filter(Order.id == 4)
            order, size = query.group_by(Order.id).one()
            return order.customer.name, size
        """,
    "a single distinct row": """
        def run(session):
            query = session.query(Order, Line.order_id).join(Order.lines).filter(Order.id == 4)
            order, size = query.distinct().one()
            return order.customer.name, size
        """,
    "the first row": """
        def run(session):
            row = session.query(Order, Order.id * 2).order_by(Order.id.desc()).first()
            return row.Order.customer.name, row[1]
        """,
    "a lock": """
        def run(session):
            rows = session.query(Order, Order.id * 2).order_by(Order.id).with_for_update().all()
            return [order.customer and order.customer.name for order, _ in rows]
        """,
    "rows in portions": """
        def run(session):
            rows = session.query(Order, Order.id * 2).order_by(Order.id).yield_per(2)
            return [order.customer and order.customer.name for order, _ in rows]
        """,
    "what is there already": """
        def run(session):
            query = session.query(Order, Order.id * 2).options(joinedload(Order.customer))
            return [order.customer and order.customer.name for order, _ in query.order_by(Order.id)]
        """,
    "an option that may be for the second entity": """
        def run(session):
            query = session.query(Line.price, Order).join(Line.order).options(joinedload(Order.customer))
            return [order.customer.name for _, order in query.order_by(Line.id)]
        """,
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_not_certain_stays_lazy(name: str, make: Any) -> None:
    code = textwrap.dedent(KEPT[name])
    conversion, fewer = make(code).compare()
    service = conversion.texts["service.py"]
    assert service.count("load(") == code.count("load(")
    assert not conversion.findings
    assert fewer >= 0
