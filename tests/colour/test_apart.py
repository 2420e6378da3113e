"""Tests and migrations stay as they are: what runs them awaits nothing."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.colour.conftest import Analyse

TEST = """from shop.app import User

def test_count():
    assert User.query.count() == 0
"""
SKIP = """def skip(fn):
    def inner(*args):
        return fn(*args)
    return inner
"""


@pytest.mark.parametrize("name", ["tests__test_users", "test_users", "tests__helpers", "conftest"])
def test_tests_stay_as_they_are(name: str, analyse: Analyse) -> None:
    made = analyse("", **{name: TEST})
    assert made.texts[f"{name.replace('__', '/')}.py"] == TEST


def test_a_test_may_be_what_the_application_is_about(analyse: Analyse) -> None:
    code = "from shop.app import User\n\ndef count():\n    return User.query.count()\n"
    made = analyse("", ab_test=code, users_test=TEST)
    assert "async def count" in made.texts["ab_test.py"]
    assert made.texts["users_test.py"] == TEST


def test_they_say_so_and_count_for_nothing(analyse: Analyse) -> None:
    outcome = outcome_of(analyse("", tests__test_users=TEST))
    assert outcome.totals.seen == 0
    assert [f.code for f in outcome.notes] == ["MIG108"]


BASE = """import unittest

from shop.app import User

class Base(unittest.TestCase):
    def count(self):
        return User.query.count()
"""


def test_tests_may_lie_beside_what_they_test(analyse: Analyse) -> None:
    test = "from shop.lib.helpers import Base\n\n\n" + TEST
    made = analyse("", lib__users_test=test, lib__helpers=BASE)
    assert made.texts["lib/users_test.py"] == test
    assert made.texts["lib/helpers.py"] == BASE


@pytest.mark.parametrize(
    ("name", "code"), [("ab_test", TEST), ("manage", BASE + "\n# python manage.py test\n")]
)
def test_what_the_application_speaks_of_is_no_test(name: str, code: str, analyse: Analyse) -> None:
    code = code.replace("def test_count", "def count")
    made = analyse(f"from shop import {name}\n", **{name: code, "users_test": TEST})
    assert made.texts[f"{name}.py"] != code


def test_a_script_with_tests_of_its_own_is_no_base_of_others(analyse: Analyse) -> None:
    made = analyse("", manage=BASE + "\n# python manage.py test\n", users_test=TEST)
    assert made.texts["manage.py"] != BASE


def test_migrations_stay_as_they_are(analyse: Analyse) -> None:
    code = "def count():\n    return User.query.count()\n\nTABLE = [count]\n"
    made = analyse(code, migrations__env="from alembic import context\n", migrations__utils=SKIP)
    assert made.texts["migrations/utils.py"] == SKIP


def test_a_module_named_env_is_no_migration(analyse: Analyse) -> None:
    code = "from shop.app import User\n\ndef count():\n    return User.query.count()\n"
    made = analyse("", tools__env="import os\n", tools__counts=code)
    assert "async def count" in made.texts["tools/counts.py"]


def test_an_override_in_a_test_is_no_obstacle(analyse: Analyse) -> None:
    code = (
        "class Checker:\n    def check(self):\n        return User.query.count()\n\n"
        "def run(checker: Checker):\n    return checker.check()\n"
    )
    override = (
        "from shop.app import Checker\n\n\nclass Raising(Checker):\n    def check(self):\n"
        "        raise ValueError\n"
    )
    made = analyse(code, tests__test_checker=override)
    assert made.texts["tests/test_checker.py"] == override


REVISION = """from alembic import op

from shop.app import User

revision = "1"
down_revision = None

def upgrade():
    rename(op.get_bind(), User.query.count())

def rename(connection, count):
    return User.query.all()
"""


@pytest.mark.parametrize("down", ["down_revision", "later"])
def test_alembic_runs_a_revision_wherever_its_environment_lies(down: str, analyse: Analyse) -> None:
    """Flask-Alembic has its own `env.py`; what calls the revision awaits nothing."""
    code = REVISION.replace("down_revision", down)
    stays = analyse("", sql__first=code).texts["sql/first.py"] == code
    assert stays == (down == "down_revision")
