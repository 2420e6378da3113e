from sqlalchemy import text

from .models import Base, Item, Kind, Log, Note, SessionLocal, Stock, Tag, engine


def fill():
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    rows()


def anew():
    """Gives the rows that there are, and makes those of the beginning."""
    tables = [*reversed(Base.metadata.sorted_tables)]
    with engine.begin() as connection:
        found = {table.name: sorted(map(str, connection.execute(table.select()))) for table in tables}
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"truncate {', '.join(found)} restart identity"))
        else:
            for table in tables:
                connection.execute(table.delete())
    rows()
    engine.dispose()
    return found


def rows():
    with SessionLocal() as s, s.begin():
        red, blue = Tag("red"), Tag("blue")
        s.add_all([red, blue])
        s.flush()
        for n, name in enumerate(["apple", "hammer", "pear", "saw"]):
            kind = Kind.tool if n % 2 else Kind.fruit
            i = Item(name=name, price=10 * n + 1, kind=kind, x=n % 2, y=n, note=f"n{n}")
            i.tags = {red} if n < 2 else {red, blue}
            s.add(i)
            s.flush()
            for k in range(n):
                s.add(Stock(item=i, place=f"p{k}", count=k + 1))
                s.flush()
                s.add(Note(item_id=i.id, text=f"t{n}{k}"))
                s.flush()
                s.add(Log(item_id=i.id, text=f"l{n}{k}"))
                s.flush()
