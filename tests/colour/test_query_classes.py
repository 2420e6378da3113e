"""What a query class or a listener changes stays in the bridge."""

from __future__ import annotations

import pytest

from migrator.codemod.convert import Conversion
from tests.colour.conftest import Analyse


def codes(made: Conversion) -> list[str]:
    return [site.reason.code for site in made.plan.sites if site.reason is not None]


LISTENER = """
from sqlalchemy import event
from sqlalchemy.orm import Query

@event.listens_for(Query, "{event}", retval=True)
def changed(query):
    return query.filter_by(name="x")

def found():
    return User.query.all()

def wiped():
    return User.query.filter(User.id == 1).delete()
"""


def test_a_listener_keeps_what_it_hears_in_the_bridge(analyse: Analyse) -> None:
    listener = LISTENER.format(event="before_compile").replace('filter_by(name="x")', "limit(3)")
    made = analyse(listener)
    assert codes(made) == ["MIG321", "MIG321"]
    assert "User.query.all()" in made.texts["app.py"]


def test_a_listener_for_deletions_is_no_matter_of_selects(analyse: Analyse) -> None:
    made = analyse(LISTENER.format(event="after_bulk_delete"))
    assert codes(made) == ["MIG321"]
    assert "(await db.session.scalars(select(User))).all()" in made.texts["app.py"]


def test_a_query_class_from_elsewhere_may_do_anything(analyse: Analyse) -> None:
    made = analyse(
        "from elsewhere import TenantQuery\n"
        "class Thing(db.Model):\n"
        "    query_class = TenantQuery\n"
        "    id = db.Column(db.Integer, primary_key=True)\n"
        "def found():\n    return Thing.query.all()\n"
        "def users():\n    return User.query.all()\n"
    )
    assert codes(made) == ["MIG321"]


def test_a_builder_that_only_refines_serves_both(analyse: Analyse) -> None:
    made = analyse(
        "def named(query):\n    return query.filter(User.name == 'x').limit(3)\n"
        "def native():\n    return named(User.query).all()\n"
        "class Thing:\n"
        "    def __len__(self):\n        return named(User.query).count()\n"
    )
    text = made.texts["app.py"]
    assert "(await db.session.scalars(named(select(User)))).all()" in text
    assert "named(User.query).count()" in text


MORE_THAN_CRITERIA = [
    "return query.limit(3)",
    "return query.join(User.orders).filter(User.id == 1)",
    "return narrowed(query)",
    "return User.query",
    "query._where_criteria = ()",
    "for one in query:\n        pass\n    return query",
]


@pytest.mark.parametrize("body", MORE_THAN_CRITERIA)
def test_a_listener_that_does_more_than_adding_criteria(analyse: Analyse, body: str) -> None:
    text = LISTENER.format(event="before_compile").replace('return query.filter_by(name="x")', body)
    # Besides whatever the listener asks itself.
    assert codes(analyse(text))[-2:] == ["MIG321", "MIG321"]


def test_a_listener_that_adds_criteria_is_asked_by_selects(analyse: Analyse) -> None:
    made = analyse(LISTENER.format(event="before_compile"))
    assert "await select_of(lambda: User.query)" in made.texts["app.py"]
