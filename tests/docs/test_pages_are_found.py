"""Someone who begins at docs/README.md finds every page, and docs/architecture.md names every part."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tests.docs.pages import ROOT, pages

_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)")


def test_every_page_is_reached_from_the_first() -> None:
    reached: set[Path] = set()
    todo = [ROOT / "docs" / "README.md"]
    while todo:
        page = todo.pop()
        if page.suffix == ".md" and page not in reached:
            reached.add(page)
            todo += [(page.parent / to).resolve() for to in _LINK.findall(page.read_text("utf-8"))]
    assert {ROOT / page for page in pages()} <= reached


def test_decisions_have_numbers_of_their_own() -> None:
    numbers = Counter(path.name[:4] for path in (ROOT / "docs" / "adr").iterdir())
    assert sorted(numbers) == [f"{n:04}" for n in range(1, len(numbers) + 1)]
    assert set(numbers.values()) == {1}


def test_every_part_is_named() -> None:
    parts = {
        path.name
        for folder in (ROOT / "migrator", ROOT / "migrator" / "runtime")
        for path in folder.iterdir()
        if (path.is_dir() or path.suffix == ".py") and not path.name.startswith("__")
    }
    tree = (ROOT / "docs" / "architecture.md").read_text("utf-8").split("```")[1]
    unnamed = [part for part in sorted(parts) if f" {part.removesuffix('.py')}" not in tree]
    assert not unnamed
