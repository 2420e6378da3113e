"""What docs/shadow.md shows is what the loader takes and the package offers."""

from __future__ import annotations

import re
from pathlib import Path

from migrator.runtime.shadow import load
from migrator.runtime.shadow.rules import ACCEPTS, CHANNELS

PAGE = (Path(__file__).parents[3] / "docs" / "shadow.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_example_is_read(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    file = tmp_path / "cases.yaml"
    file.write_text(text, encoding="utf-8")
    cases = load(file)
    assert [flow.name for flow in cases.flows][:2] == ["GET /health", "orders by page [page=1]"]
    assert cases.requests == 11
    assert set(cases.actors) == {"clerk", "robot"}
    assert [rule.name for rule in cases.rules] == ["slash-redirects"]


def test_the_code_runs() -> None:
    for block in blocks("python"):
        exec(compile(block, "docs/shadow.md", "exec"), {})


def test_every_word_of_a_rule_is_explained() -> None:
    for word in (*ACCEPTS, *CHANNELS):
        assert f"`{word}`" in PAGE, word
