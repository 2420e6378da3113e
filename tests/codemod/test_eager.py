"""Loader options by the code alone: placed where every object's read is certain, and only there.

Each function runs as it was on the sync driver and converted on the async one, on both systems: the
same result, and no statement more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.codemod.lazy_shop import Shop, importable
from tests.listeners import without_the_sample_applications_listener


@pytest.fixture
def make(tmp_path: Path, database_url: str) -> Iterator[Any]:
    with importable(tmp_path):
        yield lambda code: Shop(tmp_path, code, database_url)


#: What is placed, and how many statements of the legacy code's it saves.
PLACED = {
    "a loop over the query": (
        """
        def run(session):
            names = []
            for order in session.query(Order).order_by(Order.id):
                if order.customer is not None:
                    names.append(order.customer.name)
            return names
        """,
        "select(Order).order_by(Order.id).options(selectinload(Order.customer))",
        3,
    ),
    "a collection that has an order": (
        """
        def run(session):
            customers = session.query(Customer).order_by(Customer.id).all()
            return [[order.note for order in customer.orders] for customer in customers]
        """,
        ".options(selectinload(Customer.orders))",
        3,
    ),
    "behind a collection": (
        """
        def run(session):
            found = session.query(Customer).order_by(Customer.id).all()
            return [[[tag.name for tag in o.tags] for o in c.orders] for c in found]
        """,
        ".options(selectinload(Customer.orders).selectinload(Order.tags))",
        9,
    ),
    "a single object joins what it leads to": (
        """
        def run(session):
            order = session.query(Order).get(2)
            return order.customer.name
        """,
        "session.get(Order, 2, options=[joinedload(Order.customer)])",
        1,
    ),
    "behind a single object's collection, whatever its order": (
        """
        def run(session):
            order = session.query(Order).filter(Order.id == 4).one()
            return [line.product.name for line in order.lines]
        """,
        ".options(selectinload(Order.lines).selectinload(Line.product))",
        2,
    ),
    "a function that gets each object": (
        """
        def shown(order):
            customer = order.customer
            return {"note": order.note, "customer": customer and customer.name}

        def run(session):
            return [shown(order) for order in session.query(Order).order_by(Order.id).all()]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "a function that gets them all": (
        """
        def shown(orders):
            return [o.customer.name if o.customer else "" for o in orders]

        def run(session):
            return shown(session.query(Order).order_by(Order.id).all())
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "callers of a function that returns them": (
        """
        def newest(session):
            return session.query(Order).order_by(Order.id.desc()).limit(6).all()

        def names(session):
            return [o.customer.name for o in newest(session)]

        def run(session):
            count = len(names(session))
            session.expunge_all()
            for order in newest(session):
                count += len(order.customer.name)
            return count
        """,
        ".limit(6).options(selectinload(Order.customer))",
        6,
    ),
    "ways that part and meet": (
        """
        def run(session):
            result = []
            for order in session.query(Order).order_by(Order.id):
                if order.note == "o3":
                    result.append(order.customer)
                    continue
                result.append(order.customer and order.customer.name)
            return [getattr(each, "name", each) for each in result]
        """,
        ".options(selectinload(Order.customer))",
        3,
    ),
    "nothing found": (
        """
        def find(session, note):
            order = session.query(Order).filter(Order.note == note).one_or_none()
            if order is None:
                return "none"
            return order.customer.name

        def run(session):
            return find(session, "o3"), find(session, "nowhere")
        """,
        ".options(joinedload(Order.customer))",
        1,
    ),
    "an error of the function's own": (
        """
        def find(session, note):
            order = session.query(Order).filter(Order.note == note).one()
            if order.kind == "rush":
                raise ValueError(note)
            return order.customer.name

        def run(session):
            try:
                return find(session, "o1"), find(session, "o3")
            except ValueError as error:
                return str(error)
        """,
        ".options(joinedload(Order.customer))",
        1,
    ),
    "sorted by what is loaded": (
        """
        def run(session):
            found = session.query(Line).order_by(Line.id).all()
            return [line.id for line in sorted(found, key=lambda line: line.product.name)]
        """,
        ".options(selectinload(Line.product))",
        4,
    ),
    "written only before": (
        """
        def run(session):
            session.query(Order).get(2).note = "changed"
            session.add(Tag(name="new"))
            found = session.query(Order).order_by(Order.id).all()
            return [(o.note, o.customer and o.customer.name) for o in found]
        """,
        ".order_by(Order.id).options(selectinload(Order.customer))",
        3,
    ),
    "written only afterwards": (
        """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            names = [order.customer and order.customer.name for order in found]
            for order in found:
                order.note = "seen"
            session.commit()
            return names, [order.customer and order.customer.name for order in found]
        """,
        ".options(selectinload(Order.customer))",
        4,
    ),
    "properties": (
        """
        def run(session):
            return [line.label for line in session.query(Line).order_by(Line.id)]
        """,
        ".options(selectinload(Line.product))",
        4,
    ),
}


@pytest.mark.parametrize("name", PLACED)
def test_what_is_certainly_read_is_loaded_with_the_query(name: str, make: Any) -> None:
    code, expected, saved = PLACED[name]
    conversion, fewer = make(code).compare()
    assert expected in conversion.texts["service.py"]
    assert fewer == saved


KEPT = {
    "objects that are expired, behind which something is written": """
        def run(session):
            customers = session.query(Customer).order_by(Customer.id).all()
            notes = [[o.note for o in c.orders] for c in customers]
            session.commit()
            # It is read anew: its orders would come along.
            name = customers[0].name
            session.add(Order(note="new", customer_id=customers[0].id))
            session.flush()
            return notes, name, [o.note for o in customers[0].orders]
        """,
    "objects that a caller expires": """
        def noted(session):
            customers = session.query(Customer).order_by(Customer.id).all()
            return customers, [[o.note for o in c.orders] for c in customers]

        def run(session):
            customers, notes = noted(session)
            session.expire_all()
            name = customers[0].name
            session.add(Order(note="new", customer_id=customers[0].id))
            session.flush()
            return notes, name, [o.note for o in customers[0].orders]
        """,
    "a read on some ways only": """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [o.customer.name if o.note == "o3" else "" for o in found]
        """,
    "a loop that may end early": """
        def run(session):
            for order in session.query(Order).order_by(Order.id):
                if order.customer is not None:
                    return order.customer.name
        """,
    "a way that leaves before": """
        def find(session, note):
            order = session.query(Order).filter(Order.note == note).one()
            if order.kind == "rush":
                return note
            return order.customer.name

        def run(session):
            return find(session, "o3"), find(session, "o4")
        """,
    "any() may stop": """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return any(o.customer is not None and o.customer.name == "n1" for o in found)
        """,
    "some of the objects": """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [o.customer.name for o in found if o.note == "o3"]
        """,
    "a collection in the database's order": """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            return [[line.id for line in order.lines] for order in found]
        """,
    "a flush that the load would have caused": """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            tag = Tag(name="new")
            session.add(tag)
            names = [o.customer and o.customer.name for o in found]
            return names, tag.id is None
        """,
    "an object that is added by a function": """
        def keep(session, thing):
            session.add(thing)

        def run(session, tag=None):
            tag = Tag(name="new")
            order = session.query(Order).get(2)
            keep(session, tag)
            return order.customer.name, tag.id is None
        """,
    "a commit in between": """
        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            session.commit()
            return [o.customer and o.customer.name for o in found]
        """,
    "objects that leave their session": """
        def run(session):
            order = session.query(Order).get(2)
            session.expunge(order)
            try:
                return order.customer.name
            except Exception as error:
                return type(error).__name__
        """,
    "a write amid the objects": """
        def run(session):
            names = []
            for order in session.query(Order).order_by(Order.id).all():
                names.append(order.customer and order.customer.name)
                order.customer_id = 1
            return names
        """,
    "the objects of one": """
        def run(session):
            customer = session.query(Customer).get(2)
            found = session.query(Order).filter_by(customer_id=customer.id).order_by(Order.id)
            return [order.customer.name for order in found]
        """,
    "back to where they came from": """
        def run(session):
            customer = session.query(Customer).filter(Customer.id == 2).one()
            return [order.customer.name for order in customer.orders]
        """,
    "a lock": """
        def run(session):
            order = session.query(Order).filter(Order.id == 2).with_for_update().one()
            return order.customer.name
        """,
    "a dynamic relationship": """
        def run(session):
            found = session.query(Customer).order_by(Customer.id).all()
            return [customer.recent.count() for customer in found]
        """,
    "a caller that nobody sees": """
        def newest(session):
            return session.query(Order).order_by(Order.id).all()

        HOOKS = [newest]

        def run(session):
            return [o.customer and o.customer.name for o in HOOKS[0](session)]
        """,
    "one of two callers": """
        def newest(session):
            return session.query(Order).order_by(Order.id).all()

        def count(session):
            return len(newest(session))

        def run(session):
            return count(session), [o.customer and o.customer.name for o in newest(session)]
        """,
    "a handler amid the reads": """
        def run(session):
            names = []
            try:
                for order in session.query(Order).order_by(Order.id):
                    names.append(order.customer.name)
            except AttributeError:
                names.append("nobody")
            for order in session.query(Order).order_by(Order.id).all():
                order.customer_id = 1
            return names
        """,
    "objects that somebody else gets first": """
        import json

        def run(session):
            found = session.query(Order).order_by(Order.id).all()
            size = len(json.dumps([found[0]], default=str)) and json.dumps(found, default=str)
            return bool(size), [o.customer and o.customer.name for o in found]
        """,
    "an error that is caught, behind which something is written": """
        def find(session, note):
            order = session.query(Order).filter(Order.note == note).one()
            if order.kind == "rush":
                raise ValueError(note)
            return order.customer.name

        def run(session):
            order = session.query(Order).filter(Order.note == "o3").one()
            try:
                find(session, "o3")
            except ValueError:
                order.customer_id = 1
                return order.customer.name
        """,
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_not_certain_stays_lazy(name: str, make: Any) -> None:
    conversion, fewer = make(KEPT[name]).compare()
    assert "load(" not in conversion.texts["service.py"].partition("def ")[2]
    assert fewer >= 0


def test_an_object_whose_row_is_gone_is_still_one(tmp_path: Path) -> None:
    code = """
    def run(session):
        customer = session.get(Customer, 2)
        session.query(Customer).filter(Customer.id == 2).delete(synchronize_session=False)
        orders = session.query(Order).order_by(Order.id)
        return customer.name, [order.customer and order.customer.name for order in orders]
    """
    with importable(tmp_path), without_the_sample_applications_listener():
        # No server would let the row go.
        conversion, _ = Shop(tmp_path, code).compare()
        assert "load(" not in conversion.texts["service.py"].partition("def ")[2]


@pytest.mark.parametrize("eager", ["never", "trace"])
def test_nothing_is_placed_where_nobody_asks_for_it(eager: Any, make: Any) -> None:
    conversion = make(PLACED["a loop over the query"][0]).convert(eager)
    assert "load(" not in conversion.texts["service.py"].partition("def ")[2]
