import os
from flask import g
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine(os.environ["DATABASE_URL"], echo=False)
SessionLocal = sessionmaker(engine)


def get_session():
    if "session" not in g:
        g.session = SessionLocal()
    return g.session


def close_session():
    session = g.pop("session", None)
    if session is not None:
        session.close()
