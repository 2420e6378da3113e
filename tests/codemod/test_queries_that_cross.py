"""Queries that leave a function where nobody writes a call, or in what an object or a module keeps.

Each function has names of its own for its session, and what gives it a query has others.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.codemod.kit.beside import Beside, beside, of_a_session

TEXT = """
import contextlib
import functools

from .models import Customer, Line, Order


class Held:
    def __init__(self, kept):
        self.kept = kept

    def __iter__(self):
        yield self.kept.query(Order)

    def __getitem__(self, status):
        return self.kept.query(Order).filter(Order.status == status)

    def __enter__(self):
        return self.kept.query(Customer)

    def __exit__(self, *raised):
        return False

    @property
    def lines(self):
        return self.kept.query(Line)

    @functools.cached_property
    def orders(self):
        return self.kept.query(Order)


class Limited(Held):
    def __getitem__(self, number):
        return self.kept.query(Order).limit(number)

    def __iter__(self):
        yield self.kept.query(Order).limit(3)

    def __enter__(self):
        return self.kept.query(Order).order_by(Order.id).limit(1)


class Asked:
    def __get__(self, instance, owner):
        return instance.kept.query(Order)


class Asking:
    orders = Asked()

    def __init__(self, kept):
        self.kept = kept


class Answering:
    def __init__(self, kept):
        self.kept = kept

    def __getattr__(self, name):
        return self.kept.query(Order)


class Keeping:
    def __init__(self, used):
        self.query = used.query(Order)


class Kept:
    def __init__(self, used):
        self.used = used
        self.query = self.used.query(Order)

    def count(self):
        return self.query.count()


found = None


def find(used):
    global found
    found = used.query(Order)


@contextlib.contextmanager
def orders_of(used):
    yield used.query(Order)


def begun(used):
    with orders_of(used) as orders:
        return orders


def orders_and_limit(used):
    return used.query(Order).order_by(Order.id), 2


def put_in(into, query):
    into.append(query.limit(2))


def few(query):
    into = []
    put_in(into, query)
    return into[-1]


def of_one(used):
    return used.query(Order).filter(Order.id > 0)


def iterated(session):
    return [o.id for o in list(Held(session))[0].order_by(Order.id)]

def iterated_by_name(session):
    held = Held(session)
    return [query.count() for query in held]

def item(session):
    return Held(session)["paid"].count()

def item_by_name(session):
    held = Held(session)
    return held["paid"].order_by(Order.id).all()

def entered(session):
    with Held(session) as customers:
        return customers.order_by(Customer.id).first()

def property_of_an_object(session):
    return Held(session).lines.count()

def property_by_name(session):
    held = Held(session)
    return held.lines.order_by(Line.id).all()

def cached(session):
    return Held(session).orders.order_by(Order.id).all()

def attribute_by_name(session):
    return getattr(Held(session), "orders").count()

def described(session):
    return Asking(session).orders.order_by(Order.id).all()

def kept_by_an_object(session):
    return Keeping(session).query.order_by(Order.id).all()

def kept_beside_its_session(session):
    kept = Kept(session)
    return kept.query.count(), kept.count()

def kept_by_a_module(session):
    find(session)
    return found.order_by(Order.id).all()

def filtered_after_a_limit(session):
    return Limited(session)[2].filter(Order.id > 0).all()

def iterated_after_a_limit(session):
    return list(Limited(session))[0].filter(Order.id > 0).all()

def asked_after_a_limit(session):
    with Limited(session) as few:
        return session.query(few.filter(Order.id > 0).exists()).scalar()

def answered(session):
    return Answering(session).anything.order_by(Order.id).all()

def yielded(session):
    return begun(session).order_by(Order.id).first()

def one_of_two(session):
    repr(orders_and_limit)
    query, number = orders_and_limit(session)
    return query.all(), number

def kept_as_a_default(session):
    return (lambda query=session.query(Order): query)().order_by(Order.id).first()

def put_into_another_functions_list(session):
    new = session.query(Order).filter(Order.id < 2).union(session.query(Order).filter(Order.id == 2))
    return session.query(few(new).offset(2).exists()).scalar()

def mapped(session):
    return [*map(of_one, [session])][0].order_by(Order.id).count()

class Refused(Exception):
    pass

class Refusing:
    def use(self, query):
        raise Refused(query.count())

class Listing(Refusing):
    def use(self, query):
        return query.order_by(Order.id).all()

def raised_of_it(session):
    found = []
    for user in (Refusing(), Listing()):
        try:
            found.append(user.use(session.query(Order).filter(Order.id < 3)))
        except Refused as error:
            found.append(error.args[0])
    return found

def removed(used):
    return used.get(Order, 2).invoices.delete()

def removed_elsewhere(session):
    return removed(session)
"""


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    with beside(TEXT, tmp_path_factory.mktemp("beside")) as made:
        yield made


@pytest.mark.parametrize("name", of_a_session(TEXT))
def test_a_query_that_crosses_runs_on_its_own_session(name: str, module: Beside) -> None:
    module.compare(name)


def test_what_has_a_name_for_the_session_is_native(module: Beside) -> None:
    text = module.conversion.texts["beside.py"]
    assert "await held.kept.scalars(" in text
    assert "await self.used.scalar(" in text
    assert "await kept.used.scalar(" in text
