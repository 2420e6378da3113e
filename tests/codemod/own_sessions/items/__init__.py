import os
import threading
from contextlib import closing, contextmanager
from functools import wraps

from flask import Flask, abort, current_app, g, jsonify, request
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, create_engine, event, func, select, text
from sqlalchemy.orm import DeclarativeBase, Query, Session, backref, relationship, scoped_session, sessionmaker


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    parent_id = Column(ForeignKey("items.id"))
    children = relationship("Item", backref=backref("parent", remote_side=[id]), order_by=id)

    @property
    def siblings(self):
        return [i.name for i in self.parent.children if i is not self] if self.parent else []


class ItemQuery(Query):
    def named(self, name):
        return self.filter(Item.name == name)


class Audited(Session):
    """Counts its flushes."""

    flushes = 0

    def flush(self, objects=None):
        Audited.flushes += 1
        return super().flush(objects)


class Keeping(Session):
    """Commits after its block, and keeps what a ValueError ends from leaving it."""

    def __exit__(self, kind, error, traceback):
        try:
            if kind is None:
                self.commit()
            else:
                self.rollback()
        finally:
            super().__exit__(kind, error, traceback)
        return kind is ValueError


factory = sessionmaker()
registry = scoped_session(factory, scopefunc=lambda: threading.get_ident())
AuditSession = sessionmaker(class_=Audited, expire_on_commit=False)
KeepingSession = sessionmaker(class_=Keeping)
engine = None
Base.query = registry.query_property(query_cls=ItemQuery)
events = []
made = []


def init_engine(uri):
    global engine
    engine = create_engine(uri)
    made.append(engine)
    factory.configure(bind=engine)
    AuditSession.configure(bind=engine)
    KeepingSession.configure(bind=engine)

    @event.listens_for(engine, "before_cursor_execute")
    def note(conn, cursor, statement, parameters, context, executemany):
        if statement.startswith("DELETE"):
            events.append(statement.split()[2])

    return engine


@event.listens_for(factory, "before_commit")
def before_commit(session):
    events.append(f"commit {len(session.new)}")


class Worker:
    def __init__(self, maker):
        self.maker = maker

    def add(self, *names):
        with self.maker() as session:
            session.add_all([Item(name=n) for n in names])
            session.commit()

    def count(self):
        session = self.maker()
        try:
            return session.query(Item).count()
        finally:
            session.close()


def later(fn):
    result = []
    thread = threading.Thread(target=lambda: result.append(fn()))
    thread.start()
    thread.join()
    return result[0]


def kept(name, fail=False):
    with KeepingSession() as session:
        session.add(Item(name=name))
        session.flush()
        if fail:
            raise ValueError
        return f"{name} is added"
    return "nothing"


notes = MetaData()
Table("notes", notes, Column("id", Integer, primary_key=True))


def roots():
    return registry.query(Item).filter(Item.parent_id.is_(None)).order_by(Item.id).all()


@event.listens_for(notes, "after_create")
def created(target, connection, tables=None, **options):
    events.append([i.name for i in roots()][:1])


def remade():
    first = registry.query(Item).order_by(Item.id).first().name
    notes.drop_all(bind=engine)
    notes.create_all(bind=engine)
    return first


def with_session(func):
    @wraps(func)
    def wrapper(*args, **kwargs):
        if kwargs.get("session"):
            return func(*args, **kwargs)
        with KeepingSession() as session:
            kwargs["session"] = session
            return func(*args, **kwargs)

    return wrapper


@with_session
def renamed(name, to, session: Keeping = None):
    found = session.query(Item)
    if name:
        found = found.filter(Item.name == name)
    return found.count(), found.update({Item.name: to})


def in_thread():
    try:
        return registry.query(Item).count()
    finally:
        registry.remove()


def create_app():
    app = Flask(__name__)
    app.session = registry
    init_engine(os.environ["DATABASE_URL"])
    app.worker = Worker(factory)

    @app.teardown_appcontext
    def remove(error=None):
        registry.remove()

    @app.get("/direct")
    def direct():
        with Session(engine) as session:
            return jsonify([i.name for i in session.scalars(select(Item).order_by(Item.id))])

    @app.get("/closing")
    def closed():
        with closing(factory()) as s:
            return jsonify(s.query(Item).filter(Item.parent_id == None).count())

    @app.post("/worker")
    def worker():
        current_app.worker.add("w1", "w2")
        return jsonify(current_app.worker.count())

    @app.post("/nested")
    def nested():
        first = Item(name="outer")
        registry.add(first)
        try:
            with registry.begin_nested():
                registry.add(Item(name="inner", parent=first))
                registry.flush()
                raise ValueError
        except ValueError:
            pass
        registry.commit()
        return jsonify(first.name, [c.name for c in first.children])

    @app.get("/named/<name>")
    def named(name):
        item = Item.query.named(name).first()
        return jsonify(item.siblings if item else None)

    @app.get("/raw")
    def raw():
        found = registry.execute(text("select count(*) from items")).scalar()
        also = registry.connection().execute(text("select max(id) from items")).scalar()
        return jsonify(found, also, registry().bind is not None, registry.get_bind().dialect.name)

    @app.post("/audit")
    def audit():
        with AuditSession.begin() as session:
            session.add(Item(name="audited"))
        return jsonify(Audited.flushes > 0)

    @app.post("/kept")
    def keep():
        found = [kept("k1"), kept("k2", fail=True), later(lambda: kept("k3"))]
        with KeepingSession.begin() as session:
            session.add(Item(name="k4"))
        return jsonify(found, [i.name for i in registry.query(Item).filter(Item.name.like("k%"))])

    @app.post("/remade")
    def remake():
        return jsonify(remade(), events[-1], len(roots()) > 0)

    @app.post("/renamed")
    def rename():
        found = renamed("k1", "kk1"), renamed("kk1", "kkk1")
        return jsonify(found, [i.name for i in registry.query(Item).filter(Item.name.like("kk%"))])

    @app.get("/thread")
    def thread():
        return jsonify(later(in_thread))

    @app.get("/noflush")
    def noflush():
        registry.add(Item(name="pending"))
        with registry.no_autoflush:
            before = registry.query(Item).filter_by(name="pending").count()
        after = registry.query(Item).filter_by(name="pending").count()
        registry.rollback()
        return jsonify(before, after)

    @app.delete("/items/<name>")
    def drop(name):
        s = current_app.session
        for item in s.query(Item).filter(Item.name == name):
            s.delete(item)
        s.commit()
        return jsonify(events)

    @app.post("/bulk")
    def bulk():
        registry.bulk_save_objects([Item(name=f"b{i}") for i in range(3)])
        registry.bulk_insert_mappings(Item, [{"name": "m"}])
        n = registry.query(Item).filter(Item.name.like("b%")).update({Item.name: func.upper(Item.name)}, synchronize_session=False)
        registry.commit()
        return jsonify(n)

    @app.get("/tree")
    def tree():
        def walk(item):
            return {item.name: [walk(c) for c in item.children]}

        roots = registry.query(Item).filter(Item.parent_id.is_(None)).order_by(Item.id).all()
        return jsonify([walk(r) for r in roots])

    return app
