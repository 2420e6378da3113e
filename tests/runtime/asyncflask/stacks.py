"""The same application on both stacks, and the same requests to both: the answers must be equal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import flask
import flask_sqlalchemy
from werkzeug.test import Client

from migrator.runtime import asyncflask
from migrator.runtime import db as async_db
from migrator.runtime.compat.testing import as_wsgi
from migrator.runtime.db.blocking import run_blocking


@dataclass(frozen=True)
class Stack:
    """What an application is made of; a factory takes one of them."""

    name: str
    Flask: Any
    SQLAlchemy: Any


class PlainFlask(flask.Flask):
    """Flask, which asks for asgiref where it meets a coroutine function; asyncio does it as well."""

    def async_to_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: asyncio.run(func(*args, **kwargs))


FLASK = Stack("flask", PlainFlask, flask_sqlalchemy.SQLAlchemy)
ASYNC = Stack("async", asyncflask.AsyncFlask, async_db.SQLAlchemy)

Factory = Callable[[Stack, str], Any]
Answer = tuple[int, list[tuple[str, str]], bytes]


def answer(response: Any) -> Answer:
    """What the client sees; header names have no case, and their order between names no meaning."""
    headers = sorted((name.lower(), _settled(name, value)) for name, value in response.headers)
    return response.status_code, headers, response.get_data()


def _settled(name: str, value: str) -> str:
    """Without what the clock and the order of a set decide."""
    if name.lower() == "allow":
        return ", ".join(sorted(value.split(", ")))
    return re.sub("Expires=[^;]*", "Expires=", value)


class Pair:
    """Both applications with a client each: Flask's, AsyncFlask's by WSGI, AsyncFlask's by ASGI."""

    def __init__(self, factory: Factory, flask_url: str, async_url: str) -> None:
        # SQLAlchemy 2.1 takes postgresql:// for psycopg 3.
        self.flask = factory(FLASK, flask_url.replace("postgresql://", "postgresql+psycopg2://"))
        self.asynchronous = factory(ASYNC, async_url)
        over_asgi = Client(as_wsgi(self.asynchronous, run_blocking), self.flask.response_class)
        self.clients: dict[str, Any] = {
            "flask": self.flask.test_client(),
            "wsgi": self.asynchronous.test_client(),
            "asgi": over_asgi,
        }

    def ask(self, *args: Any, over: str = "asgi", **kwargs: Any) -> Answer:
        """The answer of both, which is the same."""
        kwargs.setdefault("environ_base", {"HTTP_USER_AGENT": "x", "REMOTE_ADDR": "127.0.0.1"})
        expected = answer(self.clients["flask"].open(*args, **kwargs))
        assert answer(self.clients[over].open(*args, **kwargs)) == expected
        return expected


@contextmanager
def pair(factory: Factory, urls: tuple[str, str]) -> Iterator[Pair]:
    """Both applications on fresh databases; their connections are closed at the end."""
    made = Pair(factory, *urls)
    try:
        yield made
    finally:
        run_blocking(made.asynchronous.dispose_database())
        with made.flask.app_context():
            for engine in made.flask.extensions["sqlalchemy"].engines.values():
                engine.dispose()
