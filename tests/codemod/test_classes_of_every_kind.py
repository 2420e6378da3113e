"""What classes do on the way to the database: executed legacy and converted, in both frames."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike


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
