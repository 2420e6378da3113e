from sqlalchemy.orm import Session

from . import Base, Item, events
from . import made as engines


def fill():
    engine = engines[-1]
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        root = Item(name="root")
        session.add(root)
        session.flush()
        session.add(Item(name="a", parent=root))
        session.flush()
        session.add(Item(name="b", parent=root))
        session.commit()
    events.clear()
