from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, Table, func
from sqlalchemy.orm import relationship

from .database import Base, db_session

entry_tags = Table(
    "entry_tags",
    Base.metadata,
    Column("entry_id", ForeignKey("entries.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), unique=True)
    email = Column(String(120), unique=True)
    entries = relationship("Entry", back_populates="author", order_by="Entry.id")

    def __init__(self, name=None, email=None):
        self.name = name
        self.email = email

    def __repr__(self):
        return f"<User {self.name!r}>"

    @classmethod
    def by_name(cls, name):
        return cls.query.filter(cls.name == name).first()

    def latest(self):
        return Entry.query.filter_by(author_id=self.id).order_by(Entry.id.desc()).first()

    def save(self):
        db_session.add(self)
        db_session.commit()
        return self


class Entry(Base):
    __tablename__ = "entries"
    id = Column(Integer, primary_key=True)
    title = Column(String(50))
    text = Column(String(500), default="")
    author_id = Column(ForeignKey("users.id"))
    author = relationship(User, back_populates="entries")
    tags = relationship("Tag", secondary=entry_tags, backref="entries", order_by="Tag.name")


class Tag(Base):
    __tablename__ = "tags"
    id = Column(Integer, primary_key=True)
    name = Column(String(20), unique=True)

    @staticmethod
    def ensure(name):
        tag = Tag.query.filter(Tag.name == name).one_or_none()
        if tag is None:
            tag = Tag(name=name)
            db_session.add(tag)
            db_session.flush()
        return tag
