"""What a commit, a rollback or expire_all() has expired, reached through something that is no argument."""

import functools
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

from .models import Order


def closure(session):
    order = session.get(Order, 1)

    def label():
        return order.status

    order.status = "x"
    session.commit()
    return label()


def lambda_(session):
    order = session.get(Order, 1)
    label = lambda: order.status
    session.commit()
    return label()


CURRENT = {}


def module_dict(session):
    CURRENT["order"] = session.get(Order, 1)
    session.commit()
    return current()


def current():
    return CURRENT["order"].status


LATEST = None


def module_variable(session):
    global LATEST
    LATEST = session.get(Order, 1)
    session.commit()
    return latest()


def latest():
    return LATEST.status


@dataclass
class Box:
    order: Order

    def label(self):
        return self.order.status

    @property
    def status(self):
        return self.order.status

    def __str__(self):
        return self.order.status


def dataclass_method(session):
    box = Box(session.get(Order, 1))
    session.commit()
    return box.label()


def dataclass_property(session):
    box = Box(session.get(Order, 1))
    session.commit()
    return box.status


def dataclass_str(session):
    box = Box(session.get(Order, 1))
    session.commit()
    return str(box), f"{box}"


def dataclass_listed(session):
    boxes = [Box(o) for o in session.query(Order).order_by(Order.id)]
    session.commit()
    return [b.label() for b in boxes], names(boxes)


def names(boxes):
    return [b.order.status for b in boxes]


def namespace(session):
    box = SimpleNamespace(order=session.get(Order, 1))
    session.commit()
    return of_box(box)


def of_box(box):
    return box.order.status


class Pair(NamedTuple):
    order: Order
    n: int


def named_tuple(session):
    pair = Pair(session.get(Order, 1), 2)
    session.commit()
    return of_pair(pair)


def of_pair(pair):
    return pair.order.status


def partial(session):
    show = functools.partial(status, session.get(Order, 1))
    session.commit()
    return show()


def status(order):
    return order.status


def bound(session):
    box = Box(session.get(Order, 1))
    show = box.label
    session.commit()
    return show()


class Nested:
    def __init__(self, box):
        self.box = box

    def label(self):
        return self.box.label()


def nested(session):
    outer = Nested(Box(session.get(Order, 1)))
    session.commit()
    return outer.label()


class Saving:
    def __init__(self, session, order):
        self.session, self.order = session, order

    def save(self):
        self.session.commit()

    def label(self):
        return self.order.status

    def both(self):
        self.save()
        return self.label()


def saving(session):
    return Saving(session, session.get(Order, 1)).both()


def outside(session):
    saving = Saving(session, session.get(Order, 1))
    saving.save()
    return saving.label()


def keyed(session):
    orders = session.query(Order).order_by(Order.id).all()
    session.commit()
    return sorted(orders, key=status)[0].id, max(orders, key=lambda o: o.total).id


def mapped(session):
    orders = session.query(Order).order_by(Order.id).all()
    session.commit()
    return list(map(status, orders)), [status(o) for o in orders], {o.id: o.status for o in orders}


def zipped(session):
    orders = session.query(Order).order_by(Order.id).all()
    session.commit()
    return [(a.status, b) for a, b in zip(orders, range(9))]


def rolled(session):
    box = Box(session.get(Order, 1))
    session.rollback()
    return box.label()


def expired(session):
    box = Box(session.get(Order, 1))
    session.expire_all()
    return box.label()


class Committing:
    def __init__(self, session):
        self.session = session

    @property
    def saved(self):
        self.session.commit()
        return True

    def __getitem__(self, key):
        self.session.commit()
        return key

    def __iter__(self):
        self.session.commit()
        yield 1

    def __len__(self):
        self.session.commit()
        return 1


def committed_by_a_property(session):
    order = session.get(Order, 1)
    return Committing(session).saved, order.status


def committed_by_an_item(session):
    order = session.get(Order, 1)
    return Committing(session)[1], order.status


def committed_by_a_loop(session):
    order = session.get(Order, 1)
    return list(Committing(session)), order.status


def committed_by_its_length(session):
    order = session.get(Order, 1)
    return len(Committing(session)), order.status
