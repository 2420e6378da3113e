"""Loader options by evidence: recorded on the legacy code, placed, run on the async driver.

Each function is recorded over real rows, converted with and without that trace, and all three give
the same. Where an option would be unsound nothing is placed, and the reason is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.codemod.lazy_shop import Shop, importable
from tests.codemod.test_pages import PAGES, blocks


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Any]:
    with importable(tmp_path):
        yield lambda code: Shop(tmp_path, code)


PLACED = {
    "collections": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [[line.price for line in order.lines] for order in found]
        """,
        "select(Order).order_by(Order.id).options(selectinload(Order.lines))",
    ),
    "the result of a loop over the query": (
        """
        def run(session):
            return [[t.name for t in o.tags] for o in session.query(Order).order_by(Order.id)]
        """,
        ".options(selectinload(Order.tags))",
    ),
    "one branch behind another": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [[line.product.name for line in order.lines] for order in found]
        """,
        ".options(selectinload(Order.lines).selectinload(Line.product))",
    ),
    "single rows join what they lead to": (
        """
        def run(session):
            order = session.query(Order).get(2)
            return order.customer.name
        """,
        "session.get(Order, 2, options=[joinedload(Order.customer)])",
    ),
    "a query that is refined on some ways": (
        """
        def find(session, note):
            query = session.query(Order)
            if note:
                query = query.filter(Order.note == note)
            return [(o.customer.name if o.customer else "") for o in query.order_by(Order.id)]

        def run(session):
            return find(session, ""), find(session, "o3")
        """,
        "query.order_by(Order.id).options(selectinload(Order.customer))",
    ),
    "what the query loads already is led on": (
        """
        def run(session):
            found = session.query(Order).options(joinedload(Order.lines)).order_by(Order.id).all()
            return [[line.product.name for line in order.lines] for order in found]
        """,
        ".options(defaultload(Order.lines).selectinload(Line.product))",
    ),
    "queries of several classes at one place": (
        """
        def listed(session, query):
            return query.all()

        def run(session):
            orders = listed(session, session.query(Order).order_by(Order.id))
            products = listed(session, session.query(Product).order_by(Product.id))
            tags = listed(session, session.query(Tag).order_by(Tag.id))
            return [[len(o.lines) for o in orders], [len(p.parts) for p in products], len(tags)]
        """,
        "options_for(query, {Order: [selectinload(Order.lines)], Product: [selectinload(Product.parts)]})",
    ),
    "limits and slices": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id.desc())[:5]
            return [len(o.lines) for o in found]
        """,
        ".options(selectinload(Order.lines)).slice(None, 5)",
    ),
    "a self-referential collection": (
        """
        def run(session):
            found = session.query(Product).order_by(Product.id).all()
            return [[p.name for p in product.parts] for product in found]
        """,
        ".options(selectinload(Product.parts))",
    ),
    "a base's relationship, by its subclass": (
        """
        def run(session):
            found = session.query(Rush).order_by(Rush.id).all()
            return [(len(r.lines), r.courier.name) for r in found]
        """,
        ".options(selectinload(Rush.lines)",
    ),
    "deferred columns": (
        """
        def run(session):
            return [product.text for product in session.query(Product).order_by(Product.id)]
        """,
        "select(Product).order_by(Product.id).options(undefer(Product.text))",
    ),
    "deferred columns of a group, further on": (
        """
        def run(session):
            found = session.query(Line).order_by(Line.id).all()
            return [line.product.size + line.product.weight for line in found]
        """,
        ".options("
        "selectinload(Line.product).undefer(Product.size), "
        "selectinload(Line.product).undefer(Product.weight))",
    ),
    "2.0-style statements": (
        """
        def run(session):
            statement = select(Order).order_by(Order.id)
            found = session.execute(statement).scalars().all()
            return [[line.price for line in order.lines] for order in found]
        """,
        "session.execute(statement.options(selectinload(Order.lines)))",
    ),
    "2.0-style rows": (
        """
        def run(session):
            rows = session.execute(select(Order).order_by(Order.id)).all()
            return [[line.price for line in row.Order.lines] for row in rows]
        """,
        "select(Order).order_by(Order.id).options(selectinload(Order.lines))",
    ),
    "2.0-style scalars in a loop": (
        """
        def run(session):
            lengths = []
            for order in session.scalars(select(Order).order_by(Order.id)):
                lengths.append(len(order.lines) if order.note != "o3" else 0)
            return lengths
        """,
        "select(Order).order_by(Order.id).options(selectinload(Order.lines))",
    ),
    "2.0-style statements of several classes": (
        """
        def listed(session, statement):
            return session.scalars(statement).all()

        def run(session):
            orders = listed(session, select(Order).order_by(Order.id))
            return [len(order.lines) for order in orders]
        """,
        "session.scalars(statement.options(selectinload(Order.lines)))",
    ),
    "the second entity of a row, beside something shorter": (
        """
        def run(session):
            rows = session.query(Order.note, Line).join(Line.order).order_by(Line.id).all()
            return [(line.product.name, note, i) for (note, line), i in zip(rows, range(9))]
        """,
        "select(Order.note, Line).join(Line.order).order_by(Line.id).options(selectinload(Line.product))",
    ),
    "both entities of a row": (
        """
        def run(session):
            rows = session.query(Order, Line).join(Line.order).order_by(Line.id).all()
            return dict((line.product.name, len(order.tags)) for order, line in rows)
        """,
        ".options(selectinload(Line.product), selectinload(Order.tags))",
    ),
    "a dict of rows": (
        """
        def run(session):
            found = dict(session.query(Order.id, Order).order_by(Order.id).all())
            return [len(order.lines) for order in found.values()]
        """,
        "select(Order.id, Order).order_by(Order.id).options(selectinload(Order.lines))",
    ),
    "2.0-style rows of several things": (
        """
        def run(session):
            statement = select(Order, Order.id).order_by(Order.id)
            return [len(order.lines) for order, _ in session.execute(statement)]
        """,
        "session.execute(statement.options(selectinload(Order.lines)))",
    ),
    "other classes are written": (
        """
        def run(session):
            session.add(Tag(name="new"))
            session.flush()
            return [len(o.lines) for o in session.query(Order).order_by(Order.id).all()]
        """,
        ".options(selectinload(Order.lines))",
    ),
}


@pytest.mark.parametrize("name", PLACED)
def test_an_option_is_placed_and_saves_statements(name: str, make: Any) -> None:
    code, expected = PLACED[name]
    shop = make(code)
    legacy = shop.record()
    conversion = shop.convert()
    assert expected in conversion.texts["service.py"], conversion.findings
    with_options, fewer = shop.run("new")
    without, more = shop.without_options()
    assert legacy == with_options == without
    assert fewer < more


KEPT = {
    "written in between": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            session.add(Line(order_id=found[0].id, price=9))
            return [sorted(line.price for line in order.lines) for order in found]
        """,
        "Line may be written in between",
    ),
    "written by a function that is called": (
        """
        def touch(order):
            order.note = "seen"

        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            for order in found:
                touch(order)
            return [len(order.lines) for order in found]
        """,
        "Order may be written in between",
    ),
    "written by whoever calls": (
        """
        def orders(session):
            return session.query(Order).order_by(Order.id).all()

        def run(session):
            found = orders(session)
            session.query(Line).delete()
            return [len(order.lines) for order in found]
        """,
        "Line may be written in between",
    ),
    "written with SQL": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            session.execute(text("DELETE FROM line WHERE order_id > 3"))
            return [len(order.lines) for order in found]
        """,
        "text() in run may write anything",
    ),
    "an attribute of any name": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            for name in ["note"]:
                for order in list(found):
                    setattr(order, name, "seen")
            return [len(order.lines) for order in found]
        """,
        "may be written in between",
    ),
    "objects leave for code that is not here": (
        """
        def orders(session):
            found = session.query(Order).order_by(Order.id).all()
            [o.lines for o in found]
            return found

        def run(session):
            return len([o.id for o in session.query(Order).order_by(Order.id).all()])

        def entry(session):
            return orders(session)
        """,
        "",
    ),
    "a dynamic relationship": (
        """
        def run(session):
            found = session.query(Customer).order_by(Customer.id).all()
            return [customer.recent.count() for customer in found]
        """,
        'it is lazy="dynamic"',
    ),
    "a condition of its own": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [len(order.cheap) for order in found]
        """,
        "it has a condition of its own",
    ),
    "an order that is the database's": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [sorted(tag.name for tag in order.labels) for order in found]
        """,
        "its order is the database's",
    ),
    "a subclass's relationship": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [o.courier.name for o in found if isinstance(o, Rush)]
        """,
        "courier is no relationship of Order",
    ),
    "raiseload": (
        """
        def run(session):
            found = session.query(Order).options(raiseload(Order.tags)).order_by(Order.id).all()
            return [len(order.lines) for order in found]
        """,
        "the query yields parts of its objects",
    ),
    "columns that nobody knows": (
        """
        def listed(session, columns):
            return session.query(Order, *columns).order_by(Order.id).all()

        def run(session):
            return [len(order.lines) for order, _ in listed(session, [Order.id])]
        """,
        "several queries run here",
    ),
    "the first of all that come": (
        """
        def run(session):
            found = session.scalars(select(Order).order_by(Order.id.desc())).first()
            return [line.product.name for line in found.lines]
        """,
        "it takes the first of all that come",
    ),
    "an alias": (
        """
        def run(session):
            other = aliased(Order)
            return [len(order.lines) for order in session.query(other).order_by(other.id).all()]
        """,
        "the query is over an alias",
    ),
    "a lock": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).with_for_update().all()
            return [len(order.lines) for order in found]
        """,
        "the query uses with_for_update",
    ),
    "code that could see the difference": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [(len(order.lines), "tags" in order.__dict__) for order in found]
        """,
        "run uses __dict__",
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_could_change_a_result_stays_lazy(name: str, make: Any) -> None:
    code, reason = KEPT[name]
    shop = make(code)
    legacy = shop.record()
    conversion = shop.convert()
    assert "load(" not in conversion.texts["service.py"].partition("def ")[2].replace(
        "raiseload(", ""
    )
    assert reason in " ".join(f.message for f in conversion.findings if f.code == "MIG602")
    assert shop.run("new")[0] == legacy


def test_a_single_load_asks_for_nothing(make: Any) -> None:
    shop = make(
        """
        def run(session):
            return len(session.query(Order).get(3).lines)
        """
    )
    shop.record()
    conversion = shop.convert()
    assert "load" not in conversion.texts["service.py"].partition("def ")[2]
    assert conversion.findings == []


def test_deferred_columns_that_are_written_stay_deferred(make: Any) -> None:
    shop = make(
        """
        def run(session):
            found = session.query(Product).order_by(Product.id).all()
            session.query(Product).update({"text": "new"}, synchronize_session=False)
            return [product.text for product in found]
        """
    )
    legacy = shop.record()
    assert "undefer" not in shop.convert().texts["service.py"]
    assert shop.run("new")[0] == legacy == ["new"] * 5


def test_stale_evidence_is_reported_and_left_out(make: Any) -> None:
    shop = make(PLACED["collections"][0])
    shop.record()
    service = shop.folder / "old" / "service.py"
    service.write_text("# a line more\n" + service.read_text())
    conversion = shop.convert()
    assert "selectinload" not in conversion.texts["service.py"].partition("def ")[2]
    [finding] = [f for f in conversion.findings if f.code == "MIG601"]
    assert (finding.path, finding.severity) == ("service.py", "info")
    assert "has changed since" in finding.message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (before, after)
        for (kind, before), (_, after) in zip(
            blocks(PAGES / "load_options.md"), blocks(PAGES / "load_options.md")[1:], strict=False
        )
        if kind == "traced"
    ],
)
def test_the_page_shows_what_is_placed(before: str, after: str, make: Any) -> None:
    shop = make(before)
    shop.record()
    assert after.strip() in shop.convert().texts["service.py"]
