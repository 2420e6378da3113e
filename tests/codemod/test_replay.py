"""After an edit, evaluations of the run before are replayed: the result is that of a first run.

Every evaluation that is replayed here is done as well, and must come to the same.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from migrator.codemod.cache import Text, Texts, pickled
from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from migrator.types import course
from migrator.types.analysis import evaluate
from migrator.types.coded import outline
from migrator.types.evaluations import Evaluation, Evaluations
from migrator.types.replay import Replay
from tests.codemod import small_package
from tests.codemod.edits import edit

ROOT = Path(__file__).parents[2]
TOOLS = """\
from shop.models import Customer, Order, db


class Counter:
    def __init__(self, session):
        self.session = session

    def all(self):
        return self.session.query(Order).all()

    @property
    def limit(self):
        return 2

    @limit.setter
    def limit(self, value):
        self.session.info["limit"] = value


def newest():
    return "nothing"


def show(order):
    return order.customer.name


def page():
    found = newest()
    return [show(order) for order in Order.query.limit(2)], found


def apart(value):
    return value + 1


async def later(value=Order.query.count()):
    return value
"""


class Runs:
    """Runs over a package, each with what the one before has kept; `again` and `anew` are counted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.texts: dict[str, Text] = {}
        self.packed = b""
        self.counts: Counter[str] = Counter()

    def __call__(self) -> object:
        texts = Texts(self.texts, evaluated=self.packed)
        self.counts.clear()
        made = convert(self.root, package="new", kept=texts)
        self.texts = texts.now
        if texts.made is not None:
            self.packed = pickled(texts.made)
        self.counts["anew"] = made.state.evaluations - self.counts["again"]
        return _result(made.texts, made.findings, outcome_of(made))

    def text(self, path: str) -> str:
        """The new text of a file."""
        return self.texts[path][1]

    def fresh(self) -> object:
        """What a run without a cache gives; files that were rewritten are taken as they are."""
        made = convert(self.root, package="new", kept=_TextsAlone(self.texts))
        return _result(made.texts, made.findings, outcome_of(made))


class _TextsAlone(Texts):
    def evaluations(self) -> Evaluations:
        return Evaluations()


def _result(*parts: object) -> str:
    return repr(parts)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs(small_package.write(tmp_path, {**small_package.FILES, "tools.py": TOOLS}))

    def again(replayed: Replay, key: str, evaluation: Evaluation) -> None:
        made.counts["again"] += 1
        done = Replay(replayed.state, evaluate, Texts(), "")
        done.evaluate(key)
        written = done.finish(())
        assert written is not None
        journals = Texts().unpacked(written.journals[key.partition(":")[0]])
        assert journals[key] == (evaluation,), f"evaluating {key} is something else than its replay"
        # The order of the queue goes by whom the functions call.
        seen = outline(key, evaluation.facts)
        assert [*seen.calls] == [*replayed.state.facts[key].calls]

    monkeypatch.setattr(Replay, "_again", again)
    # No run is taken as a whole: that is for test_course.
    monkeypatch.setattr(course, "FEW", 0)
    return made


def change(runs: Runs, old: str, new: str, name: str = "tools.py") -> None:
    path = runs.root / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert runs() == runs.fresh()


def test_one_function_is_evaluated_where_no_other_looks_at_its_body(runs: Runs) -> None:
    runs()
    change(runs, "    return value + 1\n", "    # a comment\n    return value + 2\n")
    assert runs.counts["anew"] == 1
    assert runs.counts["again"] > 10


def test_lines_added_above_a_setter_are_no_change_of_it(runs: Runs) -> None:
    runs()
    all_orders = "        return self.session.query(Order).all()\n"
    change(runs, all_orders, f"        unused = 1\n{all_orders}")
    assert runs.counts["anew"] <= 2
    assert runs.counts["again"] > 10


def test_whoever_gets_its_result_is_evaluated_as_well(runs: Runs) -> None:
    runs()
    change(runs, 'return "nothing"', "return Order.query.first()")
    assert "await newest()" in runs.text("tools.py")
    change(runs, "return Order.query.first()", 'return "nothing"')
    assert "await newest()" not in runs.text("tools.py")
    assert runs.counts["again"] > 10


def test_a_method_that_shows_what_an_attribute_is_shows_it_to_the_others(runs: Runs) -> None:
    change(runs, "        return self.session.query(Order).all()", "        return self.session")
    change(runs, "        return self.session", "        return self.session.query(Order).all()")


def test_what_runs_where_a_coroutine_function_is_defined_keeps_its_place(runs: Runs) -> None:
    runs()
    change(runs, "    return value\n", "    value += 1\n    value += 2\n    return value\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def apart(value):", "def apart(value, more=None):"),
        ("class Counter:", "class Counters:"),
        ("def show(order):", "@staticmethod\ndef show(order):"),
        ("        self.session = session", "        def inner(): pass"),
    ],
)
def test_nothing_is_replayed_where_anything_else_has_changed(
    runs: Runs, old: str, new: str
) -> None:
    runs()
    change(runs, old, new)
    assert not runs.counts["again"]


@pytest.mark.parametrize(
    ("old", "new", "anew"),
    [
        # A module's own code is evaluated once more, and what it defines the first time.
        ("def apart(value):", "def added(value):\n    return value\n\n\ndef apart(value):", 3),
        ("def apart(value):\n    return value + 1\n", "", 3),
        ("from shop.models", "import json\nfrom shop.models", 3),
        # Who looks the name up.
        ("from shop.models import Customer", "from shop.models import Line", 4),
        ("from shop.models import Customer, Order", "from shop.models import Customer", 20),
    ],
)
def test_imports_and_functions_come_and_go_where_nobody_looks_up_their_names(
    runs: Runs, old: str, new: str, anew: int
) -> None:
    runs()
    change(runs, old, new)
    assert runs.counts["anew"] <= anew
    assert runs.counts["again"] > 10


def test_another_import_of_the_same_name_is_seen_by_who_looks_it_up_elsewhere(runs: Runs) -> None:
    change(runs, "db = SQLAlchemy()", "db = SQLAlchemy()\n\ndef found(): return 1\n", "models.py")
    change(runs, "Order, db", "Order, db, found")
    change(runs, "return value + 1", "return found()")
    change(runs, "def found(): return 1", "def found(): return Order.query.first()", "models.py")
    assert "await found()" in runs.text("tools.py")
    change(runs, "Order, db, found", "Order, db\nfrom os import getpid as found")
    assert "await found()" not in runs.text("tools.py")
    change(runs, "from os import getpid as found", "from shop.models import *")
    assert "await found()" in runs.text("tools.py")


def test_a_view_that_is_added_is_one(runs: Runs) -> None:
    runs()
    views = small_package.FILES["views.py"]
    added = "from shop.models import Order\n\n@bp.get('/')\ndef first():\n    return str(Order.query.count())\n"
    change(runs, views, views + added, "views.py")
    assert "async def first" in runs.text("views.py")
    assert runs.counts["again"] > 10


def test_a_template_counts_as_read_by_every_function(runs: Runs) -> None:
    (runs.root / "templates").mkdir()
    page = runs.root / "templates" / "page.html"
    page.write_text("<p></p>")
    runs()
    change(runs, "<p></p>", "{{ order.customer.name }}", "templates/page.html")
    assert not runs.counts["again"]


def test_random_edits_of_a_small_package(runs: Runs) -> None:
    rng = random.Random(1)
    for _ in range(30):
        edit(runs.root, rng)
        assert runs() == runs.fresh()


def test_random_edits_of_the_sample_application(runs: Runs, tmp_path: Path) -> None:
    runs.root = tmp_path / "legacy_app"
    shutil.copytree(ROOT / "legacy_app", runs.root)
    runs()
    edit(runs.root, random.Random(6))
    assert runs() == runs.fresh()
    assert runs.counts["again"] > 1000
