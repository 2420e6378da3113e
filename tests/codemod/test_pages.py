"""The pages of docs/rules are their own tests: before gives after, what is kept is refused."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

from migrator.queries.refusals import TITLES
from migrator.queries.types import (
    UNKNOWN,
    Column,
    Db,
    External,
    Instance,
    ListOf,
    ModelType,
    Query,
    RelationshipAttribute,
    Selectable,
    Selected,
    Session,
    Type,
)
from tests.codemod.chain import Converted, convert

PAGES = Path(__file__).parents[2] / "docs" / "rules"
RULES = Path(__file__).parents[2] / "migrator" / "codemod" / "rules"
BLOCK = re.compile(r"```python ([\w-]+)\n(.*?)\n```", re.DOTALL)
CODE = re.compile(r"MIG3\d\d")


def _model(name: str) -> ModelType:
    return ModelType(f"m:{name}", name, eager=False)


NAMES: dict[str, Type] = {
    **{name: _model(name) for name in ("Order", "Line", "Customer", "Product", "Note")},
    **{name: External(f"sqlalchemy.{name}") for name in ("func", "select", "desc")},
    **{name: External(f"sqlalchemy.orm.{name}") for name in ("joinedload", "aliased")},
    "session": Session("session"),
    "db": Db(),
    "customer": Instance("m:Customer"),
    "order": Instance("m:Order"),
    "rows": ListOf(Instance("m:Order", fresh=True)),
    "orphan": Query((Selected("entity", "m:Order", "Order", "Order"),), lead="Order"),
    "mine": Query(
        (Selected("entity", "m:Order"),), Session("session"), state=frozenset({"filter"})
    ),
    "tags": Selectable("tags", table=True),
    "anything": UNKNOWN,
}
MEMBERS: dict[tuple[str, str], Type] = {
    ("m:Order", "lines"): RelationshipAttribute("m:Order", "lines", "m:Line", True, "select"),
    ("m:Order", "customer"): RelationshipAttribute(
        "m:Order", "customer", "m:Customer", False, "select"
    ),
    ("m:Line", "product"): RelationshipAttribute("m:Line", "product", "m:Product", False, "select"),
    ("m:Customer", "orders"): RelationshipAttribute(
        "m:Customer", "orders", "m:Order", True, "select"
    ),
    ("m:Customer", "notes"): RelationshipAttribute(
        "m:Customer", "notes", "m:Note", True, "dynamic"
    ),
    ("m:Product", "tags"): RelationshipAttribute("m:Product", "tags", "m:Tag", True, "select"),
    ("m:Product", "details"): Column("Product.details", "m:Product", unhashable=True),
}


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text())


def pairs(first: str, second: str) -> list[tuple[str, str, str]]:
    """(page, before, after) of every pair of blocks of these kinds."""
    found = []
    for page in sorted(PAGES.glob("*.md")):
        listed = blocks(page)
        for (kind, before), (other, after) in pairwise(listed):
            if (kind, other) == (first, second):
                found.append((page.stem, before, after))
    return found


def singles(kind: str) -> list[tuple[str, str]]:
    return [
        (page.stem, text)
        for page in sorted(PAGES.glob("*.md"))
        for found, text in blocks(page)
        if found == kind
    ]


def converted(source: str) -> Converted:
    wrapped = source.startswith("(\n")
    inner = source.removeprefix("(\n").removesuffix("\n)") if wrapped else source
    return convert(inner, NAMES, MEMBERS)


@pytest.mark.parametrize(("page", "before", "after"), pairs("before", "after"))
def test_before_gives_after(page: str, before: str, after: str) -> None:
    result = converted(before)
    assert not result.refusals
    found = ast.dump(ast.parse(result.source.strip()))
    assert found == ast.dump(ast.parse(after))
    if "\n" not in after:
        assert result.source == after


@pytest.mark.parametrize(("page", "text"), singles("keep"))
def test_what_is_kept_has_the_code_of_its_page(page: str, text: str) -> None:
    assert [r.code for r in converted(text).refusals][:1] == [page]


@pytest.mark.parametrize(("page", "text"), singles("same"))
def test_what_is_nobodys_business_stays(page: str, text: str) -> None:
    result = converted(text)
    assert not result.refusals
    assert result.source == text


def test_the_codes_of_queries_are_those_with_a_title() -> None:
    source = Path(__file__).parents[2] / "migrator" / "queries"
    in_code = {c for file in source.rglob("*.py") for c in CODE.findall(file.read_text())}
    assert set(TITLES) == in_code


@pytest.mark.parametrize("code", sorted(TITLES))
def test_a_page_says_what_the_code_says_and_what_to_do(code: str) -> None:
    text = (PAGES / f"{code}.md").read_text()
    assert text.startswith(f"# {code} · {TITLES[code]}\n")
    assert "**Do:**" in text
