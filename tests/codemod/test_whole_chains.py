"""Queries without a native form that are one expression: it runs in the bridge, the rest is native."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

HEAD = """
from flask import Blueprint, jsonify
from sqlalchemy import event
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Query
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)
heard = []

def before_update(query, context):
    if query.column_descriptions[0]["entity"] is not Order:
        return query  # another test's
    heard.append(sorted(str(key) for key in context.values))
    return query.filter(Order.amount < 50)

event.listen(Query, "before_compile_update", before_update, retval=True)
"""

#: What a view does; its last line is what it shows. The expression that runs in the bridge.
ALONE = {
    "an update that a listener changes": (
        """
        first = Order.query.order_by(Order.id).first()
        done = Order.query.filter(Order.id >= first.id).update({"number": "new"})
        db.session.commit()
        named = [o.number for o in Order.query.order_by(Order.id)]
        jsonify(done, named, heard.pop(), first.number)
        """,
        "update",
    ),
    "the same on the session, as a statement": (
        """
        first = Order.query.order_by(Order.id).first()
        db.session.query(Order).filter_by(customer_id=first.customer.id).update(
            {Order.number: "new"}, synchronize_session=False
        )
        db.session.commit()
        jsonify([o.number for o in Order.query.order_by(Order.id)], heard.pop())
        """,
        "update",
    ),
    "a join behind a union": (
        """
        ann = Customer.query.filter_by(name="ann").first()
        found = Order.query.filter(Order.amount < 20).union(Order.query.filter(Order.id > 3)).join(
            Customer, Customer.id == Order.customer_id
        ).filter(Customer.id == ann.id).all()
        jsonify(sorted(o.number for o in found), [o.customer.name for o in found])
        """,
        "all",
    ),
    "an identity on criteria, which raises": (
        """
        count = Order.query.count()
        try:
            said = Order.query.filter(Order.id > 1).get(count)
        except InvalidRequestError as error:
            said = str(error)
        jsonify(said, Customer.query.count())
        """,
        "get",
    ),
    "criteria behind a limit, which raise": (
        """
        try:
            said = Order.query.limit(2).filter(Order.id > 1).first()
        except InvalidRequestError as error:
            said = str(error)
        jsonify(said, Customer.query.count())
        """,
        "first",
    ),
    "in a loop and in a display": (
        """
        done = []
        for customer in Customer.query.order_by(Customer.id):
            done += [customer.name, Order.query.filter_by(customer_id=customer.id).update({"number": "x"})]
        db.session.commit()
        jsonify(done, len(heard), heard.clear())
        """,
        "update",
    ),
}
#: What others have of the query, or what has no end there: the function stays sync.
NOT_ALONE = {
    "a query that a variable holds": """
        mine = Order.query.filter(Order.id > 2)
        done = mine.update({"number": "new"})
        db.session.commit()
        jsonify(done, [o.number for o in mine.order_by(Order.id)], heard.pop())
        """,
    "one in its criteria": """
        few = Order.query.filter(Order.id > 2).with_entities(Order.id)
        done = Order.query.filter(Order.id.in_(few)).update({"number": "a"}, synchronize_session=False)
        db.session.commit()
        jsonify(done, few.count(), heard.pop())
        """,
    "one that a function gives": """
        done = Order.query.filter(Order.id.in_(late())).update({"number": "a"}, synchronize_session=False)
        db.session.commit()
        jsonify(done, late().count(), heard.pop())
        """,
    "one that is looped over": """
        found = []
        for order in Order.query.filter(Order.amount < 20).union(Order.query).join(Customer):
            found.append(order.number)
        jsonify(sorted(found), Customer.query.count())
        """,
}
LATE = """
def late():
    return db.session.query(Order.id).filter(Order.id > 3)
"""


def _views(body: str) -> str:
    lines = [line.removeprefix("        ") for line in body.strip("\n").splitlines()]
    text = "\n".join(f"    {line}" for line in lines if line.strip())
    shown = text.replace("    jsonify(", "    return jsonify(")
    return f'{HEAD}{LATE}\n@bp.route("/", methods=["POST"])\ndef view():\n{shown}\n'


@pytest.mark.parametrize("name", ALONE)
def test_the_expression_alone_runs_in_the_bridge(alike: Alike, name: str) -> None:
    body, method = ALONE[name]
    sides = alike(_views(body), [("POST", "/"), ("POST", "/")])
    text = sides.conversion.texts["views.py"]
    assert "async def view():" in text
    assert "await bridge(lambda:" in text
    bridged = [b for b in outcome_of(sides.conversion).bridged if b.symbol == "view"]
    assert len(bridged) in (1, 2)
    assert all(b.chain[-1].endswith(f".{method}") or "…" in b.chain[-1] for b in bridged)


@pytest.mark.parametrize("name", NOT_ALONE)
def test_what_others_have_of_it_keeps_the_function(alike: Alike, name: str) -> None:
    sides = alike(_views(NOT_ALONE[name]), [("POST", "/"), ("POST", "/")])
    assert "async def view():" not in sides.conversion.texts["views.py"]
