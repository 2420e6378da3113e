"""An expression below others is evaluated as often as these are, however deep it lies."""

from __future__ import annotations

from pathlib import Path

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
    ],
)
def test_what_is_twice_as_deep_takes_twice_as_many(
    before: str, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = Recorder.settled
    count = 0

    def counted(recorder: Recorder, node: object, value: object) -> object:
        nonlocal count
        count += 1
        return settled(recorder, node, value)  # type: ignore[arg-type]

    monkeypatch.setattr(Recorder, "settled", counted)

    def evaluations(links: int) -> int:
        nonlocal count
        count = 0
        (tmp_path / "shop.py").write_text(f"{SHOP}{before * links}a{after * links}\n")
        convert(tmp_path)
        return count

    assert evaluations(12) <= 2.5 * evaluations(6)
