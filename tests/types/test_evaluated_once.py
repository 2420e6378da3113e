"""An expression below others is evaluated as often as these are, however deep it lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.types.recorder import Recorder


@pytest.mark.parametrize("link", [".x()", ".x().y", ".filter_by(id=1)", ".x(b.y().z())[0]"])
def test_a_chain_twice_as_long_takes_twice_as_many(
    link: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
        (tmp_path / "chain.py").write_text(f"def chain(a, b):\n    return a{link * links}\n")
        convert(tmp_path)
        return count

    assert evaluations(12) <= 2.5 * evaluations(6)
