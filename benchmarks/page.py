"""docs/benchmarks.md, whose parts are written by the commands that measure them."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_HEAD = """# Benchmarks

Each table is written by the command above it. Machines differ and are shared: read ratios, and CPU
time a request, rather than requests a second.
"""


def write_part(name: str, text: str) -> None:
    """Replace the part `name` of the page, or add it at the end."""
    page = PAGE.read_text() if PAGE.exists() else _HEAD
    part = f"<!-- {name}: begin -->\n{text.strip()}\n<!-- {name}: end -->"
    pattern = re.compile(rf"<!-- {name}: begin -->.*?<!-- {name}: end -->", re.DOTALL)
    if pattern.search(page):
        page = pattern.sub(lambda _: part, page)
    else:
        page = f"{page.rstrip()}\n\n{part}\n"
    PAGE.write_text(page)
