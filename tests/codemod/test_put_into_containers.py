"""Lambdas and generator expressions that are put into a container, to be called or taken elsewhere."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

#: Each by itself: what has one lambda bridged is asked less of the others.
BODIES = {
    "list": """
        found = []
        found.append(lambda: Order.query.count())
        found.insert(0, lambda: 3)
        return jsonify([f() for f in found])
    """,
    "deque": """
        found = deque()
        found.appendleft(lambda: Order.query.first().customer.name)
        return jsonify([f() for f in found])
    """,
    "set": """
        found = set()
        found.add(lambda: Order.query.count())
        return jsonify(found.pop()())
    """,
    "setdefault": """
        found = {}
        found.setdefault("a", lambda: Order.query.count())
        return jsonify(found["a"]())
    """,
    "update": """
        found = {}
        found.update(b=lambda: Order.query.first().customer.name)
        return jsonify({key: f() for key, f in found.items()})
    """,
    "loop": """
        found = []
        for model in (Order, Customer):
            found.append(lambda: model.query.count())
        return jsonify([f() for f in found])
    """,
    "generator": """
        found = []
        found.append(o.customer.name for o in Order.query.order_by(Order.id).all())
        return jsonify(list(found[0]))
    """,
    "generators by key": """
        found = {}
        rows = Order.query.order_by(Order.id).all()
        found.setdefault("a", (o.customer.name for o in rows))
        found.update((o.number, o.customer.name) for o in rows)
        return jsonify(list(found.pop("a")), found)
    """,
}


@pytest.mark.parametrize("kind", BODIES)
def test_what_a_container_keeps_runs_where_it_is_called(alike: Alike, kind: str) -> None:
    head = f"from collections import deque\n{HEAD}"
    body = BODIES[kind].replace("\n    ", "\n")
    alike(f'{head}\n@bp.get("/kept")\ndef kept():{body}', ["/kept"])


GIVEN = (
    HEAD
    + """
def steps():
    found = []
    found.append(lambda: Order.query.count())
    return found

@bp.get("/given")
def given():
    return jsonify([f() for f in steps()])
"""
)


def test_so_it_does_where_a_function_gives_it(alike: Alike) -> None:
    pair = alike(GIVEN, ["/given"])
    assert "await call(f) for f in await bridge(steps)" in pair.conversion.texts["views.py"]
