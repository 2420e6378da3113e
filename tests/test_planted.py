"""The compare finds what it should: twenty planted divergences.

That it finds none in the application as it is, tests/test_shadow_legacy.py tells.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from migrator.runtime.shadow import Verdict, among
from tests.plants import AT_ONCE, PLANTS, Plant
from tests.storefront import CASES, TARGET, compare, seed, told


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A seeded SQLite database for the tests of a worker: each leaves it as it was."""
    made = f"sqlite:///{tmp_path_factory.mktemp('planted') / 'storefront.sqlite3'}"
    seed(made)
    return made


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with a copy of the converted application."""
    # What is compiled comes with its source. Another worker may be writing it: under a name that goes on.
    unwanted = shutil.ignore_patterns("*.pyc.*", "instance")
    shutil.copytree(TARGET, tmp_path / "target_app", ignore=unwanted)
    return tmp_path


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_each_divergence_is_reported(
    plant: Plant, url: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant.put_into(copy / "target_app")
    report = compare(url, CASES, *plant.only, folder=copy, environment=monkeypatch)
    assert report.exit_code == 1
    assert {case.verdict for case in report.failures} == {Verdict.DIFFERENT}
    channel, place = plant.found
    found = [d for case in report.failures for d in case.comparison.differences]
    assert any(d.channel == channel and d.path.startswith(place) for d in found), [
        told(case) for case in report.failures
    ]


@pytest.mark.parametrize("name", AT_ONCE)
def test_what_shows_at_once_alone(
    name: str, url: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(among, "STILL", 1.0)
    *_, last = AT_ONCE[name]
    alike = compare(url, CASES, *last.only, folder=copy, environment=monkeypatch, at_once=8)
    assert [told(case) for case in alike.failures] == []
    for plant in AT_ONCE[name]:
        plant.put_into(copy / "target_app")
    alone = compare(url, CASES, *last.only, folder=copy, environment=monkeypatch)
    assert alone.exit_code == 0
    report = compare(url, CASES, *last.only, folder=copy, environment=monkeypatch, at_once=8)
    assert report.exit_code == 1
    assert report.at_once is not None
    assert {case.tier for case in report.failures} == {"at once"}
    channel, place = last.found
    found = [d for case in report.failures for d in case.comparison.differences]
    assert any(d.channel == channel and d.path.startswith(place) for d in found), [
        told(case) for case in report.failures
    ]


def test_there_are_twenty() -> None:
    assert len({plant.name for plant in PLANTS}) == 20
