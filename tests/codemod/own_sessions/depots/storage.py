import os
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

from .models import Base, Box, Depot

engine = create_engine(os.environ["DATABASE_URL"])
session_factory = sessionmaker(bind=engine)
session = scoped_session(session_factory)


class Database:
    def __init__(self, session, engine):
        self.session = session
        self.engine = engine

    def create_tables(self):
        Base.metadata.create_all(self.engine)


db = Database(session, engine)


class Storage:
    def __init__(self):
        self.session = session

    def fill(self, n):
        depot = self.session.query(Depot).first()
        for i in range(n):
            self.session.add(Box(label=f"f{i}", depot=depot))
        self.session.commit()
        return self.session.query(Box).filter(Box.depot == depot).count()
