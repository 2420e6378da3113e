import dataclasses

from flask import jsonify
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import (
    IntegrityError,
    InvalidRequestError,
    MultipleResultsFound,
    NoResultFound,
)
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

from .blueprint import bp
from .models import Item, Log, Note, Point, SessionLocal, Stock, Tag
from .repo import Repo, get_or_create, move, session_scope


@bp.get("/repo")
def repo():
    with session_scope() as s:
        r = Repo(s, Item)
        i = r.save(Item(name="drill", price=3))
        i2 = r.by(name="saw")
        return jsonify(
            i.id,
            i.version,
            i.to_dict()["kind"].name,
            i2.value,
            [x.name for x in i2.neighbours],
            [x.name for x in r.all(Item.words.contains("blue"))],
            r.by(name="zz"),
        )


@bp.get("/goc")
def goc():
    with SessionLocal.begin() as s:
        a, b = get_or_create(s, "green")
        c, d = get_or_create(s, "red")
        return jsonify(a.id, b, c.id, d)


@bp.get("/move")
def mv():
    with SessionLocal() as s:
        i = s.scalars(select(Item).where(Item.name == "pear")).one()
        st = move(s, i, "p9", 4)
        move(s, i, "p0", 1)
        s.commit()
        return jsonify(
            st.id, st.count, i.value, i.total, [x.place for x in i.stocks], sorted(i.by_place), i.by_place["p9"].count
        )


@bp.get("/writeonly")
def writeonly():
    with SessionLocal() as s:
        i = s.get(Item, 4)
        i.notes.add(Note(text="more"))
        s.flush()
        a = s.scalars(i.notes.select().where(Note.text != "t30")).all()
        i.notes.remove(a[0])
        s.execute(i.notes.update().where(Note.text == "more").values(text="upd"))
        s.commit()
        n = s.scalar(select(func.count()).select_from(i.notes.select().subquery()))
        s.execute(i.notes.insert(), [{"text": "b1"}, {"text": "b2"}])
        s.execute(i.notes.delete().where(Note.text == "t32"))
        s.commit()
        return jsonify(n, [x.text for x in s.scalars(i.notes.select())])


@bp.get("/writeonly2")
def writeonly2():
    with SessionLocal() as s:
        i = Item(name="x")
        i.notes.add_all([Note(text="q"), Note(text="r")])
        s.add(i)
        s.commit()
        return jsonify(
            [n.text for n in s.scalars(i.notes.select().order_by(None).order_by(Note.text.desc()))],
            s.scalars(s.get(Item, 4).notes.insert().returning(Note), [{"text": "z"}]).one().id,
        )


@bp.get("/dynamic")
def dynamic():
    with SessionLocal() as s:
        i = s.get(Item, 4)
        i.log.append(Log(text="more"))
        a = [x.text for x in i.log]
        b = i.log.filter(Log.text != "more").count()
        s.delete(i.log.first())
        s.commit()
        return jsonify(
            a,
            b,
            [x.text for x in i.log.order_by(None).order_by(Log.id.desc()).limit(2)],
            i.log.filter_by(text="more").one().id,
        )


@bp.get("/nested")
def nested():
    with SessionLocal() as s:
        with s.begin():
            s.add(Tag("a"))
            try:
                with s.begin_nested():
                    s.add(Tag("red"))
                    s.flush()
            except IntegrityError as e:
                got = type(e.orig).__name__ in ("UniqueViolation", "IntegrityError")
            sp2 = s.begin_nested()
            s.add(Tag("b"))
            sp2.rollback()
            sp3 = s.begin_nested()
            s.add(Tag("c"))
            sp3.commit()
        return jsonify(got, s.in_transaction(), [t.word for t in s.scalars(select(Tag).order_by(Tag.id))])


@bp.get("/returning")
def returning():
    with SessionLocal() as s:
        r = s.execute(insert(Tag).returning(Tag.id, Tag.word), [{"word": "q"}, {"word": "r"}]).all()
        o = s.scalars(
            insert(Item).returning(Item, sort_by_parameter_order=True),
            [{"name": "b1", "price": 3}, {"name": "b2", "price": 4}],
        ).all()
        u = s.execute(
            update(Item).where(Item.price > 20).values(price=Item.price + 1).returning(Item.name, Item.price)
        ).all()
        d = s.scalars(delete(Stock).where(Stock.place == "p0").returning(Stock.item_id)).all()
        s.commit()
        return jsonify(
            [list(x) for x in r],
            [[x.name, x.version, x.stocks] for x in o],
            sorted([list(x) for x in u]),
            sorted(d),
            [x.value for x in o],
        )


@bp.get("/bulk")
def bulk():
    with SessionLocal() as s:
        s.execute(insert(Stock), [{"item_id": 1, "place": "z", "count": 9}, {"item_id": 2, "place": "z"}])
        s.execute(update(Stock), [{"id": 1, "count": 100}, {"id": 2, "count": 200}])
        s.bulk_insert_mappings(Note, [{"item_id": 1, "text": "m"}])
        s.bulk_save_objects([Note(item_id=1, text="o")])
        s.bulk_update_mappings(Note, [{"id": 1, "text": "upd"}])
        r = s.execute(
            update(Stock).where(Stock.item_id == 3).values(count=Stock.count * 2),
            execution_options={"synchronize_session": "fetch"},
        )
        s.commit()
        return jsonify(
            r.rowcount,
            [[x.place, x.count] for x in s.scalars(select(Stock).order_by(Stock.id))],
            s.scalars(select(Note.text).order_by(Note.id)).all(),
        )


@bp.get("/upsert")
def upsert():
    with SessionLocal() as s:
        if s.get_bind().dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert as ins
        else:
            from sqlalchemy.dialects.sqlite import insert as ins
        st = ins(Item).values([{"name": "apple", "price": 99}, {"name": "kiwi", "price": 98}])
        st = st.on_conflict_do_update(index_elements=[Item.name], set_={"price": st.excluded.price}).returning(Item)
        apple = s.get(Item, 1)
        rows = s.scalars(st, execution_options={"populate_existing": True}).all()
        st2 = ins(Tag).values(word="red").on_conflict_do_nothing(index_elements=["word"]).returning(Tag.id)
        n = s.execute(st2).first()
        s.commit()
        return jsonify(sorted([[r.name, r.price, r is apple] for r in rows]), apple.price, n)


@bp.get("/version")
def version():
    with SessionLocal() as s, SessionLocal() as t:
        a, b = s.get(Item, 1), t.get(Item, 1)
        v = a.version, b.version
        a.price = 7
        s.commit()
        b.price = 8
        try:
            t.commit()
            r = "fine"
        except StaleDataError:
            t.rollback()
            r = "stale"
        return jsonify(v, r, a.version, b.price, b.version)


@bp.get("/lock")
def lock():
    with SessionLocal.begin() as s:
        i = s.get(Item, 2, with_for_update=True)
        j = s.get(Item, 2, populate_existing=True, options=[selectinload(Item.stocks)])
        k = s.scalars(select(Item).where(Item.id == 3).with_for_update(of=Item, nowait=True)).one()
        s.refresh(k, with_for_update={"read": True})
        i.price += k.price
        return jsonify(i is j, i.price, [x.count for x in j.stocks], i.version)


@bp.get("/flushing")
def flushing():
    with SessionLocal() as s:
        with s.no_autoflush:
            i = Item(name="noflush", x=1)
            s.add(i)
            a = s.scalar(select(func.count(Item.id)))
        b = s.scalar(select(func.count(Item.id)))
        c = len(i.neighbours)
        s.rollback()
        return jsonify(a, b, c, s.scalar(select(func.count(Item.id))), i in s)


@bp.get("/refresh")
def refresh():
    with SessionLocal() as s:
        i = s.get(Item, 1)
        s.execute(text("update item set price = 55 where id = 1"))
        a = i.price
        s.refresh(i, attribute_names=["price"])
        s.expire(i, ["name"])
        b = i.price, i.name
        s.expire_all()
        s.execute(text("delete from tagged"))
        s.execute(text("delete from item where id=1"))
        try:
            i.name
            r = "there"
        except ObjectDeletedError:
            r = "gone"
        return jsonify(a, b, r)


@bp.get("/proxy")
def proxy():
    with SessionLocal() as s:
        i = s.get(Item, 1)
        i.words.add("violet")
        i.words.discard("red")
        s.commit()
        return jsonify(
            sorted(i.words),
            "violet" in i.words,
            len(i.words),
            [x.name for x in s.scalars(select(Item).where(Item.words.contains("red")).order_by(Item.id))],
        )


@bp.get("/composite")
def comp():
    with SessionLocal() as s:
        i = s.scalars(select(Item).where(Item.where == Point(1, 3))).one()
        i.where = Point(5, 6)
        s.commit()
        return jsonify(
            i.x, i.y, dataclasses.asdict(i.where), [x.name for x in s.scalars(select(Item).order_by(Item.where))]
        )


@bp.get("/errors")
def errors():
    out = []
    with SessionLocal() as s:
        for st in (select(Item).where(Item.id == 99), select(Item)):
            for m in ("one", "one_or_none", "first"):
                try:
                    r = getattr(s.scalars(st.order_by(Item.id)), m)()
                    out.append(r and r.name)
                except (NoResultFound, MultipleResultsFound) as e:
                    out.append(str(e))
        try:
            s.get_one(Item, 99)
        except NoResultFound as e:
            out.append(str(e))
        try:
            s.add(Item(name="apple"))
            s.commit()
        except IntegrityError:
            out.append("dup")
        try:
            s.scalar(select(1))
            out.append("usable")
        except Exception as e:
            out.append(type(e).__name__)
            s.rollback()
        out.append(s.scalar(select(func.count()).select_from(Item)))
    return jsonify(out)


@bp.get("/tx")
def tx():
    with SessionLocal() as s:
        try:
            with s.begin():
                s.add(Tag("one"))
                raise ValueError
        except ValueError:
            pass
        try:
            s.scalar(select(1))
            s.begin()
        except InvalidRequestError as e:
            r = str(e)[:40]
        s.commit()
        t = s.begin()
        s.add(Tag("two"))
        t.commit()
        return jsonify(r, t.is_active, [x for x in s.scalars(select(Tag.word).order_by(Tag.id))], s.in_transaction())


@bp.get("/cascade")
def cascade():
    with SessionLocal() as s:
        i = s.get(Item, 4)
        i.stocks.pop(0)
        del i.stocks[0]
        s.commit()
        n = len(i.stocks)
        s.delete(s.get(Item, 2))
        s.commit()
        return jsonify(
            n, s.scalar(select(func.count(Stock.id))), [i.name for i in s.scalars(select(Item).order_by(Item.id))]
        )
