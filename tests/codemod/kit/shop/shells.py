"""Functions that others call as plain functions: foreign bases, values, properties, special methods."""

import ast
import functools
import json
import string
from functools import cached_property

from sqlalchemy.exc import NoResultFound

from .models import Customer, Line, Order


@functools.singledispatch
def depicted(thing):
    return str(thing)


@depicted.register(Order)
def _depicted_order(order):
    return order.id, order.customer.name if order.customer else None


@depicted.register(Customer)
def _depicted_customer(customer):
    return [order.id for order in customer.orders]


class Census(ast.NodeVisitor):
    """Its base calls the methods by their names."""

    def __init__(self, session):
        self.session = session
        self.found = []

    def visit_Name(self, node):
        orders = self.session.query(Order).filter_by(status=node.id).order_by(Order.id).all()
        self.found += [(node.id, o.id, o.customer.name if o.customer else None) for o in orders]

    def visit_Constant(self, node):
        self.found.append(self.session.query(Customer).filter_by(name=node.value).one().id)

    def visit_Set(self, node):
        self.session.query(Order).filter_by(status="new").update({"status": "seen"})
        self.session.commit()
        self.found.append(self.first().status)
        super().generic_visit(node)

    def first(self):
        return self.session.query(Order).order_by(Order.id).first()


class Noisy(Census):
    def visit_Name(self, node):
        super().visit_Name(node)
        self.found.append(self.count(node.id))

    def count(self, status):
        return self.session.query(Order).filter_by(status=status).count()


class Filled(string.Formatter):
    """Its base calls `get_value`, a class method and a static one as well."""

    session = None

    def __init__(self, session):
        self.session = session

    def get_value(self, key, args, kwargs):
        if isinstance(key, int):
            return super().get_value(key, args, kwargs)
        return self.named(self.session, key)

    @classmethod
    def named(cls, session, name):
        return cls.total(session.query(Customer).filter_by(name=name).one())

    @staticmethod
    def total(customer):
        return sum(order.total or 0 for order in customer.orders)


class Encoder(json.JSONEncoder):
    def default(self, o):
        if isinstance(o, Order):
            return {"id": o.id, "lines": [line.product.name for line in o.lines]}
        return super().default(o)


class Ledger:
    """Special methods and properties over the database."""

    def __init__(self, session, name):
        self.session = session
        self.customer = session.query(Customer).filter_by(name=name).one()

    def __call__(self, status):
        return self.session.query(Order).filter_by(status=status, customer_id=self.customer.id).count()

    def __getitem__(self, index):
        return self.customer.orders[index].lines[0].product.name

    def __contains__(self, status):
        return any(order.status == status for order in self.customer.orders)

    def __enter__(self):
        self.customer.name = "entered"
        self.session.flush()
        return self

    def __exit__(self, *error):
        self.customer.name = self.session.query(Customer).order_by(Customer.id.desc()).first().name
        self.session.flush()

    @property
    def lines(self):
        return self.session.query(Line).join(Order).filter(Order.customer_id == self.customer.id).count()

    @property
    def first(self):
        return self.customer.orders[0].lines[0].product.name

    @cached_property
    def kept(self):
        return [order.id for order in self.customer.orders]

    @property
    def name(self):
        return self.customer.name

    @name.setter
    def name(self, value):
        self.customer.name = f"{value} ({len(self.customer.orders)})"
        self.session.flush()


def lines_of(order):
    return (-len(order.lines), order.id)


def described(order):
    return f"{order.id}: {order.customer.name if order.customer else '-'}"


def count(session, status):
    return session.query(Order).filter_by(status=status).count()


def visitor(session):
    census = Census(session)
    census.visit(ast.parse("new + paid"))
    return census.found


def visitor_below(session):
    census = Noisy(session)
    census.visit(ast.parse("[new, sent]"))
    return census.found


def visitor_raises(session):
    census = Census(session)
    try:
        census.visit(ast.parse("'Nobody'"))
    except NoResultFound:
        return "nobody", census.found
    return census.found


def visitor_raises_further(session):
    Census(session).visit(ast.parse("'Nobody'"))


def visitor_commits(session):
    first = session.query(Order).order_by(Order.id).first()
    census = Census(session)
    census.visit(ast.parse("{paid}"))
    return first.status, census.found


def formatter(session):
    return Filled(session).format("{0} {Ann} {1}", "a", 2)


def encoder(session):
    return json.dumps(session.query(Order).order_by(Order.id).limit(2).all(), cls=Encoder)


def encoder_alone(session):
    return Encoder().encode({"order": session.query(Order).order_by(Order.id).first()})


def sort_key(session):
    return [order.id for order in sorted(session.query(Order).all(), key=lines_of)]


def sort_in_place(session):
    orders = session.query(Order).order_by(Order.id).all()
    orders.sort(key=lines_of)
    return [order.id for order in orders]


def mapped(session):
    return list(map(described, session.query(Order).order_by(Order.id).all()))


def partially(session):
    counted = functools.partial(count, session)
    return counted("new"), counted(status="paid")


def nested_value(session):
    def products(order):
        return [line.product.name for line in order.lines]

    orders = session.query(Order).order_by(Order.id).all()
    return [products(orders[0]), *map(products, orders)]


def called(session):
    return Ledger(session, "Ann")("new")


def item(session):
    return Ledger(session, "Ann")[0]


def contained(session):
    ledger = Ledger(session, "Ann")
    return "new" in ledger, "gone" in ledger


def entered(session):
    with Ledger(session, "Ann") as ledger:
        name = session.query(Customer).filter_by(id=ledger.customer.id).one().name
    return name


def properties(session):
    ledger = Ledger(session, "Ann")
    return ledger.lines, ledger.first, ledger.kept, ledger.kept is ledger.kept


def property_in_a_lambda(session):
    ledgers = [Ledger(session, name) for name in ("Ann", "Bob")]
    return [ledger.customer.id for ledger in sorted(ledgers, key=lambda ledger: -ledger.lines)]


def property_after_a_commit(session):
    ledger = Ledger(session, "Ann")
    session.commit()
    return ledger.first


def property_set(session):
    ledger = Ledger(session, "Ann")
    ledger.name = "Cy"
    return ledger.name


def missing_customer(session):
    return Ledger(session, "Nobody").lines


def dispatched(session):
    orders = session.query(Order).order_by(Order.id).limit(3).all()
    things = [7, *orders, session.query(Customer).filter_by(name="Ann").one()]
    return [depicted(thing) for thing in things]
