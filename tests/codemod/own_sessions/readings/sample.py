from . import engine, metadata, store


def fill():
    metadata.drop_all(engine)
    metadata.create_all(engine)
    for name, value in (("a", 1.5), ("a", 2.5), ("b", 4)):
        store.record(name, value)
