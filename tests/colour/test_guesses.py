"""A call on a receiver of unknown type is one of ours by its name alone: a guess."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import site_statuses
from tests.colour.conftest import Analyse, modes

BOX = """
class Box:
    def get(self, name):
        return User.query.filter_by(name=name).first()


"""


def test_a_call_that_the_method_could_not_take_is_none_of_it(analyse: Analyse) -> None:
    made = analyse(BOX + "def use(environ):\n    return environ.get('SCHEME', '')\n")
    assert modes(made)["use"] == "plain"


def test_a_call_that_it_could_take_finds_out_at_run_time(analyse: Analyse) -> None:
    made = analyse(BOX + "def use(box):\n    return box.get('a')\n")
    assert "async def use(box):\n    return await call(box.get, 'a')\n" in made.texts["app.py"]


def test_what_python_calls_itself_stays_plain_over_a_guess(analyse: Analyse) -> None:
    middleware = (
        "class Middleware:\n    def __init__(self, app):\n        self.app = app\n\n"
        "    def __call__(self, environ, start_response):\n"
        "        environ.get('SCHEME')\n        return self.app(environ, start_response)\n"
    )
    text = analyse(BOX + middleware).texts["app.py"]
    assert "    def __call__(self, environ, start_response):\n" in text
    assert "        call_sync(environ.get, 'SCHEME')\n" in text


@pytest.mark.parametrize(
    "code",
    [
        # a class that an extension has mapped
        "from continuum import version_class\n\nUserVersion = version_class(User)\n\n\n"
        "def build():\n    return UserVersion.query.filter_by(name='a')\n",
        # a method of the repository's own
        "def build():\n    return [User.query.by_hand(1)]\n",
        "from wtforms import Form\n\n\nclass Shape(Form):\n    def fill(self):\n"
        "        return [User.query.by_hand(1)]\n\n\ndef build():\n    return Shape().fill()\n",
    ],
)
def test_a_query_that_can_only_be_made_in_the_bridge(code: str, analyse: Analyse) -> None:
    use = "\n\ndef use():\n    User.query.count()\n    return build()\n"
    text = analyse(code + use).texts["app.py"]
    assert "    return await bridge(build)\n" in text or "    return await build()\n" in text


HTTP = """
import requests


class Client:
    def get(self, key):
        return key

    def commit(self):
        return 1


"""


@pytest.mark.parametrize(
    "body",
    [
        "def fetch(session, url):\n    return session.get(url)\n",
        "def fetch(session, url):\n    session.delete(url)\n    return session.get(url)\n\n\n"
        "def use():\n    User.query.count()\n    return fetch(requests.Session(), 'a')\n",
        "def fetch(session):\n    return session.commit()\n\n\n"
        "def use():\n    User.query.count()\n    return fetch(Client())\n",
        "def fetch(session):\n    return again(session)\n\n\n"
        "def again(session):\n    return session.commit()\n\n\n"
        "def use():\n    User.query.count()\n    return fetch(Client())\n",
    ],
)
def test_a_name_alone_makes_no_session(body: str, analyse: Analyse) -> None:
    assert modes(analyse(HTTP + body))["fetch"] == "plain"


@pytest.mark.parametrize(
    "body",
    [
        "def fetch(session):\n    return session.get(User, 1)\n",
        "def fetch(session):\n    session.commit()\n",
        "def fetch(own):\n    return own.query(User).all()\n",
        "def fetch(session):\n    return again(session)\n\n\n"
        "def again(session):\n    return session.scalars(select(User)).all()\n",
    ],
)
def test_what_only_a_session_is_asked_makes_one(body: str, analyse: Analyse) -> None:
    head = "from sqlalchemy import select\n\n\n"
    assert modes(analyse(head + body))["fetch"] == "native"


UNKNOWN = """
from sqlalchemy import select
from sqlalchemy_wrapper import SQLAlchemy

other = SQLAlchemy()


def names():
    return [u.name for u in other.session.scalars(select(User))]


def one(key):
    return other.session.get(User, key), {}.get("a"), other.cache.get(User, key)
"""


def test_what_an_unknown_session_runs_is_counted(analyse: Analyse) -> None:
    made = analyse(UNKNOWN)
    found = {(site.symbol, status) for site, status in site_statuses(made)}
    assert found == {("names", "bridged"), ("one", "bridged")}
    assert len(made.plan.sites) == 3


@pytest.mark.parametrize(
    "handed",
    ["box.show(User.query)", "box.__setitem__('q', User.query)", "box.update(a=User.query)"],
)
def test_what_an_unknown_object_gets_stays_a_query(handed: str, analyse: Analyse) -> None:
    made = analyse(f"def use(box):\n    return {handed}\n")
    assert modes(made)["use"] == "bridged"
    assert "User.query" in made.texts["app.py"]
