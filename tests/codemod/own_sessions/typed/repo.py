from __future__ import annotations

from contextlib import contextmanager
from typing import Generic, Iterator, Sequence, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .models import Base, Item, SessionLocal, Stock, Tag

T = TypeVar("T", bound=Base)


class Repo(Generic[T]):
    def __init__(self, session: Session, model: type[T]):
        self.s, self.model = session, model

    def get(self, ident) -> T:
        return self.s.get_one(self.model, ident)

    def by(self, **kw) -> T | None:
        return self.s.scalars(select(self.model).filter_by(**kw)).one_or_none()

    def all(self, *where, opts=()) -> Sequence[T]:
        return self.s.scalars(select(self.model).where(*where).options(*opts).order_by(self.model.id)).unique().all()

    def save(self, row: T) -> T:
        self.s.add(row)
        self.s.commit()
        self.s.refresh(row)
        return row


@contextmanager
def session_scope() -> Iterator[Session]:
    s = SessionLocal()
    try:
        yield s
        s.commit()
    except Exception:
        s.rollback()
        raise
    finally:
        s.close()


def get_or_create(s: Session, word: str) -> tuple[Tag, bool]:
    tag = s.execute(select(Tag).where(Tag.word == word)).scalar_one_or_none()
    if tag:
        return tag, False
    try:
        with s.begin_nested():
            tag = Tag(word)
            s.add(tag)
        return tag, True
    except IntegrityError:
        return s.execute(select(Tag).where(Tag.word == word)).scalar_one(), False


def move(s: Session, item: Item, to: str, n: int) -> Stock:
    st = next((x for x in item.stocks if x.place == to), None)
    if st is None:
        st = Stock(place=to, count=0)
        item.stocks.append(st)
    st.count += n
    return st
