"""Where functions of the repository go: executed legacy and converted, in both frames."""

from __future__ import annotations

from tests.codemod.alike import Alike

HEAD = """
from functools import wraps
from flask import Blueprint, jsonify, request, abort, g, render_template_string, current_app
from PKG.models import Customer, Order, db
bp = Blueprint("b", __name__)
"""


def test_modules_that_are_values(alike: Alike) -> None:
    views = """
import importlib
from PKG.svc import a, b
services = {"a": a, "b": b}
@bp.route("/s/<name>")
def s(name):
    return str(services[name].run())
@bp.route("/i/<name>")
def i(name):
    m = importlib.import_module("PKG.svc." + name)
    return str(m.run())
def pick(name):
    return globals()[name]
def hello():
    return str(Order.query.count())
@bp.route("/p")
def p():
    return pick("hello")()
"""
    alike(
        HEAD + views,
        ["/s/a", "/s/b", "/i/a", "/i/b", "/p"],
        svc____init__="""""",
        svc__a="""
from PKG.models import Order
def run():
    return Order.query.count()
""",
        svc__b="""
from PKG.models import Customer
def run():
    return Customer.query.first().name
""",
    )


def test_caches(alike: Alike) -> None:
    views = """
import functools
@functools.lru_cache(maxsize=None)
def count():
    return Order.query.count()
@functools.cache
def names():
    return tuple(c.name for c in Customer.query.order_by(Customer.id))
cached = functools.lru_cache()(lambda n: Order.query.limit(n).count())
def raw():
    return Order.query.count()
cached2 = functools.lru_cache(raw)
class K:
    @functools.cached_property
    def n(self):
        return Order.query.count()
    @functools.lru_cache
    def m(self):
        return Order.query.count()
def timed_cache(f):
    store = {}
    @wraps(f)
    def wrapper(*a):
        if a not in store:
            store[a] = f(*a)
        return store[a]
    wrapper.clear = store.clear
    return wrapper
@timed_cache
def of(cid):
    return Order.query.filter_by(customer_id=cid).count()
@timed_cache
def plain(n):
    return n + 1
@bp.route("/c")
def c():
    count.cache_clear(); names.cache_clear()
    k = K()
    of.clear()
    return jsonify(count(), count(), names(), names(), cached(2), cached(2), cached2(), cached2(), k.n, k.n, k.m(), k.m(), of(1), of(1), plain(1), plain(1), count.cache_info().hits)
class memo:
    def __init__(self, f): self.f = f; self.v = None
    def __call__(self, *a):
        if self.v is None: self.v = self.f(*a)
        return self.v
    def reset(self): self.v = None
@memo
def total():
    return Order.query.count()
@bp.route("/m")
def m():
    total.reset()
    return jsonify(total(), total())
"""
    alike(HEAD + views, ["/c", "/c", "/m"])


def test_functions_in_containers_and_variables(alike: Alike) -> None:
    views = """
import functools
def a(): return Order.query.count()
def b(): return Customer.query.count()
@bp.route("/u")
def u():
    d = {}
    d.update({"a": a}, b=b)
    d2 = dict(d, c=a)
    d3 = {**d2}
    def call(**kw):
        return [f() for _, f in sorted(kw.items())]
    def call2(*fs):
        return [f() for f in fs]
    return jsonify(d["a"](), d2["b"](), d3["c"](), call(x=a, y=b), call2(a, b), call(**d), call2(*d.values()))
state = {"f": None}
handler = None
def install(f):
    global handler
    handler = f
install(a)
@bp.route("/g")
def g_():
    return str(handler())
@bp.route("/n")
def n():
    f = None
    def choose(x):
        nonlocal f
        f = a if x else b
    choose(1)
    r = f()
    choose(0)
    return jsonify(r, f())
@bp.route("/p")
def p():
    def k(x, y=1): return Order.query.limit(x).count() + y
    q = functools.partial(k, 2)
    return jsonify(q(), q(y=5), functools.partial(a)(), list(map(functools.partial(k, y=3), [1, 2])))
class S:
    def f(self, n, m=0): return Order.query.limit(n).count() + m
    g = functools.partialmethod(f, 3, m=1)
    @functools.singledispatchmethod
    def d(self, x): return str(Order.query.count())
    @d.register
    def _(self, x: int): return "i" + str(Customer.query.count() + x)
    @d.register(str)
    def _(self, x): return "s" + Customer.query.first().name
@bp.route("/pm")
def pm():
    s = S()
    return jsonify(s.g(), s.d(1), s.d("x"), s.d(1.0))
@bp.route("/r")
def r():
    return jsonify(functools.reduce(lambda x, f: x + f(), [a, b], 0), [f() for f in (a, b)], (a if request.args else b)(), (lambda: a())())
"""
    alike(HEAD + views, ["/u", "/g", "/n", "/p", "/pm", "/r"])


def test_special_methods_descriptors_and_metaclasses(alike: Alike) -> None:
    views = """
class Basket:
    def __init__(self, cid):
        self.c = Customer.query.get(cid)
    def __len__(self): return Order.query.filter_by(customer_id=self.c.id).count()
    def __iter__(self): return iter(self.c.orders)
    def __getitem__(self, i): return self.c.orders[i]
    def __contains__(self, n): return Order.query.filter_by(number=n, customer_id=self.c.id).first() is not None
    def __eq__(self, o): return self.total() == o.total()
    def __lt__(self, o): return self.total() < o.total()
    def __hash__(self): return self.c.id
    def __bool__(self): return len(self) > 0
    def __repr__(self): return f"<{self.c.name} {self.total()}>"
    def __str__(self): return f"{self.c.name}:{self.c.last.number}"
    def __format__(self, s): return s + str(self.total())
    def __add__(self, o): return self.total() + o.total()
    def __call__(self, n): return Order.query.limit(n).count()
    def __enter__(self): self.n = Order.query.count(); return self
    def __exit__(self, *a): self.after = Customer.query.count()
    def __getattr__(self, name):
        if name.startswith("order_"):
            return Order.query.filter_by(number=name[6:]).first().amount
        raise AttributeError(name)
    def __setattr__(self, k, v): object.__setattr__(self, k, v)
    def __int__(self): return self.total()
    def __del__(self): pass
    def total(self): return sum(o.amount for o in self.c.orders)
@bp.route("/d")
def d():
    x, y = Basket(1), Basket(2)
    r = [len(x), [o.number for o in x], x[0].number, "N1" in x, x == y, x < y, sorted([y, x])[0].c.name, bool(x), repr(x), str(x), f"{x:>}", f"{x!r}", "%s" % x, "{}".format(x), x + y, x(2), x.order_N1, int(x), max(x, y).c.name, list(x)[0].number, any(o.amount > 3 for o in x), x != y, not x]
    with Basket(1) as z:
        r.append(z.n)
    r.append(z.after)
    for o in x: r.append(o.number)
    a, b2, *_ = x
    r.append(b2.number)
    return jsonify(r)
class Desc:
    def __set_name__(self, o, n): self.n = n
    def __get__(self, i, o=None):
        if i is None: return self
        return Order.query.filter_by(number=self.n).first().amount
    def __set__(self, i, v): Order.query.filter_by(number=self.n).first().amount = v
class Meta(type):
    def __call__(cls, *a):
        o = super().__call__(*a); o.count = Order.query.count(); return o
    @property
    def size(cls): return Customer.query.count()
    def __len__(cls): return Order.query.count()
class W(metaclass=Meta):
    N0 = Desc(); N1 = Desc()
    def __new__(cls, *a):
        o = super().__new__(cls); o.first = Customer.query.first().name; return o
    def __init_subclass__(cls, **k): cls.sub = True
    def f(self): return self.N1
class W2(W):
    def f(self): return super().f() + Order.query.count()
@bp.route("/w")
def w():
    x = W2()
    r = [x.N0, x.f(), x.count, x.first, W2.size, len(W2)]
    x.N0 = 7
    r.append(x.N0)
    return jsonify(r)
"""
    alike(HEAD + views, ["/d", "/w"])


def test_abstract_classes_protocols_and_registries(alike: Alike) -> None:
    views = """
import abc, typing
from dataclasses import dataclass, field
class Base(abc.ABC):
    @abc.abstractmethod
    def run(self): ...
    def go(self): return [self.run(), self.extra]
    @property
    @abc.abstractmethod
    def extra(self): ...
    @classmethod
    def make(cls): return cls()
    @staticmethod
    def helper(n): return Order.query.limit(n).count()
class A(Base):
    def run(self): return Order.query.count()
    @property
    def extra(self): return Customer.query.count()
class B(Base):
    extra = 3
    def run(self): return "b" + str(self.helper(2))
class P(typing.Protocol):
    def run(self): ...
def use(p: P): return p.run()
def use2(p: Base): return p.go()
@dataclass
class D:
    n: int
    f: typing.Callable = None
    items: list = field(default_factory=lambda: [])
    def __post_init__(self):
        self.k = Order.query.count() + self.n
    def run(self): return self.f() if self.f else Customer.query.count()
def cnt(): return Order.query.count()
@bp.route("/a")
def a():
    return jsonify([use(x) for x in (A(), B(), D(1))], [use2(x) for x in (A.make(), B.make())], D(2, cnt).run(), D(3).k, [c.__name__ for c in Base.__subclasses__()], [c().run() for c in Base.__subclasses__()], Base.helper(1), A.helper(3))
REG = {}
class Auto:
    def __init_subclass__(cls, **k):
        REG[cls.__name__] = cls
    def run(self): raise NotImplementedError
class X1(Auto):
    def run(self): return Order.query.count()
class X2(Auto):
    def run(self): return "x2"
@bp.route("/x/<n>")
def x(n): return str(REG[n]().run())
class Mixin:
    def save(self): db.session.add(self); db.session.commit(); return self
    @classmethod
    def by(cls, **k): return cls.query.filter_by(**k).first()
@bp.route("/e", methods=["GET", "POST"])
def e():
    try:
        v = Order.query.filter_by(number="zzz").one()
    except Exception as ex:
        v = type(ex).__name__
    finally:
        n = Order.query.count()
    return f"{v}{n}"
"""
    alike(HEAD + views, ["/a", "/x/X1", "/x/X2", "/e"])


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


def test_models_with_everything(alike: Alike) -> None:
    views = """
from PKG.models import LOG
@bp.route("/a")
def a():
    c = Customer.query.first()
    return jsonify(list(c.numbers), c.big, c.named("ann"), c.best.number, str(c), f"{c}", c.to_dict(True), [x.name for x in Customer.ranked()], [x.name for x in Customer.query.filter(Customer.big)], Order.newest().number, c == Customer.query.get(1), c in Customer.query.all(), [s.number for s in c.orders[0].siblings], {c: 1}[Customer.query.get(1)])
@bp.route("/b", methods=["POST"])
def b():
    LOG.clear()
    c = Customer.newest()
    c.numbers.append("P1")
    c.best = Order(number="B", amount=100)
    db.session.commit()
    r = [c.best.number, len(c.orders), list(LOG)]
    try:
        c.name = "ann"; db.session.commit()
    except ValueError as e:
        db.session.rollback(); r.append(str(e))
    c.orders.pop(); db.session.commit()
    r.append(Order.query.count())
    c.touch(); db.session.commit(); r.append(c.created)
    db.session.delete(c); db.session.commit()
    r.append(Order.query.count()); r.append(Customer.query.count())
    n = Customer(name="zed"); db.session.add(n); db.session.flush(); r.append(n.to_dict())
    n.orders = [Order(number="1", amount=1)]; n.orders.extend([Order(number="2", amount=2)]); n.orders += [Order(number="3", amount=3)]
    db.session.commit()
    n.orders = n.orders[:1]; db.session.commit(); r.append([o.number for o in n.orders])
    db.session.refresh(n); db.session.expire_all(); r.append(n.name); r.append(n.orders[0].customer.name)
    return jsonify(r)
"""
    alike(
        HEAD + views,
        ["/a", ("POST", "/b"), "/a"],
        models="""
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import validates, column_property, synonym
from sqlalchemy.ext.hybrid import hybrid_property, hybrid_method
from sqlalchemy.ext.associationproxy import association_proxy
db = SQLAlchemy()
LOG = []
class Timestamp:
    created = db.Column(db.Integer, default=lambda: 1)
    def touch(self): self.created = (self.created or 0) + Order.query.count(); return self
    @classmethod
    def newest(cls): return cls.query.order_by(cls.id.desc()).first()
class Customer(Timestamp, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
    orders = db.relationship("Order", backref="customer", order_by="Order.id", cascade="all, delete-orphan")
    numbers = association_proxy("orders", "number", creator=lambda n: Order(number=n, amount=1))
    @validates("name")
    def check(self, k, v):
        if Customer.query.filter_by(name=v).first() is not None: raise ValueError("dup")
        return v
    @hybrid_property
    def big(self): return sum(o.amount for o in self.orders) > 70
    @big.expression
    def big(cls): return db.select(db.func.sum(Order.amount) > 70).where(Order.customer_id == cls.id).scalar_subquery()
    @hybrid_method
    def named(self, n): return self.name == n
    @property
    def best(self): return max(self.orders, key=lambda o: o.amount)
    @best.setter
    def best(self, o): self.orders.append(o)
    def __str__(self): return f"{self.name}({len(self.orders)})"
    def to_dict(self, deep=False):
        d = {"id": self.id, "name": self.name}
        if deep: d["orders"] = [o.to_dict() for o in self.orders]; d["best"] = self.best.number
        return d
    @staticmethod
    def ranked(): return sorted(Customer.query.all(), key=lambda c: -sum(o.amount for o in c.orders))
    def __eq__(self, o): return isinstance(o, Customer) and o.id == self.id
    def __hash__(self): return hash(self.id)
class Order(Timestamp, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))
    amount = db.Column(db.Integer)
    customer_id = db.Column(db.ForeignKey("customer.id"))
    def to_dict(self): return {"n": self.number, "c": self.customer.name if self.customer else None}
    @property
    def siblings(self): return [o for o in self.customer.orders if o is not self]
@event.listens_for(Order, "after_insert")
def ins(m, c, t): LOG.append(t.number)
@event.listens_for(Customer.name, "set")
def st(t, v, o, i): LOG.append(f"{v}")
@event.listens_for(db.session, "before_flush") if False else (lambda f: f)
def bf(*a): pass
def seed():
    db.create_all()
    ann, bob = Customer(name="ann"), Customer(name="bob")
    db.session.add_all([ann, bob]); db.session.commit()
    for i in range(5):
        db.session.add(Order(number=f"N{i}", amount=10 * (5 - i), customer=ann if i % 2 else bob))
    db.session.commit()
""",
    )


def test_hooks_and_class_based_views(alike: Alike) -> None:
    views = """
from flask.views import MethodView, View
@bp.before_app_request
def load():
    g.n = Order.query.count()
    if request.args.get("stop"): return f"stopped {Customer.query.first().name}"
@bp.after_request
def after(resp):
    resp.headers["X-N"] = str(g.n + Customer.query.count()); return resp
@bp.teardown_request
def td(e): Order.query.count()
class Base(MethodView):
    model = None
    def find(self, id): return self.model.query.get_or_404(id)
    def get(self, id=None):
        if id is None: return jsonify([self.dump(x) for x in self.model.query.order_by(self.model.id)])
        return jsonify(self.dump(self.find(id)))
    def dump(self, o): return {c.name: getattr(o, c.name) for c in o.__table__.columns}
    @classmethod
    def register(cls, url):
        v = cls.as_view(cls.__name__)
        bp.add_url_rule(url, view_func=v); bp.add_url_rule(url + "/<int:id>", view_func=v)
class Orders(Base):
    model = Order
    def dump(self, o): return {**super().dump(o), "c": o.customer.name}
class Customers(Base):
    model = Customer
    def dump(self, o):
        d = Base.dump(self, o); d["n"] = len(o.orders); return d
    def get(self, id=None):
        r = super().get(id); r.headers["X-C"] = str(Customer.query.count()); return r
for c, u in ((Orders, "/orders"), (Customers, "/customers")): c.register(u)
class Old(View):
    def __init__(self, n): self.n = n
    def dispatch_request(self): return str(self.n + Order.query.count())
bp.add_url_rule("/old", view_func=Old.as_view("old", 3))
@bp.route("/stream")
def stream():
    from flask import Response, stream_with_context
    def gen():
        for o in Order.query.order_by(Order.id): yield o.number + o.customer.name
    return Response(stream_with_context(gen()))
@bp.route("/after")
def aft():
    from flask import after_this_request
    @after_this_request
    def f(r): r.headers["X-A"] = str(Order.query.count()); return r
    return "x"
"""
    alike(
        HEAD + views,
        [
            "/orders",
            "/orders/2",
            "/customers",
            "/customers/1",
            "/old",
            "/orders?stop=1",
            "/stream",
            "/after",
        ],
    )


def test_functions_that_make_functions(alike: Alike) -> None:
    views = """
import functools, itertools, operator, collections
def compose(*fs): return functools.reduce(lambda f, g: lambda x: f(g(x)), fs)
def find(n): return Order.query.filter_by(number=n).first()
def owner(o): return o.customer
def name(c): return c.name
@bp.route("/compose")
def comp(): return compose(name, owner, find)("N1")
def curry(f):
    def outer(a):
        def inner(b): return f(a, b)
        return inner
    return outer
@curry
def both(a, b): return Order.query.filter(Order.amount.between(a, b)).count()
@bp.route("/curry")
def cur(): return str(both(10)(30))
def maybe(f, default=None):
    @wraps(f)
    def w(*a):
        try: return f(*a)
        except Exception: return default
    return w
@bp.route("/maybe")
def may(): return jsonify(maybe(lambda n: find(n).amount, -1)("zz"), maybe(find)("N0").number)
def retry(times):
    def deco(f):
        @wraps(f)
        def w(*a, **k):
            for i in range(times):
                try: return f(*a, **k)
                except LookupError: continue
            return "gave up"
        return w
    return deco
N = [0]
@retry(3)
def flaky():
    N[0] += 1
    if Order.query.count() and N[0] % 3: raise LookupError
    return "ok"
@bp.route("/retry")
def ret(): return flaky()
class Lazy:
    def __init__(self, f): self.f = f
    @property
    def value(self):
        if not hasattr(self, "_v"): self._v = self.f()
        return self._v
L = None
@bp.route("/lazy")
def lazy():
    l = Lazy(lambda: Order.query.count()); m = Lazy(functools.partial(find, "N2")); k = Lazy(cnt)
    return jsonify(l.value, m.value.number, k.value)
def cnt(): return Customer.query.count()
@bp.route("/dd")
def dd():
    d = collections.defaultdict(cnt); e = collections.defaultdict(lambda: Order.query.count())
    by = collections.defaultdict(list)
    for o in Order.query: by[o.customer.name].append(o.number)
    cn = collections.Counter(o.customer.name for o in Order.query.all())
    return jsonify(d["x"], e["y"], by, cn, {}.get("z") or cnt(), {}.setdefault("q", cnt()), iter(cnt, None).__next__())
def rec(n): return [] if n == 0 else [Order.query.limit(n).count()] + rec(n - 1)
def ping(n): return pong(n - 1) if n else cnt()
def pong(n): return ping(n - 1) if n else Order.query.count()
@bp.route("/rec")
def re_(): return jsonify(rec(3), ping(3), ping(4))
def dflt(f=cnt, *, g=lambda: Order.query.count()): return f() + g()
@bp.route("/dflt")
def df(): return jsonify(dflt(), dflt(lambda: 1), dflt(g=cnt), (lambda f=cnt: f())())
@bp.route("/sel")
def sel():
    ops = {"count": cnt, "len": lambda: len(Order.query.all()), "owner": lambda: owner(find("N1")).name}
    k = request.args.get("k", "count")
    f = ops.get(k) or ops["count"]
    g2 = ops["len"] if k else None
    return jsonify([v() for v in ops.values()], f(), g2 and g2(), [ops[x]() for x in ("count", "owner")], [(k2, v2()) for k2, v2 in ops.items()][0])
"""
    alike(
        HEAD + views,
        ["/compose", "/curry", "/maybe", "/retry", "/lazy", "/dd", "/rec", "/dflt", "/sel"],
    )


def test_threads(alike: Alike) -> None:
    views = """
import threading, concurrent.futures
def work(app, out):
    with app.app_context():
        out.append(Order.query.count()); out.append(Customer.query.first().total())
@bp.route("/t")
def t():
    out = []
    app = current_app._get_current_object()
    th = threading.Thread(target=work, args=(app, out)); th.start(); th.join()
    return jsonify(out)
@bp.route("/p")
def p():
    app = current_app._get_current_object()
    def job(i):
        with app.app_context():
            return Order.query.get(i).customer.name
    with concurrent.futures.ThreadPoolExecutor(2) as ex:
        return jsonify(list(ex.map(job, [1, 2, 3])), ex.submit(job, 1).result())
class W(threading.Thread):
    def __init__(self, app): super().__init__(); self.app = app
    def run(self):
        with self.app.app_context(): self.r = Order.query.count()
@bp.route("/w")
def w():
    x = W(current_app._get_current_object()); x.start(); x.join(); return str(x.r)
"""
    alike(HEAD + views, ["/t", "/p", "/w"])


def test_proxies_observers_and_enums(alike: Alike) -> None:
    views = """
import contextvars, weakref, itertools
from werkzeug.local import LocalProxy
def _find(): return Customer.query.first()
current_customer = LocalProxy(_find)
current_customer2 = LocalProxy(lambda: g.setdefault("cc", Customer.query.get(2)))
@bp.route("/proxy")
def proxy(): return jsonify(current_customer.name, current_customer.total(), current_customer2.name, [o.number for o in current_customer.orders], current_customer2.last.number)
class Observable:
    def __init__(self): self.subs = []
    def on(self, f): self.subs.append(f); return f
    def fire(self, *a): return [f(*a) for f in self.subs]
bus = Observable()
@bus.on
def one(o): return o.customer.name
class Sub:
    def __init__(self, bus): bus.on(self.two); bus.on(lambda o: self.two(o) + 1)
    def two(self, o): return Order.query.filter_by(customer_id=o.customer_id).count()
Sub(bus)
@bp.route("/bus")
def b(): return jsonify(bus.fire(Order.query.first()))
class Visitor:
    def visit(self, o): return getattr(self, "visit_" + type(o).__name__.lower(), self.generic)(o)
    def visit_order(self, o): return o.customer.name
    def visit_customer(self, o): return [self.visit(x) for x in o.orders]
    def generic(self, o): return str(Order.query.count())
@bp.route("/visit")
def visit(): v = Visitor(); return jsonify(v.visit(Customer.query.first()), v.visit(3))
class Chain:
    def __init__(self, q=None): self.q = q or Order.query
    def big(self): self.q = self.q.filter(Order.amount > 20); return self
    def of(self, name): return Chain(self.q.join(Customer).filter(Customer.name == name))
    def list(self): return [o.number for o in self.q.order_by(Order.id)]
    def __iter__(self): return iter(self.q)
    def __len__(self): return self.q.count()
@bp.route("/chain")
def chain(): c = Chain(); return jsonify(c.big().list(), Chain().of("ann").list(), len(Chain().big()), sorted(o.number for o in Chain()))
class Singleton:
    _i = None
    @classmethod
    def get(cls):
        if cls._i is None: cls._i = cls(); cls._i.n = Order.query.count()
        return cls._i
    def total(self): return self.n + Customer.query.count()
@bp.route("/single")
def single(): return str(Singleton.get().total())
class Cfg(dict):
    def __missing__(self, k): v = Order.query.filter_by(number=k).first().amount; self[k] = v; return v
    def load(self): self.update({o.number: o.amount for o in Order.query}); return self
@bp.route("/cfg")
def cfg(): return jsonify(Cfg()["N1"], Cfg().load(), len(Cfg().load()))
class Tree(list):
    def fill(self): self.extend(Order.query.all()); return self
    def names(self): return [o.customer.name for o in self]
@bp.route("/tree")
def tree(): t = Tree().fill(); return jsonify(t.names(), len(t))
class MyErr(Exception):
    @property
    def count(self): return Order.query.count()
    def __str__(self): return f"err {Order.query.count()}"
@bp.route("/err")
def err():
    try: raise MyErr("x")
    except MyErr as e: return f"{e} {e.count} {e.args[0]}"
import enum
class Kind(enum.Enum):
    A = "ann"; B = "bob"
    def customer(self): return Customer.query.filter_by(name=self.value).first()
    @property
    def n(self): return len(self.customer().orders)
    @classmethod
    def all(cls): return [k.customer().name for k in cls]
@bp.route("/enum")
def en(): return jsonify(Kind.A.customer().name, Kind.B.n, Kind.all(), Kind("ann").customer().id)
"""
    alike(
        HEAD + views,
        ["/proxy", "/bus", "/visit", "/chain", "/single", "/cfg", "/tree", "/err", "/enum"],
    )


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
