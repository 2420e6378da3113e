"""Special methods that do I/O: Python calls them, so what triggers them runs in the bridge."""

from __future__ import annotations

import pytest

from tests.colour.conftest import Analyse, modes

BAG = """
class Plain:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def __bool__(self):
        return True

class Bag:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        db.session.commit()

    def __bool__(self):
        return User.query.count() > 0

    def __len__(self):
        return User.query.count()

    def __eq__(self, other):
        return User.query.count() == other

    def __contains__(self, key):
        return User.query.get(key) is not None

    def __getitem__(self, key):
        return User.query.get(key)

    def __setitem__(self, key, name):
        User.query.filter_by(id=key).update({"name": name})

    @property
    def size(self):
        return User.query.count()

"""


def test_special_methods_without_io_change_nothing(analyse: Analyse) -> None:
    made = analyse(BAG + "def use():\n    with Plain() as p:\n        return 1 if p else 2\n")
    assert modes(made)["use"] == "plain"


@pytest.mark.parametrize(
    "body",
    [
        "with Bag(), Bag():\n        pass",
        "if Bag():\n        return 1",
        "return not Bag()",
        "Bag()[1] = 'x'",
    ],
)
def test_a_statement_that_triggers_one_is_bridged_with_its_function(
    body: str, analyse: Analyse
) -> None:
    made = analyse(BAG + f"def use():\n    {body}\n")
    decision = made.decisions.by_key["shop.app:use"]
    assert decision.mode == "bridged"
    assert decision.reason is not None
    assert decision.reason.code == "MIG504"


@pytest.mark.parametrize("expression", ["len(Bag())", "Bag() == 3", "1 in Bag()", "Bag()[1]"])
def test_an_expression_that_triggers_one_is_bridged_whole(
    expression: str, analyse: Analyse
) -> None:
    made = analyse(BAG + f"def use():\n    return {expression}\n")
    assert modes(made)["use"] == "native"
    assert f"return await bridge(lambda: {expression})" in made.texts["app.py"]


def test_a_property_of_a_plain_object_has_no_awaitable_attrs(analyse: Analyse) -> None:
    made = analyse(BAG + "def use():\n    return Bag().size\n")
    assert "awaitable_attrs" not in made.texts["app.py"]
    assert modes(made)["use"] == "native"


@pytest.mark.parametrize("expression", ["Bag() is None", "x is not Bag() is not None"])
def test_an_identity_asks_for_no_method(expression: str, analyse: Analyse) -> None:
    made = analyse(BAG + f"def use(x):\n    return {expression}\n")
    assert modes(made)["use"] == "plain"


def test_of_a_chain_the_comparison_alone_asks_for_one(analyse: Analyse) -> None:
    made = analyse(BAG + "def use(x):\n    return x is None is Bag() == 3\n")
    assert "await bridge(lambda: x is None is Bag() == 3)" in made.texts["app.py"]
