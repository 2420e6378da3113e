"""Models in the style of SQLAlchemy 2.0: annotations say what is mapped."""

from __future__ import annotations

import dataclasses
import enum
import os
from typing import Annotated, List, Optional

from sqlalchemy import Column, ForeignKey, String, Table, create_engine, func, select
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    WriteOnlyMapped,
    attribute_keyed_dict,
    column_property,
    composite,
    mapped_column,
    object_session,
    query_expression,
    relationship,
    sessionmaker,
)

engine = create_engine(os.environ["DATABASE_URL"])
SessionLocal = sessionmaker(bind=engine)
Quiet = sessionmaker(bind=engine, expire_on_commit=False)


class Base(DeclarativeBase):
    def to_dict(self):
        return {c.key: getattr(self, c.key) for c in self.__mapper__.column_attrs}


intpk = Annotated[int, mapped_column(primary_key=True)]


@dataclasses.dataclass
class Point:
    x: int
    y: int


class Kind(enum.Enum):
    fruit = "f"
    tool = "t"


tagged = Table(
    "tagged",
    Base.metadata,
    Column("item_id", ForeignKey("item.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class Tag(Base):
    __tablename__ = "tag"
    id: Mapped[intpk]
    word: Mapped[str] = mapped_column(unique=True)

    def __init__(self, word: str) -> None:
        self.word = word


class Stock(Base):
    __tablename__ = "stock"
    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    place: Mapped[str]
    count: Mapped[int] = mapped_column(default=0)
    item: Mapped[Item] = relationship(back_populates="stocks")


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    price: Mapped[int] = mapped_column(default=1)
    kind: Mapped[Kind] = mapped_column(default=Kind.tool)
    note: Mapped[Optional[str]] = mapped_column(deferred=True)
    x: Mapped[int] = mapped_column(default=0)
    y: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    where: Mapped[Point] = composite("x", "y")
    stocks: Mapped[List[Stock]] = relationship(back_populates="item", order_by=Stock.id, cascade="all, delete-orphan")
    by_place: Mapped[dict[str, Stock]] = relationship(collection_class=attribute_keyed_dict("place"), viewonly=True)
    tags: Mapped[set[Tag]] = relationship(secondary=tagged)
    words: AssociationProxy[list[str]] = association_proxy("tags", "word")
    notes: WriteOnlyMapped[Note] = relationship(
        order_by="Note.id", cascade="all, delete-orphan", passive_deletes=True
    )
    log: DynamicMapped[Log] = relationship(order_by="Log.id", passive_deletes=True)
    total: Mapped[Optional[int]] = column_property(
        select(func.sum(Stock.count)).where(Stock.item_id == id).correlate_except(Stock).scalar_subquery()
    )
    extra: Mapped[Optional[int]] = query_expression()
    __mapper_args__ = {"version_id_col": version}

    @hybrid_property
    def value(self) -> int:
        return self.price * sum(s.count for s in self.stocks)

    @value.inplace.expression
    @classmethod
    def _value(cls):
        held = select(func.coalesce(func.sum(Stock.count), 0)).where(Stock.item_id == cls.id).correlate(cls)
        return cls.price * held.scalar_subquery()

    @hybrid_method
    def dearer(self, than: int) -> bool:
        return self.price > than

    @property
    def neighbours(self) -> list[Item]:
        s = object_session(self)
        return s.scalars(select(Item).where(Item.x == self.x, Item.id != self.id).order_by(Item.id)).all()


class Note(Base):
    __tablename__ = "note"
    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="cascade"))
    text: Mapped[str]


class Log(Base):
    __tablename__ = "log"
    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="cascade"))
    text: Mapped[str]
