"""The toolkit's repositories, generators and parts of rows where nobody knows what they are: each function on both sides."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.colour import lost_repositories
from migrator.runtime.db.repository import AsyncRepository
from tests.codemod.kit.beside import Beside, beside

TEXT = """
import functools
import json
import operator

from migrator.runtime.db import SyncRepository

from .models import Account, Order

class Accounts(SyncRepository):
    model = Account

def made_somewhere(session):
    return functools.partial(Accounts, session)()

def asked(accounts):
    if accounts.exists(accounts.select(Account.owner == "nobody")):
        return "yes"
    return "no"

def asked_by_a_partial(session):
    return functools.partial(asked, Accounts(session))()

def asked_in_its_place(session):
    made = made_somewhere(session)
    return not made.exists(), made.count(), made.exists(made.select(Account.owner == "nobody"))

def read(session):
    made = made_somewhere(session)
    return made.get(1).owner, [a.owner for a in made.list()], made.first().balance

def written(session):
    made = made_somewhere(session)
    made.add(Account(owner="x", balance=1))
    made.commit()
    return made.count()

def flushed(session):
    made = made_somewhere(session)
    account = Account(owner="y", balance=1)
    made.add(account)
    made.flush()
    return account.id is not None

def asked_with_an_option(session):
    return made_somewhere(session).get(1, populate_existing=True).owner

def asked_for_a_text(session):
    if made_somewhere(session).get("nobody"):
        return "there"
    return json.loads('{"owner": "a"}').get("owner")

def a_page(session):
    return [a.owner for a in made_somewhere(session).page(page=2, per_page=1).items]

def busy(accounts):
    return "busy" if accounts.exists() else "idle"

CHECKS = [busy]

def checked_by_one_of_a_list(session):
    return [check(Accounts(session)) for check in CHECKS]

def orders_of(session):
    return session.query(Order).order_by(Order.id)

def indexed(session):
    return functools.partial(orders_of, session)()[0].id

def sliced(session):
    return [order.id for order in functools.partial(orders_of, session)()[1:3]]

def indexed_by_a_name(session):
    found = functools.partial(orders_of, session)()
    return found[0].id, [order.id for order in found[1:3]]

def taken_apart(session):
    first, *others = functools.partial(orders_of, session)()
    return first.id, len(others)

def statuses(orders):
    for order in orders:
        yield order.status

def begun_before_a_commit(session):
    found = statuses(session.query(Order).order_by(Order.id).all())
    first = next(found)
    session.commit()
    return first, list(found)

def committed_while_it_goes_on(session):
    found = []
    for status in statuses(session.query(Order).order_by(Order.id).all()):
        session.commit()
        found.append(status)
    return found

def all_of(session, found):
    session.commit()
    return list(found)

def handed_on_before_a_commit(session):
    return all_of(session, statuses(session.query(Order).order_by(Order.id).all()))

class Job:
    def __init__(self, session):
        self.account = session.get(Account, 1)

    def each(self):
        for number in range(3):
            yield self.account.balance + number

def an_object_s_own(session):
    found = []
    for number in Job(session).each():
        found.append(number)
        session.commit()
    return found

def called_by_name(session):
    account = session.get(Account, 1)
    account.balance = 7
    operator.methodcaller("commit")(session)
    return account.balance

def queried_by_name(session):
    return operator.methodcaller("query", Account)(session).count()
"""

NAMES = [
    line.partition("(")[0].removeprefix("def ")
    for line in TEXT.splitlines()
    if line.startswith("def ") and line.endswith("(session):")
]
#: What makes things for others.
NAMES = [name for name in NAMES if name not in ("made_somewhere", "orders_of")]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    with beside(TEXT, tmp_path_factory.mktemp("beside")) as made:
        yield made


@pytest.mark.parametrize("name", NAMES)
def test_what_nobody_knows_is_asked_at_run_time(name: str, module: Beside) -> None:
    module.compare(name)


def test_nothing_is_left(module: Beside) -> None:
    assert [f.code for f in outcome_of(module.conversion).findings] == []


def test_every_method_that_is_awaited_is_known() -> None:
    taken = {
        name: method.__code__.co_argcount - 1
        for name, method in vars(AsyncRepository).items()
        if inspect.iscoroutinefunction(method)
    }
    assert taken == lost_repositories._METHODS


def test_without_a_repository_a_plain_call_stays_one(tmp_path: Path) -> None:
    text = """
from .models import Order

def found(path, orders):
    return path.exists(), orders.count(3), orders.list()

def orders(session):
    return session.query(Order).order_by(Order.id).all()
"""
    with beside(text, tmp_path) as made:
        assert (
            "    return path.exists(), orders.count(3), orders.list()"
            in (made.conversion.texts["beside.py"])
        )


def test_a_generator_that_no_commit_interrupts_stays_one(tmp_path: Path) -> None:
    text = """
from .models import Order

def statuses(orders):
    for order in orders:
        yield order.status

def all_of_them(session):
    found = [s for s in statuses(session.query(Order).all())]
    session.commit()
    return found
"""
    with beside(text, tmp_path) as made:
        assert "\ndef statuses(orders):" in made.conversion.texts["beside.py"]
