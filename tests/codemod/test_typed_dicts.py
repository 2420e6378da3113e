"""A session that a TypedDict says to hold is one, wherever the dict is handed on."""

from __future__ import annotations

import textwrap

import pytest

from tests.codemod.alike import HEAD, Alike

FUNCTIONS = """
from typing import Any, TypedDict

from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

Sessions = scoped_session[Session]


class Base(TypedDict):
    session: Sessions


class Context(Base, total=False):
    user: str
    other: Session


def numbers(context: Context) -> list[str]:
    return [o.number for o in context["session"].query(Order).order_by(Order.id)]


def renamed(context: Context, name: str) -> str:
    session = context["other"]
    session.execute(text("UPDATE customer SET name = :name WHERE id = 1"), {"name": name})
    session.commit()
    return session.get(Customer, 1).name


def counted(context: Context) -> int:
    return len(Counted(context))


class Counted:
    def __init__(self, context: Context) -> None:
        self.context = context

    def __len__(self) -> int:
        return self.context["session"].query(Order).count()


ACTIONS: dict[str, Any] = {"numbers": numbers, "renamed": renamed, "counted": counted}


def context_of(user: str) -> Context:
    return {"session": db.session, "other": db.session, "user": user}


@bp.route("/direct")
def direct():
    context: Context = {"session": db.session, "other": db.session}
    return ",".join(numbers(context)) + renamed(context, "zoe") + str(counted(context))


@bp.route("/made")
def made():
    return ",".join(numbers(context_of("x"))) + renamed(context_of("y"), "eva")


@bp.route("/by_name/<name>")
def by_name(name):
    return str(ACTIONS[name]({"session": db.session}))
"""


@pytest.mark.parametrize("path", ["/direct", "/made", "/by_name/numbers", "/by_name/counted"])
def test_it_is_asked_as_before(path: str, alike: Alike) -> None:
    sides = alike(HEAD + textwrap.dedent(FUNCTIONS), [path, path])
    text = sides.conversion.texts["views.py"]
    assert "async def numbers" in text
    assert "async def renamed" in text
    assert "].scalars(select(Order)" in text
