"""What another function puts into an object is in it here, too: a commit expires it before it is read."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

FILLING = """
import argparse, collections, types

def put(holder):
    holder.customer = Customer.query.order_by(Customer.id).first()

def put_by_name(holder):
    setattr(holder, "customer", Customer.query.order_by(Customer.id).first())

def put_under(holder, key="customer"):
    holder[key] = Customer.query.order_by(Customer.id).first()

def put_last(holder):
    holder.append(Customer.query.order_by(Customer.id).first())

def put_into_parts(holder):
    put_last(holder.parts)
    put_under(vars(holder))

def put_for(holder):
    put(holder)

def put_and_commit(holder):
    put(holder)
    touch()

def filled(holder):
    put(holder)
    return holder

def made():
    holder = types.SimpleNamespace()
    put_for(holder)
    return holder

class Filler:
    def fill(self, into, *, more=None):
        into.customer = Customer.query.order_by(Customer.id).first()
        if more is not None:
            put_under(more)
        return into

def touch():
    for customer in Customer.query:
        customer.name += "!"
    db.session.commit()

class Keeping:
    def __init__(self):
        self.by = {}

def shown(holder):
    return holder.customer.name

@bp.route("/")
def view():
    holder = types.SimpleNamespace(parts=[])
    BODY
"""


@pytest.mark.usefixtures("uncaught")
@pytest.mark.parametrize(
    "body",
    [
        "put(holder)\n    touch()\n    return holder.customer.name",
        "put_by_name(holder)\n    touch()\n    return holder.customer.name",
        "put_for(holder=holder)\n    touch()\n    return holder.customer.name",
        "put_and_commit(holder)\n    return holder.customer.name",
        "other = filled(holder)\n    touch()\n    return holder.customer.name + other.customer.name",
        "holder = made()\n    touch()\n    return holder.customer.name",
        "put(holder)\n    touch()\n    return shown(holder)",
        "put(holder)\n    customer = holder.customer\n    touch()\n    return customer.name + str(customer.total())",
        "put(holder)\n    touch()\n    return getattr(holder, 'customer').name",
        "put(holder)\n    found = holder.customer\n    touch()\n    return getattr(found, 'name')",
        "put(holder)\n    touch()\n    return vars(holder)['customer'].name",
        "vars(holder).update(customer=Customer.query.first())\n    touch()\n    return holder.customer.name",
        "put_into_parts(holder)\n    touch()\n    return holder.parts[0].name + holder.customer.name",
        "more = {}\n    Filler().fill(holder, more=more)\n    touch()\n"
        "    return holder.customer.name + more['customer'].name",
        "parsed = argparse.Namespace()\n    put(parsed)\n    touch()\n    return parsed.customer.name",
        "error = ValueError('x')\n    put(error)\n    touch()\n    return error.customer.name",
        "by = {}\n    put_under(by)\n    touch()\n    return by['customer'].name",
        "by = {'b': Customer(name='x')}\n    put_under(by, 'a')\n    touch()\n    return by['a'].name",
        "rows = []\n    put_last(rows)\n    touch()\n    return rows[0].name",
        "rows = collections.deque()\n    put_last(rows)\n    touch()\n    return rows[0].name",
        "by = collections.OrderedDict()\n    put_under(by)\n    touch()\n    return by['customer'].name",
        "kept = Keeping()\n    put_under(kept.by)\n    touch()\n    return kept.by['customer'].name",
        "by = collections.defaultdict(list)\n    put_last(by[1])\n    touch()\n    return by[1][0].name",
    ],
)
def test_it_is_read_after_a_commit(body: str, alike: Alike) -> None:
    alike(HEAD + FILLING.replace("BODY", body), ["/"])


@pytest.mark.usefixtures("uncaught")
def test_no_more_is_loaded_again_than_what_was_put_there(alike: Alike) -> None:
    body = "put(holder)\n    plain = types.SimpleNamespace(name='x')\n    touch()\n    return plain.name"
    pair = alike(HEAD + FILLING.replace("BODY", body), ["/"])
    assert "return plain.name" in pair.conversion.texts["views.py"]
