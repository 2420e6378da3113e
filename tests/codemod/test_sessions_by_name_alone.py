"""What functions hand on that get a session by its name alone: on both sides."""

from __future__ import annotations

from pathlib import Path

from tests.codemod.kit.beside import beside

#: No code says `session.query(Model)`: only the name tells that it is one.
TEXT = """
import abc

from .models import Order

class Base(abc.ABC):
    def run(self, order, session):
        return self.work(order, session)

    @abc.abstractmethod
    def work(self, order, session): ...

class Saved(Base):
    def work(self, order, session):
        session.commit()
        return order.total

def merge(session):
    order = session.merge(Order(id=3, status="merged"))
    return Saved().run(order, session)
"""


def test_what_it_gave_is_known_where_it_is_handed_on(tmp_path: Path) -> None:
    with beside(TEXT, tmp_path) as made:
        made.compare("merge")
