from typing import List, Optional
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .db import Base


class Shelf(Base):
    __tablename__ = "shelves"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    items: Mapped[List["Item"]] = relationship(back_populates="shelf", cascade="all, delete-orphan", order_by="Item.id")

    @property
    def total(self):
        return sum(i.count for i in self.items)


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30))
    count: Mapped[int] = mapped_column(default=0)
    shelf_id: Mapped[Optional[int]] = mapped_column(ForeignKey("shelves.id"))
    shelf: Mapped[Optional[Shelf]] = relationship(back_populates="items")
