from . import Base, Crate, Jar, Sessions, engine


def fill():
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Sessions.begin() as session:
        session.add_all([Crate(name="a", jars=[Jar(name="x"), Jar(name="y")]), Crate(name="b")])
