"""Layers that a container puts together: what each is given, its fields' annotations say alone."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from flask import Flask, current_app, jsonify, request
from sqlalchemy import ForeignKey, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, sessionmaker

engine = create_engine(os.environ["DATABASE_URL"])
Sessions = sessionmaker(bind=engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Crate(Base):
    __tablename__ = "crates"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    jars: Mapped[list["Jar"]] = relationship(order_by="Jar.id", back_populates="crate")


class Jar(Base):
    __tablename__ = "jars"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    crate_id: Mapped[int] = mapped_column(ForeignKey("crates.id"))
    crate: Mapped[Crate] = relationship(back_populates="jars")


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository(Generic[T]):
    sessions: Callable[[], Session]

    def plain(self, found: T) -> dict:
        raise NotImplementedError

    def pages(self, session: Session, statement, size: int) -> list[dict]:
        total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
        rows = session.execute(statement.limit(size)).scalars().all()
        return [{"of": total, **self.plain(row)} for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crates(Repository[Crate]):
    def plain(self, found: Crate) -> dict:
        return {"name": found.name, "jars": [jar.name for jar in found.jars]}

    def named(self, name: str) -> dict | None:
        with self.sessions() as session:
            found = session.execute(select(Crate).where(Crate.name == name)).scalar_one_or_none()
            return self.plain(found) if found is not None else None

    def page(self, size: int) -> list[dict]:
        with self.sessions() as session:
            return self.pages(session, select(Crate).order_by(Crate.id), size)

    def rename(self, id: int, name: str) -> str | None:
        with self.sessions() as session:
            found = session.get(Crate, id)
            if found is None:
                return None
            found.name = name
            session.commit()
            session.refresh(found)
            return found.name


class Names(Protocol):
    def named(self, name: str) -> dict | None: ...


@dataclass
class Lookup:
    """Knows what it is given by a protocol alone."""

    names: Names

    def __call__(self, name: str) -> dict:
        return self.names.named(name) or {"name": None}


class Counter:
    sessions: sessionmaker[Session]

    def __init__(self, **given: object) -> None:
        for name, value in given.items():
            setattr(self, name, value)

    def jars(self) -> int:
        with self.sessions.begin() as session:
            session.add(Jar(name="counted", crate_id=1))
            return session.scalar(select(func.count(Jar.id)))


@dataclass
class Service:
    crates: Crates
    lookup: Lookup
    counter: Counter

    def rename(self, id: int, name: str) -> dict:
        return {"renamed": self.crates.rename(id, name), **self.lookup(name)}


class Container:
    def __init__(self, **providers):
        self.providers = providers

    def get(self, name):
        return self.providers[name](self)


def seed(make: Callable[[], Session], name: str) -> int:
    with make() as session:
        session.add(Crate(name=name))
        session.commit()
        return session.query(Crate).count()


def create_app() -> Flask:
    app = Flask(__name__)
    container = Container(
        sessions=lambda c: Sessions,
        crates=lambda c: Crates(**{"sessions": c.get("sessions")}),
        lookup=lambda c: Lookup(c.get("crates")),
        counter=lambda c: Counter(sessions=c.get("sessions")),
        service=lambda c: Service(*map(c.get, ("crates", "lookup", "counter"))),
    )
    app.extensions["layers"] = container

    def service() -> Service:
        return current_app.extensions["layers"].get("service")

    @app.get("/crates/<name>")
    def show(name):
        return jsonify(service().lookup(name))

    @app.get("/crates")
    def page():
        return jsonify(service().crates.page(request.args.get("size", 1, int)))

    @app.put("/crates/<int:id>")
    def rename(id):
        return jsonify(service().rename(id, request.get_json()["name"]))

    @app.post("/jars")
    def add():
        return jsonify(service().counter.jars(), seed(Sessions, "seeded"))

    return app
