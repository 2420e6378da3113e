"""After an edit that changes nothing for others, a run is taken as a whole: it comes to what a first run does."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from migrator.codemod.cache import Texts, pickled
from migrator.codemod.convert import Conversion, convert
from migrator.codemod.outcome import outcome_of
from migrator.types import course
from migrator.types.evaluations import Evaluations
from migrator.types.replay import Replay
from migrator.types.state import State
from tests.codemod import small_package
from tests.codemod.edits import edit

TOOLS = """\
from shop.models import Order, db


def newest():
    return "nothing"


def page():
    return [order.customer.name for order in Order.query.limit(2)], newest()


def save(order):
    order.note = "new"
    db.session.add(order)


def total(orders):
    found = 0
    for order in orders:
        found += order.id
    return found


def totals():
    save(Order())
    return total(Order.query.all())
"""


class Runs:
    """Runs over a package, each with what the first has kept; `taken` says which of them were taken as a whole."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.packed = b""
        self.taken: list[bool] = []

    def first(self) -> None:
        kept = Texts()
        convert(self.root, package="new", kept=kept)
        self.packed = pickled(kept.made)

    def same_as_anew(self) -> Conversion:
        """The conversion after an edit, which is what it is without anything kept."""
        made = convert(self.root, package="new", kept=Texts(evaluated=self.packed))
        taken = self.taken[-1]
        anew = convert(self.root, package="new", kept=Texts())
        self.taken.append(taken)
        assert made.texts == anew.texts
        assert repr(outcome_of(made)) == repr(outcome_of(anew))
        assert tables(made.state) == tables(anew.state)
        return made


def tables(state: State) -> dict[str, object]:
    """What the analysis has come to; the order of readers says nothing."""
    plain = {name: getattr(state, name) for name in course.DICTS + course.SETS + course.PLAIN}
    nested = {
        name: {entry: {*of} for entry, of in getattr(state, name).items() if of}
        for name in course.NESTED
    }
    return {**plain, **nested}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs(small_package.write(tmp_path, {**small_package.FILES, "tools.py": TOOLS}))
    take = Replay.take_course

    def taken(replayed: Replay, keys: list[str]) -> bool:
        made.taken.append(take(replayed, keys))
        return made.taken[-1]

    monkeypatch.setattr(Replay, "take_course", taken)
    # In a package of this size one function is more than a few.
    monkeypatch.setattr(course, "FEW", 1)
    made.first()
    return made


@pytest.mark.parametrize(
    ("old", "new", "taken"),
    [
        ('    return "nothing"\n', "    more = 1\n    return str(more)\n", True),
        ('    return "nothing"\n', '    more = "nothing"\n    return "else"\n', True),
        ("    found = 0\n", "    found = 1\n    seen = found\n", True),
        # What others get, and what is known of the program, are different things then.
        ('return "nothing"', "return Order.query.first()", False),
        ("    db.session.add(order)\n", "    db.session.commit()\n", False),
        ("order.note = ", "order.text = ", False),
        ("    save(Order())\n", "    save(None)\n", False),
        ("    save(Order())\n", "", False),
        ("found += order.id", "found += newest()", False),
        ("def total(orders):", "def total(orders, more=None):", False),
    ],
)
def test_a_run_is_taken_as_a_whole_where_a_function_does_what_it_did(
    runs: Runs, old: str, new: str, taken: bool
) -> None:
    path = runs.root / "tools.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    made = runs.same_as_anew()
    assert runs.taken[-1] == taken
    if taken:
        assert made.state.evaluations < 10


def test_a_variable_that_a_function_inside_reads_is_no_secret(runs: Runs) -> None:
    path = runs.root / "tools.py"
    path.write_text(
        path.read_text().replace(
            "    found = 0\n", "    found = 0\n    def inner():\n        return found\n"
        )
    )
    runs.first()
    path.write_text(
        path.read_text().replace("    found = 0\n", "    found = Order.query.first()\n")
    )
    runs.same_as_anew()
    assert not runs.taken[-1]


def test_random_edits_come_to_what_a_first_run_comes_to(runs: Runs) -> None:
    rng = random.Random(5)
    for _ in range(25):
        edit(runs.root, rng)
        runs.same_as_anew()
        runs.first()
    assert True in runs.taken


def test_nothing_is_taken_of_a_run_that_kept_nothing() -> None:
    assert Evaluations().course.order == ""
