"""Laziness, errors, context managers, generators and statements: executed legacy and converted, in both frames."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike


def test_what_is_evaluated_lazily(alike: Alike) -> None:
    views = """
import itertools
@bp.route("/m")
def m():
    xs = Order.query.order_by(Order.id).all()
    a = list(map(lambda o: o.customer.name, xs))
    it = map(lambda o: o.customer.last.number, xs)
    b = [x for x in it]
    c = sorted(filter(lambda o: o.customer.name == "ann", xs), key=lambda o: o.customer.total())
    gen = (o.customer.name for o in xs)
    d = ",".join(gen)
    e = dict(zip((o.number for o in xs), map(lambda o: o.customer.name, xs)))
    f = {k: [o.number for o in g] for k, g in itertools.groupby(sorted(xs, key=lambda o: o.customer.name), key=lambda o: o.customer.name)}
    h = list(itertools.chain.from_iterable(map(lambda cst: cst.orders, Customer.query.all())))
    i = next((o for o in xs if o.customer.name == "ann"), None).number
    j = any(map(lambda o: o.customer.name == "bob", xs))
    k = max(xs, key=lambda o: (o.customer.name, o.amount)).number
    l = list(enumerate(o.customer.name for o in xs))[0]
    def late():
        for o in xs:
            yield o.customer.name
    n = list(late())
    fs = [lambda o=o: o.customer.name for o in xs]
    p = [f2() for f2 in fs]
    return jsonify(a, b, [o.number for o in c], d, e, f, [o.number for o in h], i, j, k, l, n, p)
"""
    alike(HEAD + views, ["/m"])


def test_what_hangs_on_the_request(alike: Alike) -> None:
    views = """
class Ctx:
    def __init__(self, c): self.c = c
    def total(self): return self.c.total()
@bp.before_request
def before():
    request.customer = Customer.query.first()
    request.ctx = Ctx(request.customer)
    g.ctx = Ctx(request.customer)
    g.fn = lambda: Order.query.count()
    current_app.counter = Ctx(request.customer)
@bp.route("/r")
def r():
    return jsonify(request.customer.total(), request.ctx.total(), g.ctx.total(), g.fn(), request.customer.last.number, current_app.counter.total())
import flask.json
import flask as fl
@bp.route("/j")
def j():
    n = Order.query.count()
    return flask.json.dumps({"a": n, "b": [o.number for o in fl.g.ctx.c.orders]})
import io
import flask.json as fj
from flask.json import dump
def written(value):
    file = io.StringIO()
    dump(value, file)
    return file.getvalue() + fj.dumps(value)
@bp.route("/f")
def f(): return written({"b": Order.query.count(), "a": 1})
"""
    alike(HEAD + views, ["/r", "/j", "/f"])


def test_errors_pipelines_and_handlers(alike: Alike) -> None:
    views = """
class ServiceError(Exception):
    def __init__(self, order): super().__init__(order); self.order = order
    def describe(self): return self.order.customer.name
@bp.errorhandler(ServiceError)
def err(e): return e.describe(), 200
@bp.app_errorhandler(KeyError)
def kerr(e): return f"key {Order.query.count()}", 200
@bp.route("/raise")
def r(): raise ServiceError(Order.query.first())
@bp.route("/key")
def k(): return {}["x"]
class Pipeline:
    steps = []
    @classmethod
    def step(cls, f):
        cls.steps.append(f); return f
    def run(self, x):
        for s in self.steps: x = s(x)
        return x
@Pipeline.step
def load(x): return Order.query.filter(Order.amount > x).all()
@Pipeline.step
def names(xs): return [o.customer.name for o in xs]
@bp.route("/pipe")
def pipe(): return jsonify(Pipeline().run(20))
HANDLERS = {}
def handles(kind):
    def deco(f):
        HANDLERS.setdefault(kind, []).append(f)
        return f
    return deco
@handles("a")
def h1(o): return o.customer.name
@handles("a")
@handles("b")
def h2(o): return Order.query.count()
def dispatch(kind, o): return [h(o) for h in HANDLERS.get(kind, [])]
@bp.route("/h/<k>")
def h(k): return jsonify(dispatch(k, Order.query.first()))
class Cmd:
    def __init__(self, do, undo=None): self.do, self.undo = do, undo
    def execute(self, *a): return self.do(*a)
    def revert(self): return self.undo() if self.undo else None
@bp.route("/cmd")
def cmd():
    cs = [Cmd(lambda: Order.query.count()), Cmd(names_of, undo=count)]
    return jsonify([c.execute() for c in cs], [c.revert() for c in cs])
def names_of(): return [c.name for c in Customer.query.order_by(Customer.id)]
def count(): return Customer.query.count()
"""
    alike(HEAD + views, ["/raise", "/key", "/pipe", "/h/a", "/h/b", "/cmd"])


def test_context_managers_and_generators(alike: Alike) -> None:
    views = """
from contextlib import contextmanager, ExitStack, suppress, closing, nullcontext
@contextmanager
def tx():
    try:
        yield db.session
        db.session.commit()
    except ValueError:
        db.session.rollback()
        raise
@contextmanager
def counting(out):
    a = Order.query.count()
    yield out
    out.append(Order.query.count() - a)
class UOW:
    def __enter__(self): return self
    def __exit__(self, t, v, tb):
        if t is None: db.session.commit()
        else: db.session.rollback()
        return t is ValueError
    def add(self, **k): o = Order(**k); db.session.add(o); return o
@bp.route("/t", methods=["POST"])
def t():
    out = []
    with counting(out):
        with tx() as s:
            s.add(Order(number="X", amount=1, customer=Customer.query.first()))
    try:
        with tx() as s:
            s.add(Order(number="Y", amount=1))
            raise ValueError
    except ValueError:
        out.append("rolled")
    with UOW() as u:
        o = u.add(number="Z", amount=2)
    out.append(o.id)
    with UOW() as u, counting(out):
        u.add(number="Q", amount=2)
        raise ValueError
    out.append(Order.query.count())
    with ExitStack() as st:
        st.enter_context(counting(out))
        st.callback(lambda: out.append(Order.query.count()))
        db.session.add(Order(number="R", amount=2)); db.session.commit()
    with suppress(AttributeError):
        Customer.query.filter_by(name="nobody").first().orders
    return jsonify(out)
@bp.route("/d", methods=["POST"])
def d():
    @counting([])
    def inner(): return Order.query.count()
    return str(inner())
def gen(n):
    for o in Order.query.limit(n):
        got = yield o.customer.name
        if got: yield got * 2
@bp.route("/g")
def g_():
    it = gen(3); a = next(it); b = it.send("x"); it.close()
    return jsonify(a, b, list(gen(2)), [*gen(1)], dict(enumerate(gen(2))), next(gen(1), None), sum(1 for _ in gen(4)), sorted(gen(3)), tuple(zip(gen(2), gen(1))), "a" in gen(3))
def deleg():
    yield "s"
    r = yield from gen(2)
    yield r
@bp.route("/y")
def y(): return jsonify(list(deleg()))
"""
    alike(HEAD + views, [("POST", "/t"), ("POST", "/d"), "/g", "/y"])


def test_statements_of_every_kind(alike: Alike) -> None:
    views = """
from collections import namedtuple, UserDict
import typing
Pair = namedtuple("Pair", "a b")
class Item(typing.NamedTuple):
    o: typing.Any
    def owner(self): return self.o.customer.name
@bp.route("/nt")
def nt(): return jsonify([Item(o).owner() for o in Order.query.order_by(Order.id)], Pair(Order.query.count(), Customer.query.first().name)._asdict())
def paginate(q, page, per=2, transform=lambda x: x.number):
    items = q.offset((page - 1) * per).limit(per).all()
    return {"items": [transform(i) for i in items], "total": q.count()}
@bp.route("/page/<int:p>")
def page(p): return jsonify(paginate(Order.query.order_by(Order.id), p), paginate(Order.query.order_by(Order.id), p, transform=lambda o: o.customer.name), paginate(Customer.query, 1, transform=Customer.total))
def serialize(o, fields): return {f: (getattr(o, f)() if callable(getattr(o, f)) else getattr(o, f)) for f in fields}
@bp.route("/ser")
def ser(): return jsonify(serialize(Customer.query.first(), ["name", "total"]), serialize(Order.query.first(), ("number", "amount")))
def bulk(model, **kw): return model.query.filter_by(**kw).count()
@bp.route("/bulk")
def bu(): return jsonify(bulk(Order, number="N1"), bulk(Customer, name="zz"), {m.__name__: m.query.count() for m in (Order, Customer)}, [getattr(m, "query").count() for m in (Order, Customer)])
@bp.route("/tern")
def tern():
    c = Customer.query.first()
    return jsonify(c.last.number if c and c.orders else None, (c.orders or [None])[0].number, c is not None and c.total() > 3, [x for x in c.orders if x.customer is c][0].number, {o.number: o.customer.name for o in c.orders}, {o.customer.name for o in c.orders} == {"ann"}, not c.orders, len(c.orders), c.orders[-1].number, c.orders[:1][0].number, max((o.amount for o in c.orders), default=0), any(o.amount > 3 for o in c.orders), "%s-%s" % (c.name, c.last.number), f"{c.last.number:>5}|{c.total()!r}")
@bp.route("/walrus")
def walrus():
    if (c := Customer.query.filter_by(name="ann").first()) and (n := len(c.orders)) > 1: return f"{c.name}{n}"
    return "no"
@bp.route("/match/<k>")
def match(k):
    match Customer.query.filter_by(name=k).first():
        case None: return "none"
        case Customer(name="ann") as c: return f"ann{c.total()}"
        case c: return c.last.number
@bp.route("/del", methods=["POST"])
def dele():
    o = Order.query.first(); c = o.customer; n = len(c.orders)
    db.session.delete(o); db.session.flush(); db.session.expire(c)
    r = [n, len(c.orders)]
    db.session.rollback()
    r.append(len(c.orders)); r.append(o.number)
    return jsonify(r)
@bp.route("/star")
def star():
    def f(*a, **k): return [x.customer.name for x in a] + [k["z"].total()]
    a, *rest = Order.query.order_by(Order.id).all()
    return jsonify(f(a, *rest, **{"z": Customer.query.first()}), [a.customer.name, *[r.customer.name for r in rest]], {**{"x": a.customer.name}, "y": Order.query.count()})
@bp.route("/global")
def glob():
    global CACHE
    CACHE = CACHE or Order.query.count()
    return str(CACHE)
CACHE = None
@bp.route("/while")
def wh():
    out = []; o = Order.query.order_by(Order.id).first()
    while o is not None:
        out.append(o.customer.name); o = Order.query.filter(Order.id > o.id).order_by(Order.id).first()
    else: out.append(Order.query.count())
    for c in Customer.query.order_by(Customer.id):
        for o in c.orders:
            if o.amount < 20: break
        else: continue
        out.append(o.number)
    return jsonify(out)
@bp.route("/lock")
def lock():
    with db.session.no_autoflush:
        db.session.add(Customer(name="tmp")); n = Customer.query.count()
    m = Customer.query.count(); db.session.rollback()
    with db.session.begin_nested(): db.session.add(Customer(name="t2"))
    k = Customer.query.count(); db.session.rollback()
    return jsonify(n, m, k, Customer.query.count(), db.session.query(Order).with_for_update().first().number, db.session.execute(db.text("select count(*) from customer")).scalar(), [tuple(r) for r in db.session.query(Customer.name, db.func.count(Order.id)).join(Order).group_by(Customer.name).order_by(Customer.name)])
"""
    alike(
        HEAD + views,
        [
            "/nt",
            "/page/1",
            "/page/2",
            "/ser",
            "/bulk",
            "/tern",
            "/walrus",
            "/match/ann",
            "/match/bob",
            "/match/x",
            ("POST", "/del"),
            "/star",
            "/global",
            "/global",
            "/while",
            "/lock",
        ],
    )


VALUES_IN_PATTERNS = """
import types

UNSEEN = types.SimpleNamespace(orders="unseen")

class Holder:
    def __init__(self, order):
        self.order = order

    @property
    def count(self):
        return Order.query.count()

def found(value):
    order = Order.query.filter_by(number="N1").first()
    holder = Holder(order)
    order.amount += 1
    db.session.commit()
    match value:
        case order.number:
            return Customer.query.count()
        case order.customer.name:
            return "customer"
        case holder.count:
            return "count"
        case UNSEEN.orders:
            return "unseen"
        case {"name": order.customer.name}:
            return "mapping"
    return Order.query.count()

def said(value):
    # Nothing is loaded by what this pattern says.
    match value:
        case Order.__tablename__:
            return Order.query.count()
    return None

@bp.route("/found")
def every():
    values = ["N1", "ann", 5, UNSEEN.orders, {"name": "ann"}, {"name": "bob"}]
    return jsonify([found(v) for v in values], said("order"), said("x"))
"""


def test_what_patterns_say_by_names_may_load(alike: Alike) -> None:
    views = alike(HEAD + VALUES_IN_PATTERNS, ["/found"]).conversion.texts["views.py"]
    assert "async def said(value):" in views
