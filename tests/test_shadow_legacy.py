"""All declared cases on both databases: the converted application answers like the legacy one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.storefront import AREAS, compare, of_area, told

#: Where a plain function, called after a commit, reads what hangs on `g`: the row is fetched again
#: as in the legacy application, and a warning tells the place.
EXPIRED = {"shop": {"shop.py:50"}}


@pytest.mark.parametrize("area", AREAS)
def test_no_difference(area: str, storefront_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = compare(storefront_url, of_area(area), environment=monkeypatch)
    assert [told(case) for case in report.failures] == []
    loads = {load.partition(" ")[0] for case in report.cases for load in case.target.implicit_loads}
    assert {Path(load).name for load in loads} == EXPIRED.get(area, set())
    more = [
        row.endpoint for row in report.endpoints if row.target.statements > row.legacy.statements
    ]
    assert len(more) <= len(report.endpoints) / 10, more
