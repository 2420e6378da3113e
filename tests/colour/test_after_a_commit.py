"""What a commit may have expired is read again where it is read, and nowhere else."""

from __future__ import annotations

import pytest

from tests.colour.conftest import Analyse

CODE = """
def renamed(i, name):
    user = User.query.get(i)
    user.name = name
    db.session.commit()
    {}
    return user.name
"""


@pytest.mark.parametrize(
    ("call", "read"),
    [
        ("db.session.refresh(user)", "user.name"),
        ("db.session.refresh(user, ['id'])", "await user.awaitable_attrs.name"),
        ("db.session.add(user)", "await user.awaitable_attrs.name"),
        ("", "await user.awaitable_attrs.name"),
    ],
)
def test_a_session_takes_it_as_it_is(call: str, read: str, analyse: Analyse) -> None:
    text = analyse(CODE.format(call)).texts["app.py"]
    assert "reload(" not in text
    assert text.rstrip().endswith((f"return {read}", f"return ({read})"))


def test_others_get_it_reloaded(analyse: Analyse) -> None:
    assert "show(await reload(user))" in analyse(CODE.format("show(user)")).texts["app.py"]
