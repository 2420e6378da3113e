from .db import Base, Session, engine
from .models import Item, Shelf


def fill():
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session.begin() as session:
        items = [Item(name="bolt", count=3), Item(name="nut", count=4)]
        session.add_all([Shelf(code="A", items=items), Shelf(code="B")])
