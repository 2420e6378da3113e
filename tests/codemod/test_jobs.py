"""Several processes give what one gives, and nothing of them stays behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from migrator.codemod import jobs
from migrator.codemod.convert import Conversion, convert
from migrator.codemod.rewriting import module
from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.imports import add_imports
from migrator.errors import WorkerDied

SHOP = Path(__file__).parent / "kit" / "shop"


@pytest.fixture(autouse=True)
def _small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SHARE", 1)


@pytest.fixture(scope="module")
def one() -> Conversion:
    """What one process makes of the shop."""
    return convert(SHOP, package="new")


def test_any_number_of_processes_gives_the_same(one: Conversion) -> None:
    told: list[tuple[str, int, int]] = []
    several = convert(SHOP, package="new", jobs=3, progress=lambda *t: told.append(t))
    assert list(several.texts.items()) == list(one.texts.items())
    assert several.findings == one.findings
    assert [done for _, done, _ in told] == [*range(1, len(told) + 1)]
    assert not multiprocessing.active_children()


def test_a_fault_in_a_process_costs_one_file(
    one: Conversion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str, context: Context) -> str:
        if "def update_all_rows(" in text:
            raise ZeroDivisionError("by zero")
        return add_imports(text, context)

    monkeypatch.setattr(module, "add_imports", broken)
    made = convert(SHOP, package="new", jobs=2)
    assert made.failed == {"shop.writes"}
    assert [(f.path, f.code) for f in made.findings if f.code == "MIG901"] == [
        ("writes.py", "MIG901")
    ]
    assert {p for p, text in one.texts.items() if text != made.texts[p]} == {"writes.py"}


def test_a_process_that_is_killed_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = os.getpid()

    def killed(*_: object) -> str:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return ""

    monkeypatch.setattr(module, "apply_edits", killed)
    with pytest.raises(WorkerDied, match="before its time"):
        convert(SHOP, package="new", jobs=2)
    assert not multiprocessing.active_children()


def test_an_interruption_leaves_no_process() -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(SHOP, package="new", jobs=2, progress=interrupted)
    assert not multiprocessing.active_children()
