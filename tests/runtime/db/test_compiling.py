"""Selects that stand for queries which before_compile listeners hear of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Mapped, Query, Session, mapped_column

from migrator.runtime.db.errors import Unsupported
from migrator.runtime.db.selects import as_select


class Base(DeclarativeBase):
    pass


class Leaf(Base):
    __tablename__ = "leaf"
    id: Mapped[int] = mapped_column(primary_key=True)
    hidden: Mapped[bool] = mapped_column(default=False)


Listener = Callable[[Any], Any]


@pytest.fixture
def session() -> Iterator[Session]:
    engine = sa.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as made:
        made.add_all([Leaf(id=1), Leaf(id=2, hidden=True), Leaf(id=3)])
        made.commit()
        yield made
    engine.dispose()


def heard_by(listener: Listener, session: Session) -> tuple[Query[Any], sa.Select[Any]]:
    """A query of a class with this listener, and the select that stands for it."""

    class Heard(Query[Any]):
        pass

    event.listen(Heard, "before_compile", listener, retval=True)
    query = Heard(Leaf, session).order_by(Leaf.id)
    return query, as_select(Heard(Leaf, session)).order_by(Leaf.id)


def shown(query: Any) -> Any:
    assert isinstance(query, Query)
    return query.enable_assertions(False).filter(Leaf.hidden.is_(False))


def ids(session: Session, statement: sa.Select[Any]) -> list[int]:
    return [leaf.id for leaf in session.scalars(statement)]


def test_they_are_asked_when_it_is_executed(session: Session) -> None:
    asked: list[type] = []

    def listener(query: Any) -> Any:
        asked.append(type(query))
        return shown(query)

    query, statement = heard_by(listener, session)
    assert ids(session, statement) == [leaf.id for leaf in query] == [1, 3]
    assert ids(session, statement.limit(1).offset(1)) == [
        leaf.id for leaf in query.limit(1).offset(1)
    ]
    assert len(set(asked)) == 1
    assert len(asked) == 4
    # Nor is a Query's listener asked for what is loaded by its key, or again.
    found = session.scalars(statement).first()
    assert found is not None
    before = len(asked)
    session.refresh(found)
    session.get(Leaf, 2, populate_existing=True)
    assert len(asked) == before


def test_one_that_returns_nothing_changes_nothing(session: Session) -> None:
    query, statement = heard_by(lambda query: None, session)
    assert ids(session, statement) == [leaf.id for leaf in query] == [1, 2, 3]


def test_as_a_part_of_another_statement_it_is_refused(session: Session) -> None:
    _, statement = heard_by(shown, session)
    inner = statement.with_only_columns(Leaf.id)
    for hidden in (
        sa.select(Leaf).where(Leaf.id.in_(inner)),
        sa.select(sa.func.count()).select_from(statement.subquery()),
        sa.update(Leaf).where(Leaf.id.in_(inner)).values(hidden=True),
    ):
        with pytest.raises(Unsupported, match="a part of another statement"):
            session.execute(hidden)


MORE: list[Listener] = [
    lambda query: query.limit(1),
    lambda query: query.order_by(None),
    lambda query: query.populate_existing(),
    lambda query: query.session.query(Leaf).filter(Leaf.hidden),
]


@pytest.mark.parametrize("listener", MORE)
def test_more_than_criteria_is_refused(session: Session, listener: Listener) -> None:
    _, statement = heard_by(listener, session)
    with pytest.raises(Unsupported, match="more than criteria"):
        ids(session, statement.where(Leaf.id > 0))
