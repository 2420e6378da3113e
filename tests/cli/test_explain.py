"""`migrator explain`: codes and rules as people write them, and what is said of others."""

from __future__ import annotations

import pytest

from migrator.cli import run
from migrator.report.pages import page, pages


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("MIG402", "MIG402"),
        ("mig402", "MIG402"),
        ("402", "MIG402"),
        ("MIG030", "MIG030"),
        ("select_root", "select_root"),
        ("select-root", "select_root"),
    ],
)
def test_a_page_is_shown(asked: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", asked]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (pages()[name].text, "")


def test_without_a_name_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 0
    out = capsys.readouterr().out
    assert all(f"[{name}]" in out for name in pages())


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("MIG599", "MIG5"),
        ("selct_root", "select_root"),
        ("route", "flask_route"),
        ("MIG4", "MIG40"),
    ],
)
def test_an_unknown_name_gets_near_ones(
    asked: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", asked]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "error[MIG007]" in err
    assert near in err.partition("Did you mean ")[2]
    assert err.count("\n") == 3


def test_what_is_like_nothing_gets_no_guess(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "xyzzyxyzzy"]) == 2
    assert "Did you mean" not in capsys.readouterr().err


def test_each_page_has_a_title_of_one_line() -> None:
    for name in pages():
        assert page(name).title
        assert "\n" not in page(name).title
