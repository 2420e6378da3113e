"""An expression below others is evaluated as often as these are, however deep it lies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from migrator.codemod.convert import convert
from migrator.types.recorder import Recorder

SHOP = """
class Box:
    def put(self, what):
        return self

class Bag:
    def put(self, what):
        return what

def deep(a, b):
    either = Box() if a else Bag()
    made = Box if b else Bag
    return """

#: How many expressions are evaluated with so many links between `before` and `after`.
Evaluations: TypeAlias = Callable[[str, str, int], int]


@pytest.fixture
def evaluations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Evaluations:
    settled = Recorder.settled
    count = 0

    def counted(recorder: Recorder, node: object, value: object) -> object:
        nonlocal count
        count += 1
        return settled(recorder, node, value)  # type: ignore[arg-type]

    monkeypatch.setattr(Recorder, "settled", counted)

    def run(before: str, after: str, links: int) -> int:
        nonlocal count
        count = 0
        (tmp_path / "shop.py").write_text(f"{SHOP}{before * links}a{after * links}\n")
        convert(tmp_path)
        return count

    return run


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ".x()"),
        ("", ".x().y"),
        ("", ".filter_by(id=1)"),
        ("", ".x(b.y().z())[0]"),
        ("either.put(", ")"),
        ("b.put(either.put(", "))"),
        ("made().put(what=", ")"),
        ("'%s' % (", ",)"),
        ("made().put(", " for _ in b)"),
    ],
)
def test_what_is_twice_as_deep_takes_twice_as_many(
    before: str, after: str, evaluations: Evaluations
) -> None:
    assert evaluations(before, after, 12) <= 2.5 * evaluations(before, after, 6)


@pytest.mark.parametrize(
    "before", ["made().put(lambda: ", "either.put(lambda x: ", "b.put(lambda x: "]
)
def test_a_lambda_is_evaluated_for_its_callees_and_for_whoever_keeps_it(
    before: str, evaluations: Evaluations
) -> None:
    # Twice at each depth, which adds up: four times as many are a square of the depth.
    assert evaluations(before, ")", 12) <= 4 * evaluations(before, ")", 6)
