"""The examples of docs/rules that need a package around them, and laws for every page.

`view-keep` has the code of its page, `view-instead` has not; `view` and `whole` become what stands
below them. `view` examples are `views.py` of a small application, `whole` ones `queries.py` of a library.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from migrator.codemod.convert import Conversion, convert
from migrator.codemod.outcome import outcome_of
from migrator.codemod.renaming import plan_renaming
from migrator.codemod.result import Outcome
from migrator.report import pages
from migrator.surface import FrameChoice
from tests.codemod import small_package
from tests.codemod.test_pages import PAGES, RULES, blocks, pairs, singles

CODE = re.compile(r"\bMIG\d{3}\b")
#: Codes about the comments themselves: no comment keeps them.
COMMENTS = {"MIG190", "MIG191"}
MODELS = """\
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Order(Base):
    __tablename__ = 'orders'
    id = Column(Integer, primary_key=True)
    name = Column(String)
"""


def codes(outcome: Outcome) -> set[str]:
    levels = {e.refusal.code for e in outcome.endpoints if e.refusal is not None}
    listed = {f.code for f in (*outcome.findings, *outcome.notes)}
    return levels | listed | {b.code for b in outcome.bridged}


def said(outcome: Outcome, code: str) -> list[tuple[str, int]]:
    """Where a finding or a bridged site of this code is."""
    findings = [(f.path, f.line) for f in outcome.findings if f.code == code]
    return findings + [(b.path, b.line) for b in outcome.bridged if b.code == code]


#: Told where FastAPI was asked for: by itself, their application keeps Flask as its frame.
_ASKED_FOR = {"MIG429"}


def frame(page: str) -> FrameChoice:
    """What stays on the mount does so where the application becomes one of FastAPI."""
    return "auto" if "MIG419" < page < "MIG999" and page not in _ASKED_FOR else "fastapi"


def library(folder: Path, example: str) -> Conversion:
    texts = small_package.parts(example)
    if texts is None:
        texts = {"queries.py": f"from models import Order\n\n\n{example}\n"}
    return convert(small_package.write(folder, {"models.py": MODELS, **texts}))


def rules_used(conversion: Conversion) -> set[str]:
    edits = [e for found in conversion.plan.edits.values() for e in found]
    used = {action.rule for edit in edits for action in edit.actions}
    surface = conversion.surface.actions if conversion.surface is not None else {}
    for actions in (surface, plan_renaming(conversion.project, conversion.package or "same")):
        used |= {action.rule for found in actions.values() for _, action in found}
    return used


@pytest.mark.parametrize(("page", "text"), singles("view-keep"))
def test_what_is_kept_has_the_code_of_its_page(page: str, text: str, tmp_path: Path) -> None:
    assert page in codes(outcome_of(small_package.converted(tmp_path, text, frame(page))))


@pytest.mark.parametrize(("page", "text"), singles("view-instead"))
def test_what_is_written_instead_has_no_such_code(page: str, text: str, tmp_path: Path) -> None:
    assert page not in codes(outcome_of(small_package.converted(tmp_path, text)))


@pytest.mark.parametrize(("page", "text"), singles("view-keep"))
def test_a_comment_keeps_every_finding(page: str, text: str, tmp_path: Path) -> None:
    outcome = outcome_of(small_package.converted(tmp_path, text, frame(page)))
    found = said(outcome, page)
    root = tmp_path / "shop"
    if page in COMMENTS or any(path == "jobs.py" for path, _ in found):
        # Comments of a file that can't be parsed are not read.
        return
    for path, line in sorted(set(found), reverse=True):
        lines = (root / path).read_text().splitlines()
        indent = re.match(r"\s*", lines[line - 1])
        assert indent is not None
        lines.insert(line - 1, f"{indent[0]}# migrator: keep[{page}] the law of comments")
        (root / path).write_text("\n".join(lines) + "\n")
    kept = outcome_of(convert(root, package="shop_async", frame=frame(page)))
    assert not said(kept, page)
    assert kept.suppressed == len(found)
    assert kept.totals == outcome.totals


@pytest.mark.parametrize(
    ("page", "before", "after"), [*pairs("view", "view-after"), *pairs("whole", "whole-after")]
)
def test_before_gives_after(page: str, before: str, after: str, tmp_path: Path) -> None:
    small = (page, before, after) in pairs("view", "view-after")
    conversion = (
        small_package.converted(tmp_path, before, frame(page))
        if small
        else library(tmp_path, before)
    )
    assert page in rules_used(conversion) or CODE.fullmatch(page)
    default = "views.py" if small else "queries.py"
    for path, text in (small_package.parts(after) or {default: after}).items():
        made = conversion.texts[path]
        assert text.strip() in made
        ast.parse(made)
    again = tmp_path / "again"
    root = small_package.write(again, conversion.texts)
    settled = convert(root).texts
    assert {p: t for p, t in settled.items() if p != "asgi.py"} == {
        p: t for p, t in conversion.texts.items() if p != "asgi.py"
    }


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    source = Path(__file__).parents[2] / "migrator"
    in_code = {c for file in source.rglob("*.py") for c in CODE.findall(file.read_text())}
    with_page = {name for name in pages.pages() if name.startswith("MIG")}
    assert in_code - with_page == set(), "write docs/rules/CODE.md for these"
    assert with_page - in_code == set()


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    rules = {file.stem for file in RULES.glob("*.py")} - {"__init__"}
    assert {name for name in pages.pages() if not name.startswith("MIG")} == rules


def test_every_rewriting_shows_what_it_does() -> None:
    for name, page in pages.pages().items():
        if not name.startswith("MIG"):
            kinds = {kind for kind, _ in blocks(PAGES / f"{name}.md")}
            assert kinds & {"before", "view", "whole", "traced"}, page.name


def test_every_finding_shows_what_it_finds_and_says_what_to_do() -> None:
    for name, page in pages.pages().items():
        if name.startswith(("MIG1", "MIG3", "MIG4", "MIG5")):
            assert re.search(r"```(python (view-)?keep|text)\n", page.text), name
            assert page.text.count("**Do:** ") == 1, name


def test_the_list_of_pages_is_up_to_date() -> None:
    # python -m migrator explain > docs/rules/README.md
    assert (PAGES / "README.md").read_text() == pages.index()
