"""What recording costs: CPU time of the same work with the recorder ÷ without it.

`python -m benchmarks.trace [--write]`: SQLite in memory, the best of the rounds.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from benchmarks.page import write_part
from migrator.runtime.trace import recording

ROUNDS = 7


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    lines: Mapped[list[Line]] = relationship()


class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


def rows(session: Session) -> None:
    """One query, 5,000 objects, nothing loaded lazily."""
    session.scalars(select(Line)).all()


def queries(session: Session) -> None:
    """200 queries of a row each."""
    for number in range(1, 201):
        session.scalars(select(Order).where(Order.id == number)).one()


def lazily(session: Session) -> None:
    """200 lazy loads of 25 objects each."""
    for order in session.scalars(select(Order)):
        len(order.lines)


def seconds(work: Callable[[Session], None], session: Session, *, recorded: bool) -> float:
    session.expunge_all()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(__file__).parent
        with recording(Path(folder, "t.json"), root=root) if recorded else nullcontext():
            began = time.process_time()
            work(session)
            return time.process_time() - began


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    found = []
    with Session(engine) as session:
        session.add_all(Order(lines=[Line() for _ in range(25)]) for _ in range(200))
        session.commit()
        for work in (rows, queries, lazily):
            plain = min(seconds(work, session, recorded=False) for _ in range(ROUNDS))
            traced = min(seconds(work, session, recorded=True) for _ in range(ROUNDS))
            found.append(f"| {work.__doc__} | {traced / plain:.2f} |")
            print(found[-1])
    if parser.parse_args().write:
        write_part("trace", _part(found))


def _part(found: list[str]) -> str:
    listed = "\n".join(found)
    return f"""## The recorder of lazy loads

`python -m benchmarks.trace`

CPU time with `migrator trace` ÷ without, SQLite in memory; the best of {ROUNDS} rounds. Nothing but
SQLAlchemy runs here: a test suite does more than that, and slows down by a fraction of it.

| work | ratio |
|---|---:|
{listed}
"""


if __name__ == "__main__":
    main()
