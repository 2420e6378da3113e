from flask import jsonify, render_template_string
from sqlalchemy import exists, func, inspect, literal, select, tuple_, union_all
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import (
    Bundle,
    Session,
    aliased,
    contains_eager,
    joinedload,
    load_only,
    make_transient,
    object_session,
    raiseload,
    selectinload,
    subqueryload,
    undefer,
    with_expression,
    with_loader_criteria,
)
from sqlalchemy.orm.exc import DetachedInstanceError

from .blueprint import bp
from .models import Item, Quiet, SessionLocal, Stock, Tag, engine
from .repo import Repo, session_scope


@bp.get("/list")
def list_():
    with SessionLocal() as s:
        return jsonify(
            [
                [i.name, i.value, i.total, sorted(i.words), i.where.x, i.kind.value, i.dearer(5)]
                for i in s.scalars(select(Item).order_by(Item.id))
            ]
        )


@bp.get("/expr")
def expr():
    with Session(engine) as s:
        return jsonify(
            s.execute(
                select(Item.name, Item.value.label("v"))
                .where(Item.dearer(0), Item.value > 10)
                .order_by(Item.value.desc())
            )
            .mappings()
            .all()
            .__len__(),
            [
                dict(r)
                for r in s.execute(
                    select(Item.name, Item.value.label("v")).order_by(Item.value.desc(), Item.id)
                ).mappings()
            ],
        )


@bp.get("/repo2")
def repo2():
    with session_scope() as s:
        rows = Repo(s, Item).all(Item.price > 5, opts=[selectinload(Item.stocks), raiseload("*")])
        out = []
        for i in rows:
            try:
                out.append([i.name, len(i.stocks), len(i.tags)])
            except InvalidRequestError as e:
                out.append([i.name, type(e).__name__, str(e)])
        return jsonify(out)


@bp.get("/criteria")
def criteria():
    with SessionLocal() as s:
        rows = s.scalars(
            select(Item)
            .options(with_loader_criteria(Stock, Stock.count > 1), selectinload(Item.stocks))
            .order_by(Item.id)
        ).all()
        lazy = s.scalars(
            select(Item)
            .options(with_loader_criteria(Stock, lambda c: c.count > 2))
            .order_by(Item.id)
            .execution_options(populate_existing=True)
        ).all()
        return jsonify([[x.place for x in r.stocks] for r in rows], [[x.place for x in r.stocks] for r in lazy])


@bp.get("/criteria2")
def criteria2():
    with SessionLocal() as s:
        lazy = s.scalars(select(Item).options(with_loader_criteria(Stock, Stock.count > 2)).order_by(Item.id)).all()
        return jsonify([[x.place for x in r.stocks] for r in lazy], [sum(x.count for x in r.stocks) for r in lazy])


@bp.get("/alias")
def alias():
    with SessionLocal() as s:
        a, b = aliased(Item, name="a"), aliased(Item, name="b")
        rows = s.execute(select(a, b).join(b, a.x == b.x).where(a.id < b.id).order_by(a.id, b.id)).all()
        cheap = select(Item).where(Item.price < 20).subquery()
        c = aliased(Item, cheap)
        return jsonify(
            [[p.name, q.name, [t.place for t in q.stocks]] for p, q in rows],
            [[x.name, sorted(t.word for t in x.tags)] for x in s.scalars(select(c).order_by(c.id))],
        )


@bp.get("/cte")
def cte():
    with SessionLocal() as s:
        top = select(Stock.item_id, func.sum(Stock.count).label("n")).group_by(Stock.item_id).cte("top")
        rows = s.execute(select(Item, top.c.n).join(top, top.c.item_id == Item.id).order_by(top.c.n.desc())).all()
        nums = select(literal(1).label("n")).cte("nums", recursive=True)
        nums = nums.union_all(select(nums.c.n + 1).where(nums.c.n < 4))
        w = select(
            Item.name, func.row_number().over(partition_by=Item.x, order_by=Item.price.desc()).label("rn")
        ).subquery()
        return jsonify(
            [[i.name, n, i.stocks[0].place] for i, n in rows],
            s.scalars(select(nums.c.n)).all(),
            [tuple(r) for r in s.execute(select(w).where(w.c.rn == 1).order_by(w.c.name))],
        )


@bp.get("/bundle")
def bundle():
    with SessionLocal() as s:
        bn = Bundle("b", Item.name, Item.price)
        rows = s.execute(select(bn, Item).where(bn.c.price > 1).order_by(Item.id)).all()
        return jsonify(
            [[r.b.name, r.b.price, r.Item.value] for r in rows],
            [r[0]._asdict() for r in s.execute(select(Bundle("q", Item.id)).order_by(Item.id))],
            [list(r) for r in s.scalars(select(Bundle("p", Item.id, Item.name)).order_by(Item.id))],
        )


@bp.get("/stream")
def stream():
    with SessionLocal() as s:
        out = [
            [i.name, len(i.stocks)] for i in s.scalars(select(Item).order_by(Item.id).execution_options(yield_per=2))
        ]
        parts = [[i.name for i in p] for p in s.scalars(select(Item).order_by(Item.id)).partitions(3)]
        parts2 = [
            [(a, b) for a, b in p]
            for p in s.execute(
                select(Item.id, Item.name).order_by(Item.id), execution_options={"stream_results": True}
            )
            .yield_per(3)
            .partitions()
        ]
        fm = []
        r = s.execute(select(Item.id).order_by(Item.id))
        while ch := r.fetchmany(3):
            fm.append([x[0] for x in ch])
        return jsonify(out, parts, parts2, fm)


@bp.get("/detached")
def detached():
    with SessionLocal() as s:
        i = s.scalars(select(Item).where(Item.id == 4)).one()
        s.expunge(i)
        out = [i.name, inspect(i).detached]
        for f in (lambda: i.stocks, lambda: i.note, lambda: i.value):
            try:
                f()
                out.append("ok")
            except DetachedInstanceError:
                out.append("detached")
        i.price = 5
        m = s.merge(i)
        out += [m is i, m.price, [x.place for x in m.stocks], m in s.dirty, m in s]
        make_transient(i)
        i.id = None
        i.name = "copy"
        i.version = None
        s.add(i)
        s.commit()
        return jsonify(out, i.id, i.version, i.stocks == [])


@bp.get("/detached2")
def detached2():
    with Quiet() as s:
        i = s.get(Item, 4)
        i.price = 77
        s.commit()
        p = i.price, i.version
    try:
        r = len(i.stocks)
    except DetachedInstanceError:
        r = "detached"
    with SessionLocal() as s:
        s.add(i)
        return jsonify(p, r, len(i.stocks), i.value)


@bp.get("/inspect")
def inspected():
    with SessionLocal() as s:
        i = s.get(Item, 3)
        st = inspect(i)
        i.price = 1000
        h = st.attrs.price.history
        u = sorted(st.unloaded)
        i.stocks
        return jsonify(
            list(h.added),
            list(h.deleted),
            u,
            "stocks" in st.unloaded,
            st.persistent,
            st.identity,
            len(s.identity_map),
            s.is_modified(i),
            [o.name for o in s.dirty],
            inspect(Item).primary_key[0].name,
            st.session is s,
            object_session(i) is s,
        )


@bp.get("/deferred")
def deferred_():
    with SessionLocal() as s:
        a = s.get(Item, 2).note
        b = [i.note for i in s.scalars(select(Item).options(undefer(Item.note)).order_by(Item.id))]
        s.expunge_all()
        c = [[i.name, i.price] for i in s.scalars(select(Item).options(load_only(Item.name)).order_by(Item.id))]
        s.expunge_all()
        d = [
            i.extra
            for i in s.scalars(select(Item).options(with_expression(Item.extra, Item.price * 2)).order_by(Item.id))
        ]
        return jsonify(a, b, c, d)


@bp.get("/contains")
def contains():
    with SessionLocal() as s:
        rows = (
            s.scalars(
                select(Item)
                .join(Item.stocks)
                .where(Stock.count >= 2)
                .options(contains_eager(Item.stocks))
                .order_by(Item.id, Stock.id)
            )
            .unique()
            .all()
        )
        r2 = s.scalars(select(Stock).join(Stock.item).options(contains_eager(Stock.item)).order_by(Stock.id)).all()
        r3 = (
            s.execute(select(Item).options(joinedload(Item.stocks), subqueryload(Item.tags)).order_by(Item.id))
            .unique()
            .scalars()
            .all()
        )
        return jsonify(
            [[i.name, [x.place for x in i.stocks]] for i in rows],
            [x.item.name for x in r2],
            [[len(i.stocks), len(i.tags)] for i in r3],
        )


@bp.get("/template")
def template():
    with SessionLocal() as s:
        return render_template_string(
            "{% for i in items %}{{ i.name }}:{% for t in i.stocks %}{{ t.place }}{{ t.item.value }}{% endfor %}{{ i.words|sort|join }};{% endfor %}",
            items=s.scalars(select(Item).order_by(Item.id)),
        )


@bp.get("/union")
def union():
    with SessionLocal() as s:
        u = union_all(select(Item.id, Item.name).where(Item.id < 3), select(Tag.id, Tag.word)).order_by("name")
        i = select(Item).where(Item.id < 3).union(select(Item).where(Item.id > 3)).order_by("id")
        f = s.scalars(select(Item).from_statement(i)).all()
        return jsonify(
            [list(r) for r in s.execute(u)],
            [[x.name, len(x.stocks)] for x in f],
            s.scalar(select(exists().where(Item.name == "saw"))),
            s.execute(select(Item.name).where(tuple_(Item.x, Item.y).in_([(1, 3)]))).scalar(),
        )
