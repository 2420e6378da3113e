"""Functions that others call without an await stay plain functions."""

from __future__ import annotations

import pytest

from migrator.codemod.convert import Conversion
from tests.colour.conftest import Analyse, modes

COUNT = """
def count():
    return User.query.count()

"""


def test_a_function_that_only_we_call_is_native(analyse: Analyse) -> None:
    made = analyse(COUNT + "def use():\n    return count() + 1\n")
    assert modes(made) == {"count": "native", "use": "native"}


def test_a_table_of_functions_that_we_call_ourselves_is_native(analyse: Analyse) -> None:
    made = analyse(COUNT + 'TABLE = {"n": count}\n\ndef use(k):\n    return TABLE[k]()\n')
    assert modes(made) == {"count": "native", "use": "native"}
    assert "await TABLE[k]()" in made.texts["app.py"]


@pytest.mark.parametrize(
    "code",
    [
        "from wtforms import StringField\nFIELD = StringField(validators=[count])\n",
        "from wtforms import Form, StringField\n"
        "class F(Form):\n    name = StringField(validators=[count])\n",
        'from wtforms import StringField\nFIELD = StringField(extra={"n": (count,)})\n',
        "from wtforms import StringField\nFIELD = StringField(check=count if FLAG else None)\n",
        "from caching import cache\n@cache.cached(unless=count)\ndef view():\n    return 1\n",
        "from elsewhere import Base\nclass Thing(Base):\n    loader = count\n",
        "from elsewhere import Base\nclass Thing(Base):\n    pass\nTHING = Thing(count)\n",
        "from elsewhere import registry\nregistry.table['n'] = count\n",
        "from elsewhere import registry\nregistry.hook = count\n",
        "from elsewhere import registry\ndef use():\n    registry.hook = count\n",
        "from flask import render_template\n"
        "def page():\n    return render_template('x.html', count=count)\n",
        "import threading\ndef go():\n    threading.Thread(target=count).start()\n",
        "import functools\nfrom elsewhere import run\nrun(functools.partial(count))\n",
    ],
)  # fmt: skip
def test_a_function_in_other_hands_stays_plain(code: str, analyse: Analyse) -> None:
    assert is_plain(analyse(COUNT + code))


def is_plain(made: Conversion) -> bool:
    """Whether `count` is a plain function to its callers, with a native body."""
    decision = made.decisions["shop.app:count"]
    text = made.texts["app.py"]
    assert "@unbridged\nasync def count():\n    return await db.session" in text
    return decision.unbridged and not decision.awaited


@pytest.mark.parametrize(
    "head",
    [
        "from celery import Celery\nqueue = Celery()\n@queue.task\n",
        "from celery import Celery\nqueue = Celery()\n@queue.task(name='x')\n",
        "from celery import shared_task\n@shared_task\n",
        "import atexit\n@atexit.register\n",
        "import click\n@click.command()\n",
        "from blinker import signal\n@signal('x').connect\n",
        "from elsewhere import anything\n@anything\n",
    ],
)
def test_what_a_framework_calls_later_stays_plain(head: str, analyse: Analyse) -> None:
    assert is_plain(analyse(head + COUNT.strip() + "\n"))


@pytest.mark.parametrize(
    "code",
    [
        "class Thing(db.Model):\n    id = db.Column(db.Integer, primary_key=True, default=count)\n",
        "from sqlalchemy import event\nevent.listen(User, 'load', count)\n",
        "import functools\nCOUNT = functools.lru_cache(count)\n",
    ],
)
def test_what_a_flush_calls_or_a_cache_keeps_stays_as_it_is(code: str, analyse: Analyse) -> None:
    assert modes(analyse(COUNT + code))["count"] == "bridged"


@pytest.mark.parametrize(
    "head",
    [
        "from sqlalchemy import event\n@event.listens_for(User, 'load')\n",
        "from sqlalchemy.event import listens_for as on\n@on(User, 'load')\n",
        "import functools\n@functools.lru_cache\n",
        "import functools\n@functools.cache\n",
    ],
)
def test_so_does_what_their_decorators_take(head: str, analyse: Analyse) -> None:
    assert modes(analyse(head + COUNT.strip() + "\n"))["count"] == "bridged"


def test_what_a_module_calls_when_it_is_imported_stays_plain(analyse: Analyse) -> None:
    assert modes(analyse(COUNT + "FIRST = count()\n"))["count"] == "bridged"


def test_a_registry_that_fills_itself_is_followed(analyse: Analyse) -> None:
    code = """
TABLE = {}

def register(fn):
    TABLE[fn.__name__] = fn
    return fn

@register
def count():
    return User.query.count()

def use(name):
    return TABLE[name]()
"""
    made = analyse(code)
    assert "return await " in made.texts["app.py"].partition("def use")[2]


def test_functions_in_the_attributes_of_our_own_objects_are_awaited(analyse: Analyse) -> None:
    code = (
        COUNT
        + """
class Registry:
    def __init__(self):
        self.table = {}
        self.listed = []

    def add(self, name, fn):
        self.table[name] = fn
        self.listed.append(fn)

    def one(self, name):
        if not self.table[name]():
            return None
        return 1

    def all(self):
        return [fn() for fn in self.listed]

def use():
    registry = Registry()
    registry.add("n", count)
    return registry.one("n"), registry.all()
"""
    )
    text = analyse(code).texts["app.py"]
    assert "await call(self.table[name])" in text or "await self.table[name]()" in text
    assert "[await call(fn) for" in text or "[await fn() for" in text


def test_a_global_that_a_function_sets_keeps_its_type(analyse: Analyse) -> None:
    code = """
_chosen = None

def choose():
    global _chosen
    _chosen = count

def use():
    return _chosen()
"""
    assert modes(analyse(COUNT + code))["use"] == "native"


def test_defaults_are_evaluated_where_the_function_is_defined(analyse: Analyse) -> None:
    code = (
        COUNT
        + """
def use():
    def inner(n=count()):
        return n
    return inner(), (lambda n=count(): n)()
"""
    )
    text = analyse(code).texts["app.py"]
    assert text.count("=await count()") + text.count("=(await count())") == 2


def test_the_cause_of_an_exception_is_awaited(analyse: Analyse) -> None:
    code = """
def cause():
    return ValueError(User.query.count())

def use():
    raise KeyError from cause()
"""
    text = analyse(code).texts["app.py"]
    assert "from await cause()" in text or "from (await cause())" in text


def test_groups_of_exceptions_are_followed(analyse: Analyse) -> None:
    code = """
def use():
    try:
        return User.query.one()
    except* ValueError:
        found = User.query.first()
    return found
"""
    assert ".query" not in analyse(code).texts["app.py"]


def test_a_table_of_many_functions_in_other_hands_stays_plain(analyse: Analyse) -> None:
    names = [f"f{n}" for n in range(20)]
    code = "".join(f"def {n}():\n    return User.query.count()\n\n" for n in names)
    fill = "".join(f"    table['{n}'] = {n}\n" for n in names)
    made = analyse(
        f"{code}def setup(app):\n    table = {{}}\n{fill}    app.filters.update(table)\n"
    )
    assert all(made.decisions[f"shop.app:{n}"].unbridged for n in names)


def test_a_class_inside_a_function_awaits_nothing(analyse: Analyse) -> None:
    code = (
        COUNT
        + """
def use():
    class Options:
        size = count()
    return Options.size + count()
"""
    )
    made = analyse(code)
    assert modes(made)["use"] == "bridged"
    assert "size = unbridge(count())" in made.texts["app.py"]
