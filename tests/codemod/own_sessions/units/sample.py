from . import Base, Batch, Product, Sessions, engine


def fill():
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Sessions() as session:
        session.add(Product(sku="a", batches=[Batch(size=3), Batch(size=0), Batch(size=5)]))
        session.commit()
