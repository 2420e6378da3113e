from .models import Base, Box, Depot
from .storage import engine, session


def fill():
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    east = Depot(name="east")
    session.add(east)
    session.flush()
    session.add_all([Depot(name="west"), Box(label="b1", depot=east)])
    session.flush()
    session.add(Box(label="b0", depot=east))
    session.commit()
    session.remove()
