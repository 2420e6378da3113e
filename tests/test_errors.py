"""Every error has a code, every code a section in docs/errors.md, and nothing else is there."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from migrator import errors
from migrator.errors import InternalError, MigratorError, UsageError

ROOT = Path(__file__).parents[1]
CODE = re.compile(r"\bMIG(?:0\d\d|9\d\d)\b")
SECTION = re.compile(r"^### (MIG\d{3}) · (\w+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


def classes() -> list[type[MigratorError]]:
    return [
        found
        for _, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, MigratorError)
    ]


def in_the_code() -> set[str]:
    files = (ROOT / "migrator").rglob("*.py")
    return {code for file in files for code in CODE.findall(file.read_text())}


def sections() -> dict[str, tuple[str, str]]:
    page = (ROOT / "docs" / "errors.md").read_text()
    found = SECTION.findall(page)
    assert len({code for code, _, _ in found}) == len(found), "a code has two sections"
    return {code: (name, text) for code, name, text in found}


def test_the_codes_of_the_code_and_of_the_page_are_the_same() -> None:
    # Findings, MIG100 to MIG899, are the codemod's; they have tests of their own.
    assert {code for code in sections() if CODE.fullmatch(code)} == in_the_code()


def test_each_class_has_a_code_of_its_own_and_the_page_names_it() -> None:
    own = {found.__dict__["code"]: found.__name__ for found in classes()}
    assert len(own) == len(classes())
    page = {code: name for code, (name, _) in sections().items()}
    assert {code: page[code] for code in own} == own


@pytest.mark.parametrize("code", sorted(in_the_code()))
def test_each_section_says_what_to_do(code: str) -> None:
    _, text = sections()[code]
    meaning, do, advice = text.partition("**Do:**")
    assert meaning.strip()
    assert do
    assert advice.strip()


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = re.findall(r"── (\w+)", errors.__doc__ or "")
    assert sorted(drawn) == sorted(
        found.__name__ for found in classes() if found is not MigratorError
    )


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_the_exit_code_follows_from_the_branch_and_the_code(kind: type[MigratorError]) -> None:
    if issubclass(kind, UsageError):
        assert (kind.exit_code, kind.code[:4]) == (2, "MIG0")
    elif issubclass(kind, InternalError):
        assert (kind.exit_code, kind.code[:4]) == (3, "MIG9")
    else:
        assert kind is MigratorError


def test_a_message_has_three_parts_and_may_have_a_code_of_its_own() -> None:
    error = UsageError("You had this.", "It can't work.", "Do that.", code="MIG999")
    assert str(error) == "You had this. It can't work. Do that."
    assert (error.what, error.why, error.hint) == ("You had this.", "It can't work.", "Do that.")
    assert (error.code, UsageError.code) == ("MIG999", "MIG001")
