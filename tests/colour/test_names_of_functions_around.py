"""What a function around gives a name: imports against circular ones, classes, functions by conditions."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.colour.conftest import Analyse, modes

LOADER = "def load(id):\n        return User.query.get(id)\n    return load"
FORMS = {
    "imported": f"def create():\n    from shop.app import User\n    {LOADER}",
    "imported below": f"def create():\n    {LOADER.partition('    return load')[0]}    from shop.app import User\n    return load",
    "of a class": "from shop.app import User\n\ndef create():\n    class Box:\n        def one(self):\n            return User.query.first()\n"
    "    def load():\n        return Box().one()\n    return load",
}


@pytest.mark.parametrize("form", FORMS)
def test_what_stands_around_is_known_inside(form: str, analyse: Analyse) -> None:
    made = analyse("", factory=FORMS[form] + "\n")
    totals = outcome_of(made).totals
    assert (totals.seen, totals.native) == (1, 1)


def test_definitions_of_one_name_share_a_colour(analyse: Analyse) -> None:
    made = analyse(
        """
def around(function, cached):
    if cached:
        def wrapper():
            return 0
    else:
        def wrapper():
            return User.query.count()
    return wrapper
"""
    )
    found = {name: mode for name, mode in modes(made).items() if "wrapper" in name}
    assert found == {"around.<locals>.wrapper": "native", "around.<locals>.wrapper@2": "native"}


def test_what_an_abstract_class_declares_is_as_async_as_what_it_stands_for(
    analyse: Analyse,
) -> None:
    made = analyse(
        """
from abc import ABC, abstractmethod

class Validator(ABC):
    @abstractmethod
    def validate(self, name):
        pass

    def plain(self):
        return self.validate("x")

class Taken(Validator):
    def validate(self, name):
        return User.query.filter_by(name=name).first()

def check():
    return Taken().plain()
"""
    )
    assert {mode for name, mode in modes(made).items() if "<module>" not in name} == {"native"}
    assert made.texts["app.py"].count("async def validate") == 2
