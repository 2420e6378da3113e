from datetime import datetime
from sqlalchemy import Column, ForeignKey, Integer, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Session, object_session, relationship


class Base(DeclarativeBase):
    @classmethod
    def fetch(cls, session, id):
        return session.get(cls, id)


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    notes = relationship("Note", back_populates="owner", order_by="Note.id")

    def count(self, session: Session):
        return session.query(Note).filter(Note.owner_id == self.id).count()


class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
    text = Column(String(100))
    owner_id = Column(ForeignKey("users.id"))
    owner = relationship(User, back_populates="notes")
    likes = Column(Integer, default=0)
