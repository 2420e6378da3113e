"""What comes from other distributions may be an object of ours: its methods may be coroutines."""

from __future__ import annotations

import pytest

from tests.colour.conftest import Analyse

MODEL = """
class Account(db.Model):
    id = db.Column(db.Integer, primary_key=True)

    def rename(self, name):
        self.name = name
        db.session.commit()


"""


@pytest.mark.parametrize(
    ("head", "value"),
    [
        ("from flask_jwt_extended import current_user\n", "current_user"),
        ("import flask_jwt_extended as jwt\n", "jwt.current_user.account"),
        ("from flask_jwt_extended import get_current_user\n", "get_current_user()"),
        ("from elsewhere import auth\n", "auth.current_user()"),
        ("from flask import current_app\n", "current_app.account"),
    ],
)
def test_a_user_of_any_extension(head: str, value: str, analyse: Analyse) -> None:
    use = f"def use(name):\n    user = {value}\n    user.rename(name)\n"
    special = (
        f"class Box:\n    def __len__(self):\n        user = {value}\n        user.rename('')\n"
    )
    text = analyse(f"{head}{MODEL}{use}\n\n{special}").texts["app.py"]
    assert "async def rename" in text
    assert "async def use(name):" in text
    assert "await call(user.rename, name)" in text
    assert "\n    def __len__(self):" in text
    assert "    call_sync(user.rename, '')" in text


@pytest.mark.parametrize(
    ("head", "value"),
    [
        ("from flask import current_app\n", "current_app.logger"),
        ("import requests\n", "requests.get('x')"),
        ("import json\n", "json.loads('{}')"),
    ],
)
def test_what_python_and_flask_give_is_theirs(head: str, value: str, analyse: Analyse) -> None:
    use = f"def use(name):\n    thing = {value}\n    thing.rename(name)\n"
    assert (
        f"def use(name):\n    thing = {value}\n    thing.rename(name)\n"
        in (analyse(f"{head}{MODEL}{use}").texts["app.py"])
    )


@pytest.mark.parametrize(
    "made",
    [
        'typing.NewType("Kind", str)',
        'collections.namedtuple("Kind", "name")',
        'typing.NamedTuple("Kind", [("name", str)])',
        'typing.TypedDict("Kind", {"name": str})',
    ],
)
def test_a_class_that_python_makes_runs_nothing_of_ours(made: str, analyse: Analyse) -> None:
    code = f"Kind = {made}\n\n\ndef use(name):\n    return Kind(name)\n"
    text = analyse(f"import collections, typing\n{MODEL}VALUES = [Account.rename]\n\n\n{code}")
    assert code in text.texts["app.py"]
