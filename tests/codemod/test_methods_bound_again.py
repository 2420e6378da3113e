"""Methods in whose place a class is given something else later: `super()` finds what is there then."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
def counted(f):
    @wraps(f)
    def inner(self):
        return f(self) + 1
    return inner

class Decorated:
    def total(self):
        return Order.query.count()

Decorated.total = counted(Decorated.total)

class BelowDecorated(Decorated):
    def total(self):
        return super().total() * 2

class Replaced:
    def total(self):
        return Order.query.count()
    def size(self):
        return Order.query.count()

Replaced.total = lambda self: 4
setattr(Replaced, "size", lambda self: 6)

class BelowReplaced(Replaced):
    def total(self):
        return super().total() * 2
    def size(self):
        return super().size() * 2

class First:
    def total(self):
        return Order.query.count()

class Second(First):
    pass

Second.total = lambda self: 7

class Third(Second):
    def total(self):
        return super().total() * 2
    def first(self):
        return super(Second, self).total()

@bp.get("/decorated")
def decorated():
    return jsonify(Decorated().total(), BelowDecorated().total())

@bp.get("/replaced")
def replaced():
    below = BelowReplaced()
    return jsonify(Replaced().total(), below.total(), below.size())

@bp.get("/between")
def between():
    return jsonify(First().total(), Second().total(), Third().total(), Third().first())
"""
)


def test_super_finds_what_a_class_was_given(alike: Alike) -> None:
    alike(VIEWS, ["/decorated", "/replaced", "/between"])


BY_NAME = (
    HEAD
    + """
from PKG import services

class Tools:
    def total(self):
        return Order.query.count()
    def size(self):
        return Order.query.count()

class Below(Tools):
    def total(self):
        return super().total() * 2

def named(name):
    return lambda *given: name

for name in ("total", "size"):
    setattr(Tools, name, named(name))
    setattr(services, name, named(name))

def patched(name):
    def decorate(f):
        from PKG import others
        setattr(others, name, f)
        return f
    return decorate

@patched("total")
def mine():
    return 3

from PKG import others

@bp.get("/methods")
def methods():
    return jsonify(Tools().total(), Tools().size(), Below().total(), Below().size())

@bp.get("/functions")
def functions():
    return jsonify(services.total(), services.size(), others.total(), others.asked())
"""
)
FUNCTIONS = """
from PKG.models import Order

def total():
    return Order.query.count()

def size():
    return Order.query.count()

def asked():
    return total()
"""


def test_so_it_is_where_only_the_run_knows_the_name(alike: Alike) -> None:
    alike(BY_NAME, ["/methods", "/functions"], services=FUNCTIONS, others=FUNCTIONS)
