"""Every error has a code of its own, and the page of that code names it."""

from __future__ import annotations

import inspect
import re

import pytest

from migrator import errors
from migrator.errors import InternalError, MigratorError, UsageError
from migrator.report.pages import pages, title


def classes() -> list[type[MigratorError]]:
    return [
        found
        for _, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, MigratorError)
    ]


def test_each_class_has_a_code_of_its_own_and_the_page_names_it() -> None:
    own = {found.__dict__["code"]: found.__name__ for found in classes()}
    assert len(own) == len(classes())
    assert {code: title(code) for code in own} == own


@pytest.mark.parametrize("code", [name for name in pages() if re.match("MIG[09]", name)])
def test_each_page_says_what_to_do(code: str) -> None:
    meaning, do, advice = pages()[code].text.partition("**Do:**")
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
