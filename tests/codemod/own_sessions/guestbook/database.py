import os
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker, declarative_base

engine = create_engine(os.environ["DATABASE_URL"])
db_session = scoped_session(sessionmaker(autoflush=False, bind=engine))
Base = declarative_base()
Base.query = db_session.query_property()


def init_db():
    # import all modules here that might define models
    from . import models
    Base.metadata.create_all(bind=engine)


def drop_db():
    from . import models
    Base.metadata.drop_all(bind=engine)
