"""Where functions of the repository go: executed legacy and converted, in both frames."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike


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
