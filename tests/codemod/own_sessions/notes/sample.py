from .db import SessionLocal, engine
from .models import Base, Note, User


def fill():
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    session = SessionLocal()
    ann, bob = User(name="ann"), User(name="bob")
    session.add_all([ann, bob])
    for text, owner in (("n1", ann), ("n2", bob), ("n0", ann)):
        session.add(Note(text=text, owner=owner))
        session.flush()
    session.commit()
    session.close()
