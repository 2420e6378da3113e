"""Models come out as with Flask-SQLAlchemy: the same tables, bases, repr and errors."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable
from typing import Any

import flask_sqlalchemy
import pytest
import sqlalchemy as sa
import sqlalchemy.orm as orm

from migrator.runtime.db import Model, SQLAlchemy
from migrator.runtime.db.naming import snake_case


def plain() -> dict[str, Any]:
    return {}


def modern() -> dict[str, Any]:
    class Base(orm.DeclarativeBase):
        metadata = sa.MetaData(naming_convention={"pk": "pk_%(table_name)s"})

    return {"model_class": Base}


def no_meta() -> dict[str, Any]:
    class Base(orm.DeclarativeBaseNoMeta):
        pass

    return {"model_class": Base}


def dataclasses() -> dict[str, Any]:
    class Base(orm.DeclarativeBase, orm.MappedAsDataclass):
        pass

    return {"model_class": Base}


def with_metadata() -> dict[str, Any]:
    return {"metadata": sa.MetaData(naming_convention={"pk": "pk_%(table_name)s"})}


def finished() -> dict[str, Any]:
    return {"model_class": orm.declarative_base()}


def define(db: Any) -> dict[str, Any]:
    """Models of every shape; each gives its table's name, or None, and the columns."""

    class User(db.Model):  # type: ignore[misc]
        id = db.Column(db.Integer, primary_key=True)
        kind = db.Column(db.String(10))
        __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "user"}

    class SuperAdmin(User):  # joined: a primary key of its own
        id = db.Column(db.ForeignKey("user.id"), primary_key=True)
        level = db.Column(db.Integer)
        __mapper_args__ = {"polymorphic_identity": "super"}

    class Guest(User):  # single-table
        nick = db.Column(db.String(10))
        __mapper_args__ = {"polymorphic_identity": "guest"}

    class GuestOfGuest(Guest):
        __mapper_args__ = {"polymorphic_identity": "guest2"}

    class Abstract(db.Model):  # type: ignore[misc]
        __abstract__ = True
        id = db.Column(db.Integer, primary_key=True)

    class HTTPServerLog2(Abstract):
        pass

    class Mixin:
        __tablename__ = "from_mixin"

    class Mixed(Mixin, db.Model):  # type: ignore[misc]
        id = db.Column(db.Integer, primary_key=True)

    class Declared:
        @orm.declared_attr
        def __tablename__(cls) -> Any:
            return "declared_" + cls.__name__.lower()  # type: ignore[attr-defined]

    class ByAttr(Declared, db.Model):  # type: ignore[misc]
        id = db.Column(db.Integer, primary_key=True)

    class Named(db.Model):  # type: ignore[misc]
        __tablename__ = "custom"
        id = db.Column(db.Integer, primary_key=True)

    class NamedChild(Named):
        id = db.Column(db.ForeignKey("custom.id"), primary_key=True)

    class InSchema(db.Model):  # type: ignore[misc]
        a = db.Column(db.Integer)
        __table_args__ = (sa.PrimaryKeyConstraint("a"), {"schema": "other"})

    class OnTable(db.Model):  # type: ignore[misc]
        __table__ = db.Table("ready", db.Column("id", db.Integer, primary_key=True))

    class OnReflected(db.Model):  # type: ignore[misc]
        __tablename__ = "ready2"
        __table__ = db.Table("ready2", db.metadata, db.Column("id", db.Integer, primary_key=True))

    found = {k: v for k, v in locals().items() if isinstance(v, type) and hasattr(v, "__mapper__")}
    orm.configure_mappers()
    return found


def shape(db: Any) -> Any:
    models = define(db)
    return {
        "tables": {
            name: (table.schema, table.primary_key.name, [str(c) for c in table.columns])
            for name, table in sorted(db.metadata.tables.items())
        },
        "models": {
            name: (
                str(model.__table__),
                getattr(model, "__tablename__", None),
                model.__dict__.get("__tablename__"),
                [base.__name__ for base in model.__mro__ if base.__name__ in models],
            )
            for name, model in models.items()
        },
        "repr": repr(models["User"]()).split(" ")[:2],
    }


@pytest.mark.filterwarnings("ignore:Unmanaged access of declarative attribute")
@pytest.mark.parametrize("base", [plain, modern, no_meta, with_metadata])
def test_tables_are_named_as_flask_sqlalchemy_names_them(base: Callable[[], Any]) -> None:
    # Mappers are configured for all registries at once, and another test's may be half collected.
    gc.collect()
    assert shape(SQLAlchemy(**base())) == shape(flask_sqlalchemy.SQLAlchemy(**base()))


@pytest.mark.parametrize("base", [plain, modern, no_meta, finished])
def test_an_object_shows_the_names_that_it_showed(base: Callable[[], Any]) -> None:
    def names(db: Any) -> set[str]:
        class Thing(db.Model):  # type: ignore[misc]
            __tablename__ = "thing"
            id = db.Column(db.Integer, primary_key=True)

        assert hasattr(Thing(), "awaitable_attrs") is isinstance(db, SQLAlchemy)
        return {name for name in dir(Thing()) if not name.startswith("_")}

    assert names(SQLAlchemy(**base())) == names(flask_sqlalchemy.SQLAlchemy(**base()))


def test_every_kind_of_base_has_what_converted_code_uses() -> None:
    class OwnModel(Model):
        def hello(self) -> str:
            return "hello"

    class Mixin:
        def hello(self) -> str:
            return "hello"

    for arguments in (
        *(base() for base in (plain, modern, no_meta, with_metadata, finished)),
        {"model_class": OwnModel},
        {"model_class": Mixin},
    ):
        db = SQLAlchemy(**arguments)

        class Thing(db.Model):  # type: ignore[misc, name-defined]
            __tablename__ = "thing"
            id = db.Column(db.Integer, primary_key=True)

        assert Thing.__table__ in db.metadata.tables.values()
        assert Thing.query_class is db.Query
        assert hasattr(Thing(), "awaitable_attrs"), arguments
        if arguments.get("model_class") in {OwnModel, Mixin}:
            assert Thing().hello() == "hello"


def test_mapped_dataclasses_work() -> None:
    db = SQLAlchemy(**dataclasses())

    class BigThing(db.Model):  # type: ignore[misc, name-defined]
        id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
        name: orm.Mapped[str]

    assert BigThing(id=1, name="x").name == "x"
    assert BigThing.__tablename__ == "big_thing"


@pytest.mark.parametrize("base", [plain, modern])
def test_naming_can_be_switched_off(base: Callable[[], Any]) -> None:
    db = SQLAlchemy(disable_autonaming=True, **base())
    with pytest.raises(sa.exc.InvalidRequestError, match="__tablename__"):
        type("Nameless", (db.Model,), {"id": db.Column(db.Integer, primary_key=True)})


@pytest.mark.parametrize("base", [plain, modern])
def test_a_model_without_a_key_is_refused_as_ever(base: Callable[[], Any]) -> None:
    db = SQLAlchemy(**base())
    with pytest.raises(sa.exc.ArgumentError, match="primary key"):
        type("Keyless", (db.Model,), {"id": db.Column(db.Integer)})


@pytest.mark.parametrize("base", [plain, modern])
def test_each_bind_key_has_tables_of_its_own(base: Callable[[], Any]) -> None:
    db = SQLAlchemy(**base())
    column = db.Column(db.Integer, primary_key=True)
    other: Any = type("Elsewhere", (db.Model,), {"__bind_key__": "other", "id": column})
    same: Any = type(
        "Below", (other,), {"id": db.Column(db.ForeignKey("elsewhere.id"), primary_key=True)}
    )
    table = db.Table("elsewhere_too", db.Column("id", db.Integer), bind_key="other")
    assert set(db.metadatas) == {None, "other"}
    assert other.metadata is same.metadata is table.metadata is db.metadatas["other"]
    assert set(db.metadatas["other"].tables) == {"elsewhere", "below", "elsewhere_too"}
    assert db.metadata.tables == {}
    assert db.metadata is db.Model.metadata is db.metadatas[None]
    assert db.Table("here", db.Column("id", db.Integer)).metadata is db.metadata
    own = sa.MetaData()
    assert db.Table("there", own, db.Column("id", db.Integer)).metadata is own


@pytest.mark.parametrize("base", [plain, modern, no_meta, with_metadata])
def test_a_metadata_that_the_base_gets_later_is_that_of_the_same_models(
    base: Callable[[], Any],
) -> None:
    def shape(db: Any) -> list[Any]:
        first, later = db.metadata, sa.MetaData(naming_convention={"pk": "later_%(table_name)s"})
        db.Model.metadata = later

        class Order(db.Model):  # type: ignore[misc]
            id = db.Column(db.Integer, primary_key=True)

        class Own(db.Model):  # type: ignore[misc]
            metadata = later
            id = db.Column(db.Integer, primary_key=True)

        tables = [Order.__table__, Own.__table__]
        names = [(t.metadata is first, t.metadata is later, t.primary_key.name) for t in tables]
        return [names, db.metadata is first, sorted(first.tables), sorted(later.tables)]

    assert shape(SQLAlchemy(**base())) == shape(flask_sqlalchemy.SQLAlchemy(**base()))


def test_names_become_snake_case_as_in_flask_sqlalchemy() -> None:
    from flask_sqlalchemy.model import camel_to_snake_case

    for letters in itertools.chain.from_iterable(
        itertools.product("Aa1_", repeat=n) for n in range(1, 7)
    ):
        name = "".join(letters)
        assert snake_case(name) == camel_to_snake_case(name), name


def test_the_names_of_sqlalchemy_are_there() -> None:
    db, theirs = SQLAlchemy(), flask_sqlalchemy.SQLAlchemy()
    for name in ("Column", "String", "select", "func", "joinedload", "Mapped", "backref", "event"):
        assert getattr(db, name) is getattr(theirs, name)
    with pytest.raises(AttributeError):
        _ = db.no_such_thing
    public = {name for name in dir(theirs) if not name.startswith("_")}
    assert public - set(dir(db)) == set()
