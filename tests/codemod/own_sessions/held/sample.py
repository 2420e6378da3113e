from . import Base, Bed, Session, Ward, engine


def fill():
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session() as session:
        session.add_all([Ward(name="a", beds=[Bed(name="1"), Bed(name="2")]), Ward(name="b")])
        session.commit()
