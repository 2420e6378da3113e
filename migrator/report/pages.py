"""The pages of docs/rules: what `migrator explain` shows, and what reports call a code.

A page belongs to a code, `MIG402`, or to a rewriting, `select_root`; its first line is its title.
`migrator/pages` is a link to docs/rules, so that an installed migrator has them.
"""

from __future__ import annotations

import difflib
import re
from functools import cache
from pathlib import Path

from migrator.errors import UnknownPage
from migrator.frozen import frozen

PAGES = Path(__file__).parents[1] / "pages"
_CODE = re.compile(r"(?:MIG-?)?(\d{3})", re.IGNORECASE)
#: Sections of the list, by the beginning of a code.
_SECTIONS = {
    "MIG0": "Errors: usage, configuration, and at run time",
    "MIG1": "Findings about files and comments",
    "MIG3": "Queries that can't be rewritten",
    "MIG4": "Endpoints and parts of the application",
    "MIG5": "Code that runs in the bridge",
    "MIG6": "Lazy loads",
    "MIG9": "Faults of ours",
    "": "Rewritings",
}


@frozen
class Page:
    """One page: `name` is the code or the rule's name, `text` the whole of it in Markdown."""

    name: str
    title: str
    text: str


@cache
def pages() -> dict[str, Page]:
    """Every page by its name: codes first, then rules."""
    found = [_read(path) for path in PAGES.glob("*.md") if path.stem != "README"]
    found.sort(key=lambda page: (not page.name.startswith("MIG"), page.name))
    return {page.name: page for page in found}


def title(code: str) -> str:
    """What a code is called; "" for a code without a page."""
    page = pages().get(code)
    return page.title if page is not None else ""


def page(asked: str) -> Page:
    """The page of a code (`MIG402`, `mig402`, `402`) or a rule.

    Raises UnknownPage, with the names that are spelled alike.
    """
    number = _CODE.fullmatch(asked)
    name = f"MIG{number[1]}" if number else _written(asked)
    found = pages().get(name)
    if found is None:
        raise UnknownPage(
            f"There is no page for {asked!r}.",
            "It is neither a code nor the name of a rule.",
            _advice(name),
        )
    return found


def _written(asked: str) -> str:
    upper = asked.upper()
    return upper if upper.startswith("MIG") else asked.lower().replace("-", "_")


def index() -> str:
    """The list of all pages in Markdown; docs/rules/README.md is this."""
    lines = [
        "# Codes and rules",
        "",
        "`migrator explain NAME` shows a page. This list is `migrator explain`.",
    ]
    for start, heading in _SECTIONS.items():
        here = [p for p in pages().values() if _section(p.name) == start]
        lines += ["", f"## {heading}", "", "| | |", "|---|---|"]
        lines += [f"| [{p.name}]({p.name}.md) | {p.title} |" for p in here]
    return "\n".join(lines) + "\n"


def _section(name: str) -> str:
    return name[:4] if name.startswith("MIG") else ""


def _advice(name: str) -> str:
    known = list(pages())
    near = [n for n in known if name in n] if len(name) > 3 else []
    near += difflib.get_close_matches(name.upper(), known, 3, 0.75)
    near += difflib.get_close_matches(name, known, 3, 0.6)
    near = list(dict.fromkeys(near))[:3]
    listed = "Run migrator explain without arguments for the whole list."
    return f"Did you mean {', '.join(near)}? {listed}" if near else listed


def _read(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    heading = text.partition("\n")[0].removeprefix("# ")
    name, _, said = heading.partition(" · ")
    return Page(path.stem, said or _sentence(text) or name, text)


def _sentence(text: str) -> str:
    """The first sentence of a page whose heading is a name only."""
    body = text.split("\n\n", 2)
    first = " ".join(body[1].split()) if len(body) > 1 else ""
    return re.split(r"(?<=[.:]) ", first)[0].rstrip(".:")
