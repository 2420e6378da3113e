"""What applications ask of PostgreSQL, over both drivers: loaders, JSON, arrays, windows, writes."""

# Untyped models and statements, as applications have them.
# mypy: ignore-errors
# ruff: noqa: E712, SIM300 - the spellings are part of what is tested

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import DeclarativeBase, Session, relationship

from migrator.runtime.db import create_engines


class Base(DeclarativeBase):
    pass


item_tag = sa.Table(
    "item_tag",
    Base.metadata,
    sa.Column("item_id", sa.ForeignKey("item.id"), primary_key=True),
    sa.Column("tag_id", sa.ForeignKey("tag.id"), primary_key=True),
)


class Item(Base):
    __tablename__ = "item"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String)
    data = sa.Column(pg.JSONB)
    arr = sa.Column(pg.ARRAY(sa.Integer))
    version = sa.Column(sa.Integer, nullable=False)
    kind = sa.Column(sa.String)
    at = sa.Column(sa.DateTime)
    parent_id = sa.Column(sa.ForeignKey("item.id"))
    parts = relationship("Part")
    tags = relationship("Tag", secondary=item_tag, order_by="Tag.id")
    parent = relationship("Item", remote_side=[id])
    __mapper_args__ = {
        "version_id_col": version,
        "polymorphic_on": kind,
        "polymorphic_identity": "plain",
    }


class Special(Item):
    __tablename__ = "special"
    id = sa.Column(sa.ForeignKey("item.id"), primary_key=True)
    extra = sa.Column(sa.SmallInteger)
    __mapper_args__ = {"polymorphic_identity": "special"}


class Tag(Base):
    __tablename__ = "tag"
    id = sa.Column(sa.BigInteger, primary_key=True)


class Part(Base):
    __tablename__ = "part"
    x = sa.Column(sa.Integer, primary_key=True)
    y = sa.Column(sa.String, primary_key=True)
    item_id = sa.Column(sa.ForeignKey("item.id"))
    notes = relationship("Note")


class Note(Base):
    __tablename__ = "note"
    id = sa.Column(sa.Integer, primary_key=True)
    bx = sa.Column(sa.Integer)
    by = sa.Column(sa.String)
    __table_args__ = (sa.ForeignKeyConstraint(["bx", "by"], ["part.x", "part.y"]),)


def seed(session: Session) -> None:
    Base.metadata.create_all(session.connection())
    tags = [Tag(id=1), Tag(id=2)]
    for n in range(1, 30):
        item = Special(extra=n) if n % 3 == 0 else Item()
        item.id, item.name = n, f"n{n}"
        item.data, item.arr, item.at = {"k": str(n), "n": n}, [n, n + 1], datetime(2020, 1, n)
        item.parent_id = n - 1 if n > 1 else None
        item.tags = tags[: n % 3]
        item.parts = [Part(x=n, y="y", notes=[Note(), Note()])]
        session.add(item)
    session.commit()


node = orm.aliased(Item)


def subtree(session: Session) -> Any:
    base = sa.select(Item.id).where(Item.id == "27").cte(recursive=True)
    tree = base.union_all(sa.select(node.id).join(base, node.parent_id == base.c.id))
    return session.execute(sa.select(tree.c.id).order_by(tree.c.id)).all()


def changed(session: Session) -> Any:
    item: Any = session.get(Item, "7")
    item.name = "new"
    session.flush()
    version = item.version
    session.refresh(item)
    return version, item.name


STATEMENTS: dict[str, Callable[[Any], Any]] = {
    "selectin": lambda s: [
        (
            a.id,
            [b.x for b in a.parts],
            [t.id for t in a.tags],
            [len(b.notes) for b in a.parts],
            a.parent and a.parent.id,
        )
        for a in s.scalars(
            sa.select(Item)
            .options(
                orm.selectinload(Item.parts).selectinload(Part.notes),
                orm.selectinload(Item.tags),
                orm.selectinload(Item.parent),
            )
            .order_by(Item.id)
        )
    ],
    "subqueryload": lambda s: [
        (a.id, len(a.parts))
        for a in s.query(Item)
        .options(orm.subqueryload(Item.parts).subqueryload(Part.notes))
        .filter(Item.id < "9")
        .order_by(Item.id)
        .limit(3)
    ],
    "joined": lambda s: [
        (a.id, len(a.parts))
        for a in s.query(Item)
        .options(orm.joinedload(Item.parts), orm.joinedload(Item.tags))
        .order_by(Item.id)
        .limit(3)
    ],
    "polymorphic entities": lambda s: [
        (type(a).__name__, a.id, getattr(a, "extra", None))
        for a in s.scalars(sa.select(orm.with_polymorphic(Item, "*")).order_by(Item.id))
    ],
    "a joined subclass": lambda s: [
        (a.extra)
        for a in s.query(Special).filter(Special.extra.in_(["3", "6"])).order_by(Special.extra)
    ],
    "a tuple in a list": lambda s: s.execute(
        sa.select(Part.x).where(sa.tuple_(Part.x, Part.y).in_([(1, "y"), (2, "z")]))
    ).all(),
    "json text": lambda s: s.execute(sa.select(Item.id).where(Item.data["k"].astext == "5")).all(),
    "json as integer": lambda s: s.execute(
        sa.select(Item.id, Item.data["n"]).where(Item.data["n"].as_integer() == 5)
    ).all(),
    "json contains": lambda s: s.execute(
        sa.select(Item.id).where(Item.data.contains({"n": 6}))
    ).all(),
    "json in GROUP BY": lambda s: s.execute(
        sa.select(Item.data["k"].astext, sa.func.count())
        .group_by(Item.data["k"].astext)
        .order_by(Item.data["k"].astext)
        .limit(2)
    ).all(),
    "json cast, compared with a string": lambda s: s.execute(
        sa.select(Item.id).where(Item.data["n"].astext.cast(sa.Integer) > "27").order_by(Item.id)
    ).all(),
    "any() of an array": lambda s: s.execute(
        sa.select(Item.id).where(5 == sa.any_(Item.arr)).order_by(Item.id)
    ).all(),
    "array contains": lambda s: s.execute(sa.select(Item.id).where(Item.arr.contains([5]))).all(),
    "array overlap": lambda s: s.execute(sa.select(Item.id).where(Item.arr.overlap(["5"]))).all(),
    "modulo": lambda s: s.execute(sa.select(Item.id).where(Item.id % 10 == 0)).all(),
    "an interval taken off": lambda s: s.execute(
        sa.select(Item.id).where(Item.at - timedelta(days=27) >= "2020-01-01").order_by(Item.id)
    ).all(),
    "a function without a type, compared with a string": lambda s: s.execute(
        sa.select(Item.id).where(sa.func.date(Item.at) == "2020-01-03")
    ).all(),
    "a cast": lambda s: s.execute(
        sa.select(Item.id).where(sa.cast(Item.at, sa.Date) == date(2020, 1, 3))
    ).all(),
    "extract, grouped": lambda s: s.execute(
        sa.select(sa.extract("day", Item.at), sa.func.count())
        .group_by(sa.extract("day", Item.at))
        .having(sa.extract("day", Item.at) == "4")
    ).all(),
    "window": lambda s: s.execute(
        sa.select(
            Item.id, sa.func.row_number().over(partition_by=Item.id % 2, order_by=Item.id.desc())
        )
        .order_by(Item.id)
        .limit(3)
    ).all(),
    "like": lambda s: s.execute(
        sa.select(Item.id)
        .where(
            Item.name.ilike("%N2%"),
            Item.name.startswith("n"),
            Item.name.contains("2", autoescape=True),
        )
        .order_by(Item.id)
    ).all(),
    "concat": lambda s: s.execute(
        sa.select(Item.name + "%x'", sa.func.concat(Item.name, "-", Item.id)).where(Item.id == 1)
    ).all(),
    "case": lambda s: s.execute(
        sa.select(sa.func.sum(sa.case((Item.id > "5", 1), else_=0)))
    ).scalar(),
    "coalesce": lambda s: s.execute(
        sa.select(sa.func.coalesce(sa.func.sum(Item.id).filter(Item.id > 100), 0))
    ).scalar(),
    "recursive": subtree,
    "union": lambda s: s.execute(
        sa.union(
            sa.select(Item.id).where(Item.id == 1), sa.select(Item.id).where(Item.id == "2")
        ).order_by("id")
    ).all(),
    "exists": lambda s: s.query(s.query(Item).filter(Item.name == "n1").exists()).scalar(),
    "relationship any": lambda s: (
        s.query(Item.id)
        .filter(Item.tags.any(Tag.id == "2"), Item.parts.any(y="y"))
        .order_by(Item.id)
        .limit(2)
        .all()
    ),
    "array_agg": lambda s: s.execute(
        sa.select(sa.func.array_agg(Item.id), sa.func.string_agg(Item.name, ",")).where(Item.id < 4)
    ).all(),
    "string_agg, grouped": lambda s: s.execute(
        sa.select(Item.kind, sa.func.string_agg(Item.name, ", "))
        .where(Item.id < 4)
        .group_by(Item.kind)
        .order_by(Item.kind)
    ).all(),
    "update by strings, fetched": lambda s: (
        s.execute(
            sa.update(Item)
            .where(Item.id.in_(["1", "2"]))
            .values(name=Item.name + "z", data={"q": 1})
            .execution_options(synchronize_session="fetch")
        ).rowcount
    ),
    "Query.update": lambda s: s.query(Item).filter(Item.id > "20").update({"name": "q"}),
    "Query.delete": lambda s: (
        s.query(Note).filter(Note.bx == "3").delete(synchronize_session=False)
    ),
    "a versioned object": changed,
    "for update": lambda s: s.get(Item, 8, with_for_update=True).id,
    "bulk_insert_mappings": lambda s: (
        s.bulk_insert_mappings(Note, [{"bx": i, "by": "y"} for i in range(1, 30)]),
        s.query(Note).count(),
    )[1],
    "many new objects": lambda s: (
        s.add_all([Tag(id=i) for i in range(100, 400)]),
        s.flush(),
        s.query(Tag).count(),
    )[2],
    "insert many, returning": lambda s: s.execute(
        sa.insert(Note).returning(Note.bx), [{"bx": 1, "by": "y"}, {"bx": "2", "by": "y"}]
    ).all(),
    "upsert": lambda s: s.execute(
        pg.insert(Tag)
        .values(id="1")
        .on_conflict_do_update(index_elements=["id"], set_={"id": Tag.id})
        .returning(Tag.id)
    ).all(),
    "offset": lambda s: s.execute(sa.select(Item.id).order_by(Item.id).offset(2).limit(2)).all(),
    "slice": lambda s: [a.id for a in s.query(Item).order_by(Item.id)[3:5]],
    "is distinct from": lambda s: s.execute(
        sa.select(sa.func.count()).where(Item.parent_id.is_distinct_from("3"))
    ).scalar(),
    "arithmetic": lambda s: s.execute(
        sa.select(Item.id / 2, Item.id * 1.5, Item.id // 2).where(Item.id == 3)
    ).all(),
    "avg": lambda s: s.execute(
        sa.select(
            sa.func.avg(Item.id), sa.func.round(sa.func.avg(Item.id), 2), sa.func.sum(Item.id)
        )
    ).all(),
    "arguments of functions": lambda s: s.execute(
        sa.select(
            sa.func.substr(Item.name, 1, 1),
            sa.func.lpad(Item.name, 5, "0"),
            sa.func.replace(Item.name, "n", "m"),
            sa.func.to_char(Item.at, "YYYY-MM-DD"),
        ).where(Item.id == 3)
    ).all(),
    "greatest": lambda s: s.execute(
        sa.select(sa.func.greatest(Item.id, 5)).where(Item.id < 2)
    ).all(),
    "order by a case": lambda s: s.execute(
        sa.select(Item.id).order_by(sa.case((Item.name == "n5", 0), else_=1), Item.id).limit(2)
    ).all(),
    "rollup": lambda s: s.execute(
        sa.select(Item.kind, sa.func.count())
        .group_by(sa.func.rollup(Item.kind))
        .order_by(Item.kind)
    ).all(),
    "values": lambda s: s.execute(
        sa.select(sa.values(sa.column("x", sa.Integer), name="v").data([(1,), (2,)]))
    ).all(),
    "true and false": lambda s: s.execute(
        sa.select(Item.id).where(sa.or_(sa.false(), Item.id == 1), sa.true())
    ).all(),
    "a comparison compared": lambda s: s.execute(
        sa.select(sa.func.count()).where((Item.id > 5) == True)
    ).scalar(),
}


def results(session: Session) -> dict[str, str]:
    seen = {}
    for name, statement in STATEMENTS.items():
        seen[name] = repr(statement(session))
        session.rollback()
    return seen


def test_statements_give_the_same_over_both_drivers(postgres_url: str) -> None:
    async def main() -> tuple[dict[str, str], dict[str, str]]:
        engines = create_engines(postgres_url)
        engines.guard.mode = "off"
        try:
            with engines.sync_sessionmaker() as session:
                seed(session)
                sync = results(session)
            async with engines.async_sessionmaker() as async_session:
                return sync, await async_session.run_sync(results)
        finally:
            await engines.dispose()

    sync, async_ = asyncio.run(main())
    differences = [f"{k}: {sync[k]} != {async_[k]}" for k in sync if sync[k] != async_[k]]
    assert not differences, "\n".join(differences)
