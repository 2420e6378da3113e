"""The page of bridging reasons names each code that the code base gives, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_code_has_its_line_and_every_line_its_code() -> None:
    given = {
        code
        for path in (ROOT / "migrator").rglob("*.py")
        for code in re.findall(r'"(MIG5\d\d)"', path.read_text(encoding="utf-8"))
    }
    page = (ROOT / "docs" / "bridging.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| (MIG5\d\d) \|", page, flags=re.MULTILINE)
    assert sorted(given) == documented
