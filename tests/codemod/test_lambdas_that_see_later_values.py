"""Lambdas that are kept: their names stand for what is assigned to them by the time of the call."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

#: Each by itself: what has one lambda bridged is asked less of the others.
BODIES = {
    "a list, then a query": """
        found = [1, 2, 1]
        count = lambda: found.count(1) if isinstance(found, list) else found.count()
        first = count()
        found = Order.query
        return jsonify(first, count())
    """,
    "nothing, then a query": """
        found = []
        listed = lambda: [one for one in found]
        first = listed()
        found = Order.query
        return jsonify(first, len(listed()))
    """,
    "None, then a row": """
        found = None
        name = lambda: found.customer.name
        found = Order.query.first()
        return jsonify(name())
    """,
    "a function, then another": """
        def run():
            return 1
        asked = lambda: run()
        def run():
            return Order.query.count()
        return jsonify(asked())
    """,
    "a query, then a narrower one": """
        found = Order.query
        count = lambda: found.count()
        found = found.filter_by(amount=50)
        return jsonify(count())
    """,
    "None, then the session": """
        session = None
        count = lambda: session.query(Order).count()
        session = db.session
        return jsonify(count())
    """,
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_kept_lambda_sees_what_is_assigned_later(alike: Alike, kind: str) -> None:
    body = BODIES[kind].replace("\n    ", "\n")
    alike(f'{HEAD}\n@bp.get("/seen")\ndef seen():{body}', ["/seen"])
