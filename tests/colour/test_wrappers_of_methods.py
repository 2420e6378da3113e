"""A decorator's inner function stands in for what it decorates, also where a foreign base calls it."""

from __future__ import annotations

from tests.colour.conftest import Analyse

DECORATOR = """
import functools


def logged(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        print(function.__name__)
        return function(*args, **kwargs)

    return inner


"""
RESOURCE = """from flask_restx import Resource


class Users(Resource):
    @logged
    def get(self):
        return [u.name for u in User.query.all()]


class About(Resource):
    @logged
    def get(self):
        return {"version": 1}
"""


def test_the_inner_function_is_plain_to_a_foreign_base(analyse: Analyse) -> None:
    text = analyse(DECORATOR + RESOURCE).texts["app.py"]
    assert "    @functools.wraps(function)\n    @unbridged\n    async def inner(" in text
    assert "        return await call(function, *args, **kwargs)\n" in text
    assert "    @logged\n    @unbridged\n    async def get(self):\n        return [u.name" in text
    assert "    @logged\n    def get(self):\n        return {" in text


def test_it_is_a_coroutine_function_where_only_we_call_it(analyse: Analyse) -> None:
    use = (
        "@logged\ndef count():\n    return User.query.count()\n\n\ndef use():\n    return count()\n"
    )
    text = analyse(DECORATOR + use).texts["app.py"]
    assert "    @functools.wraps(function)\n    async def inner(" in text
    assert "    return await count()\n" in text


def test_what_only_reads_a_function_does_not_hide_it(analyse: Analyse) -> None:
    text = analyse(
        """
import functools
import inspect


def visible(function):
    @functools.wraps(function)
    def inner(*args):
        inspect.signature(function).bind(*args)
        return function(*args).where(User.id > User.query.count())

    return inner


def use():
    @visible
    def statement():
        return db.select(User)

    return db.session.scalars(statement()).all()
"""
    ).texts["app.py"]
    assert "    async def inner(" in text
    assert "(await db.session.scalars(await statement())).all()" in text
