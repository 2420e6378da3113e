"""Suppression comments: what a comment covers."""

from __future__ import annotations

import pytest

from migrator.codemod.suppress import keeps

WHY = "# migrator: keep[MIG401] why"


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("a = 1\nb = 2\n", set()),
        (f"a = 1  {WHY}\nb = 2\n", {1}),
        (f"{WHY}\na = 1\nb = 2\n", {1, 2}),
        (f"{WHY}\n# and more\n\na = 1\nb = 2\n", {1, 2, 3, 4}),
        (f"a = [\n    1,  {WHY}\n    2,\n]\nb = 2\n", {1, 2, 3, 4}),
        (f"a = [\n    1,\n]  {WHY}\nb = 2\n", {1, 2, 3}),
        (f"def f():\n    {WHY}\n    return 1\n", {2, 3}),
        (f"if a:\n    b = 1\n{WHY}\nelse:\n    c = 1\n", {3, 4}),
        (f"a = 1\n{WHY}\n", {2}),
        (f"a = '{WHY}'\n", set()),
        (f"a = '''\n{WHY}\n'''\n", set()),
    ],
)
def test_lines_that_a_comment_covers(text: str, covered: set[int]) -> None:
    found = keeps(text)
    assert {n for k in found for n in range(1, 9) if k.covers(n, "MIG401")} == covered
    assert not any(k.covers(n, "MIG402") for k in found for n in range(1, 9))


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        ("# migrator: keep[MIG401]", ("MIG401",)),
        ("#migrator:keep[MIG401,MIG305] both", ("MIG401", "MIG305")),
        ("# migrator: keep", ()),
        ("# migrator: keep[]", ()),
        ("# migrator: keep[401]", ()),
        ("# migrator: keep MIG401", ()),
    ],
)
def test_what_a_comment_names(comment: str, codes: tuple[str, ...]) -> None:
    assert [k.codes for k in keeps(f"a = 1  {comment}\n")] == [codes]


@pytest.mark.parametrize("comment", ["# migrator: left on the mount", "# keep[MIG401]", "# noqa"])
def test_other_comments_are_none(comment: str) -> None:
    assert keeps(f"a = 1  {comment}\n") == []
