"""What Python 3.12 and 3.13 brought: type parameters and their defaults, `type X = ...`, any quotes in f-strings."""

from __future__ import annotations

import sys

import pytest

from tests.codemod.alike import HEAD, Alike

newer = pytest.mark.skipif(
    sys.version_info < (3, 13), reason="an older Python can't parse what is converted here"
)

GENERIC = """
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol
from sqlalchemy import Select, select

type Row[T] = tuple[int, T]
type Customers = list[Customer]
type Finder = Callable[[str], Customer | None]

def get[T: db.Model](model: type[T], key: int) -> T | None:
    return db.session.get(model, key)

def first[T: (Customer, Order)](model: type[T], **names) -> T:
    return model.query.filter_by(**names).order_by(model.id).first()

def each[T](model: type[T]) -> Iterator[T]:
    for row in model.query.order_by(model.id):
        yield row

class Found[T](NamedTuple):
    row: T
    total: int

class Spec[T](Protocol):
    def to(self, statement: Select[tuple[T]]) -> Select[tuple[T]]: ...

class Large[T = Order]:
    def to(self, statement: Select[tuple[T]]) -> Select[tuple[T]]:
        return statement.where(Order.amount > 20)

class Repo[T: db.Model, K = int]:
    type Key = K

    def __init__(self, model: type[T]) -> None:
        self.model = model

    def get(self, key: K) -> T:
        return db.session.get_one(self.model, key)

    def rows(self, *specs: Spec[T]) -> Sequence[T]:
        statement = select(self.model).order_by(self.model.id)
        for spec in specs:
            statement = spec.to(statement)
        return db.session.scalars(statement).all()

    def found(self, key: K) -> Found[T]:
        return Found(self.get(key), self.model.query.count())

    def keyed[N](self, name: Callable[[T], N]) -> dict[N, T]:
        return {name(row): row for row in self.rows()}

class Customers_(Repo[Customer]):
    def __init__(self) -> None:
        super().__init__(Customer)

    def richest(self) -> Customer:
        return max(self.rows(), key=lambda c: sum(o.amount for o in c.orders))

def numbers(customers: Customers) -> list[str]:
    return [o.number for c in customers for o in c.orders]

def row(name: str) -> Row[Customer]:
    found = Customer.query.filter_by(name=name).one()
    return found.id, found

def finder() -> Finder:
    def find(name: str) -> Customer | None:
        return Customer.query.filter_by(name=name).first()
    return find

def committed[**P, R](f: Callable[P, R]) -> Callable[P, R]:
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        made = f(*args, **kwargs)
        db.session.commit()
        return made
    return inner

@committed
def add(name: str) -> Customer:
    made = Customer(name=name)
    db.session.add(made)
    return made
"""


@newer
def test_type_parameters_and_names_of_types(alike: Alike) -> None:
    views = """
@bp.route("/functions")
def functions():
    return jsonify(
        [o.number for o in get(Customer, 1).orders], first(Order, number="N1").customer.name,
        [x.number for x in each(Order)], [x.name for x in each(Customer)],
    )

@bp.route("/repo")
def repo():
    orders, customers = Repo[Order](Order), Customers_()
    found = orders.found(2)
    return jsonify(
        [o.customer.name for o in orders.rows(Large())], found.row.customer.name, found.total,
        customers.richest().name, customers.get(2).orders[0].number, customers.keyed(lambda c: c.name)["ann"].id,
    )

@bp.route("/aliases")
def aliases():
    customers = list(db.session.scalars(select(Customer).order_by(Customer.id)))
    return jsonify(numbers(customers), row("bob")[1].orders[0].number, finder()("ann").orders[0].number)

@bp.route("/added")
def added():
    made = add("zed")
    return jsonify(made.id, made.name, len(made.orders))
"""
    alike(HEAD + GENERIC + views, ["/functions", "/repo", "/aliases", "/added"])


@newer
def test_any_quotes_and_lines_in_f_strings(alike: Alike) -> None:
    views = '''
@bp.route("/quotes")
def quotes():
    order = Order.query.filter_by(number="N1").first()
    return f"{Customer.query.filter_by(name="ann").one().orders[0].number}: {", ".join(
        o.customer.name for o in Order.query.order_by(Order.id)  # all of them
    )} {order.customer.name!r:>{len(order.customer.orders) + 8}} {order.customer.name=} {f"{order.number}-{'x'}"}"

@bp.route("/lines")
def lines():
    return f"""a {
        Order.query.filter(Order.amount > 10).count()
    } {"\\n".join(c.name for c in Customer.query.order_by(Customer.id))}"""
'''
    alike(HEAD + views, ["/quotes", "/lines"])


def test_groups_of_errors(alike: Alike) -> None:
    views = """
@bp.route("/group")
def group():
    told = []
    try:
        order = Order.query.filter_by(number="N3").one()
        raise ExceptionGroup("g", [ValueError(order.customer.name), KeyError(Order.query.count())])
    except* ValueError as errors:
        told.append([str(e) for e in errors.exceptions] + [Customer.query.count()])
    except* KeyError as errors:
        told.append([e.args[0] for e in errors.exceptions] + [Customer.query.first().orders[0].number])
    return jsonify(told)
"""
    alike(HEAD + views, ["/group"])
